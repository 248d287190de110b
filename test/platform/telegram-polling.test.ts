import assert from "node:assert/strict";
import { once } from "node:events";
import { describe, it } from "node:test";
import { errorMessage, ParlorError } from "../../src/core/errors.ts";
import type { InboundEvent } from "../../src/core/event.ts";
import { createPolling } from "../../src/platform/telegram-polling.ts";
import { createTelegram } from "../../src/platform/telegram.ts";
import { openFakeTelegram } from "../../src/testing/fake-telegram.ts";
import { createManualClock } from "../../src/testing/manual-clock.ts";
import { setUpTelegram } from "./telegram-setup.ts";
import { ADA, DM, update } from "./telegram-updates.ts";

const GRACE = { id: 8, is_bot: false, first_name: "Grace" };
const textOf = (event: InboundEvent): string => (event.kind === "message" ? event.text : event.name);
const unavailable = (): ParlorError => new ParlorError("STORE_UNAVAILABLE", "The disk is full.", { retryable: true });

/** Time that passes as soon as somebody waits for it. */
function hurryingClock(): ReturnType<typeof createManualClock> {
  const clock = createManualClock(Date.UTC(2026, 0, 5, 12));
  return {
    ...clock,
    timer: (_delayMs, run) => {
      const handle = setImmediate(run);
      return () => clearImmediate(handle);
    },
  };
}

describe("polling Telegram", () => {
  it("confirms an update only after it was received", async () => {
    const gate = Promise.withResolvers<void>();
    const began = Promise.withResolvers<void>();
    await using rig = await setUpTelegram({
      receive: () => {
        began.resolve();
        return gate.promise;
      },
    });
    rig.platform.start();
    rig.api.push(update({ text: "Hello" }));
    await began.promise;
    assert.equal(rig.api.unconfirmed(), 1);
    gate.resolve();
    await rig.api.until(() => rig.api.unconfirmed() === 0);
    assert.deepEqual(rig.received.map(textOf), ["Hello"]);
  });

  it("tries again what could not be stored, in the order of each chat, and confirms none of it before", async () => {
    let refusals = 3;
    let unconfirmedWhenRefused = 0;
    await using rig = await setUpTelegram({
      clock: hurryingClock(),
      receive: async (event) => {
        if (event.source.user !== "7" || refusals === 0) return;
        refusals -= 1;
        unconfirmedWhenRefused = rig.api.unconfirmed();
        throw unavailable();
      },
    });
    await rig.deliver(
      update({ text: "a1" }),
      update({ text: "b1", from: GRACE, chat: { ...DM, id: 8 } }),
      update({ text: "a2" }),
      update({ text: "a3" }),
    );
    assert.deepEqual(rig.received.map(textOf), ["b1", "a1", "a2", "a3"]);
    assert.equal(unconfirmedWhenRefused, 4);
    assert.match(errorMessage(rig.faults[0]), /disk is full/);
  });

  it("gives up what can never be received, says so, and goes on", async () => {
    await using rig = await setUpTelegram({
      clock: hurryingClock(),
      receive: async (event) => {
        if (textOf(event) === "bad") throw new ParlorError("INVALID_INPUT", "It has no form.");
        if (textOf(event) === "broken") throw new Error("a defect");
      },
    });
    await rig.deliver(
      update({ text: "bad" }),
      update({ text: "broken" }),
      { message: { message_id: 5 } },
      update({ text: "good" }),
    );
    assert.deepEqual(rig.received.map(textOf), ["good"]);
    const given = rig.faults.map(errorMessage).filter((text) => text.includes("given up"));
    assert.equal(given.length, 3);
    assert.ok(given.every((text) => /update \d+ was given up/.test(text)));
  });

  it("gives up nothing that a store could not keep, whatever the store says of itself", async () => {
    let refusals = 30;
    await using rig = await setUpTelegram({
      clock: hurryingClock(),
      receive: async () => {
        refusals -= 1;
        if (refusals >= 0) throw new ParlorError("STORE_UNAVAILABLE", "The store is closed; open it again.");
      },
    });
    await rig.deliver(update({ text: "Hello" }));
    assert.deepEqual(rig.received.map(textOf), ["Hello"]);
  });

  it("goes on after an answer that is no list of updates", async () => {
    const answers: unknown[] = [true, [null], [{ update_id: "7" }], [{ update_id: 900 }], [{ update_id: 5 }]];
    const offsets: unknown[] = [];
    const done = Promise.withResolvers<void>();
    const faults: unknown[] = [];
    const taken: number[] = [];
    const polling = createPolling({
      bot: {
        call: async <T>(method: string, { offset }: Readonly<Record<string, unknown>>, signal: AbortSignal) => {
          if (method !== "getUpdates") return true as T;
          offsets.push(offset);
          if (answers.length > 0) return answers.shift() as T;
          done.resolve();
          await once(signal, "abort");
          throw signal.reason;
        },
        identify: async () => ({ username: null }),
        dispatch: async ({ update_id: id }) => void taken.push(id),
        parseMessage: () => assert.fail(),
      },
      isIdentified: () => true,
      clock: hurryingClock(),
      onFault: (error) => faults.push(error),
    });
    polling.start();
    await done.promise;
    await polling.stop();
    assert.deepEqual(taken, [900, 5]);
    assert.equal(faults.length, 3);
    assert.deepEqual(offsets.slice(0, 6), [0, 0, 0, 0, 901, 6], "after a quiet week Telegram counts anew");
  });

  it("hands out again, after a stop, what was not received", async () => {
    await using api = await openFakeTelegram();
    const faults: unknown[] = [];
    const refused = Promise.withResolvers<void>();
    const options = { token: api.token, apiBaseUrl: api.baseUrl, onFault: (error: unknown) => faults.push(error) };
    const first = await createTelegram({
      ...options,
      receive: () => {
        refused.resolve();
        return Promise.reject(unavailable());
      },
    });
    first.start();
    api.push(update({ text: "Hello" }));
    await refused.promise;
    await first.stop();
    assert.equal(api.unconfirmed(), 1);

    const heard: string[] = [];
    const second = await createTelegram({ ...options, receive: async (event) => void heard.push(textOf(event)) });
    second.start();
    await api.until(() => api.unconfirmed() === 0);
    await second.stop();
    assert.deepEqual(heard, ["Hello"]);
  });

  it("confirms at the stop what was received last", async () => {
    const received = Promise.withResolvers<void>();
    await using rig = await setUpTelegram({ receive: async () => received.resolve() });
    rig.platform.start();
    rig.api.push(update({ text: "Hello" }));
    await received.promise;
    await rig.platform.stop();
    assert.equal(rig.api.unconfirmed(), 0);
    assert.deepEqual(rig.received.map(textOf), ["Hello"]);
  });

  it("keeps asking when Telegram cannot be reached, refuses, or has another reader, and says what to do", async () => {
    await using rig = await setUpTelegram({ clock: hurryingClock() });
    rig.api.next(
      "getUpdates",
      { status: 502, description: "Bad Gateway" },
      { status: 409, description: "Conflict: terminated by other getUpdates request" },
      { status: 429, description: "Too Many Requests: retry after 3", retryAfterS: 3 },
      { status: 401, description: "Unauthorized" },
      "cut",
    );
    await rig.deliver(update({ text: "Hello" }));
    assert.deepEqual(rig.received.map(textOf), ["Hello"]);
    const [badGateway, conflict, tooMany, unauthorized, cut] = rig.faults.map(errorMessage);
    assert.match(badGateway ?? "", /502/);
    assert.match(conflict ?? "", /a bot has one reader\. Stop the other one/);
    assert.match(tooMany ?? "", /429/);
    assert.match(unauthorized ?? "", /TELEGRAM_BOT_TOKEN/);
    assert.match(cut ?? "", /cannot be reached/);
    assert.ok(!rig.faults.map(errorMessage).join().includes("fake-token"), "no token in a log");
  });

  it("takes over from a webhook, and drops nothing that waits", async () => {
    await using rig = await setUpTelegram();
    rig.api.push(update({ text: "earlier" }));
    await rig.deliver();
    assert.deepEqual(rig.received.map(textOf), ["earlier"]);
    assert.ok(rig.api.calls.indexOf("deleteWebhook") < rig.api.calls.indexOf("getUpdates"));
  });

  it("shows no typing and answers nothing by itself", async () => {
    await using rig = await setUpTelegram();
    await rig.deliver(update({ text: "Hello" }));
    assert.deepEqual([...new Set(rig.api.calls)].toSorted(), ["deleteWebhook", "getMe", "getUpdates"]);
  });
});

