import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { openFakeTelegram, type FakeTelegram } from "../../src/testing/fake-telegram.ts";

interface Answer {
  readonly ok: boolean;
  readonly result?: unknown;
  readonly error_code?: number;
  readonly description?: string;
  readonly parameters?: object;
}

async function call(api: FakeTelegram, method: string, parameters: object = {}, token = api.token): Promise<Answer> {
  const response = await fetch(`${api.baseUrl}/bot${token}/${method}`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify(parameters),
  });
  return (await response.json()) as Answer;
}

const idsOf = ({ result }: Answer): number[] => (result as { update_id: number }[]).map(({ update_id: id }) => id);

describe("the fake Bot API", () => {
  it("hands out updates again until a higher offset confirms them", async () => {
    await using api = await openFakeTelegram();
    const last = api.push({ message: 1 }, { message: 2 });
    assert.deepEqual(idsOf(await call(api, "getUpdates")), [last - 1, last]);
    assert.deepEqual(idsOf(await call(api, "getUpdates", { offset: last })), [last]);
    assert.equal(api.unconfirmed(), 1);
    assert.deepEqual(idsOf(await call(api, "getUpdates", { offset: last + 1 })), []);
    assert.equal(api.unconfirmed(), 0);
  });

  it("holds a question until there is something, and lets one reader ask", async () => {
    await using api = await openFakeTelegram();
    const first = call(api, "getUpdates", { timeout: 30 });
    await api.until(() => api.calls.length === 1);
    const second = call(api, "getUpdates", { timeout: 30 });
    assert.equal((await first).error_code, 409);
    const last = api.push({ message: 1 });
    assert.deepEqual(idsOf(await second), [last]);
  });

  it("takes no other token", async () => {
    await using api = await openFakeTelegram();
    assert.equal((await call(api, "getMe", {}, "4242:other")).error_code, 401);
    assert.equal((await call(api, "getMe", {}, "nonsense")).error_code, 404);
    assert.deepEqual((await call(api, "getMe")).result, {
      id: 4242,
      is_bot: true,
      first_name: "Parlor",
      username: "parlor_bot",
    });
  });

  it("refuses what Telegram refuses: too long, empty, Markdown that is none", async () => {
    await using api = await openFakeTelegram();
    const refusal = async (message: object): Promise<string | undefined> =>
      (await call(api, "sendMessage", { chat_id: 7, ...message })).description;
    assert.match((await refusal({ text: "x".repeat(4_097) })) ?? "", /too long/);
    assert.match((await refusal({ text: " " })) ?? "", /empty/);
    for (const text of ["a.b", "*open", "[a](", "**"]) {
      assert.match((await refusal({ text, parse_mode: "MarkdownV2" })) ?? "", /can't parse|empty/, text);
    }
    assert.equal(api.sent.length, 0);
    assert.equal(await refusal({ text: "*b* `a.b` [l](http://x/(y\\)) \\.", parse_mode: "MarkdownV2" }), undefined);
    assert.equal(api.sent[0]?.text, "b a.b l .");
  });

  it("fails as it is told, before or after it did what was asked", async () => {
    await using api = await openFakeTelegram();
    api.next("sendMessage", { status: 429, description: "Too Many Requests", retryAfterS: 3 }, "cut");
    const limited = await call(api, "sendMessage", { chat_id: 7, text: "a" });
    assert.deepEqual([limited.error_code, limited.parameters], [429, { retry_after: 3 }]);
    assert.equal(api.sent.length, 0);
    await assert.rejects(call(api, "sendMessage", { chat_id: 7, text: "b" }));
    assert.deepEqual(
      api.sent.map(({ text }) => text),
      ["b"],
    );
  });
});