describe("a start on Telegram", () => {
  const options = { receive: async () => {}, onFault: () => {} };

  it("fails in one sentence with a token that Telegram does not know", async () => {
    await using api = await openFakeTelegram();
    await assert.rejects(createTelegram({ ...options, apiBaseUrl: api.baseUrl, token: "4242:other" }), {
      code: "START_FAILED",
      message:
        "Telegram does not know the bot of TELEGRAM_BOT_TOKEN (401 Unauthorized); " +
        "set it to the token that @BotFather shows for the bot.",
    });
  });

  it("says which packages are missing", async () => {
    const load = (): Promise<never> =>
      Promise.reject(Object.assign(new Error("Cannot find package 'chat'"), { code: "ERR_MODULE_NOT_FOUND" }));
    await assert.rejects(createTelegram({ ...options, apiBaseUrl: "http://127.0.0.1:1", token: "1:a", load }), {
      code: "START_FAILED",
      message: /npm install chat@4\.41\.1 @chat-adapter\/telegram@4\.41\.1$/,
    });
  });

  it("goes on without a network, and begins when there is one", async () => {
    await using api = await openFakeTelegram();
    api.next("getMe", "cut", { status: 500, description: "Internal Server Error" });
    const faults: unknown[] = [];
    const heard: string[] = [];
    const platform = await createTelegram({
      token: api.token,
      apiBaseUrl: api.baseUrl,
      clock: hurryingClock(),
      onFault: (error) => faults.push(error),
      receive: async (event) => void heard.push(textOf(event)),
    });
    assert.equal(platform.label, "telegram (not reached yet)");
    platform.start();
    api.push(update({ text: "@parlor_bot hi", chat: { id: -5, type: "group", title: "G" }, from: ADA }));
    await api.until(() => api.unconfirmed() === 0);
    await platform.stop();
    assert.deepEqual(heard, ["hi"], "it knows its name");
    assert.equal(faults.length, 2);
  });

  it("says who the bot is", async () => {
    await using rig = await setUpTelegram();
    assert.equal(rig.platform.label, "telegram @parlor_bot");
  });
});
