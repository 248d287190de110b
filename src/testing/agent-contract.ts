import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { inspect } from "node:util";
import { AgentError, type AgentPart, type AgentTurn } from "../agent/agent.ts";
import { systemClock } from "../lib/clock.ts";
import {
  QUOTA_RETRY_AFTER_MS,
  type AgentAct,
  type AgentEnding,
  type AgentSubject,
  type AgentSubjectOptions,
  type OpenAgent,
} from "./agent-subject.ts";
import { createManualClock } from "./manual-clock.ts";
import { sourceOf } from "./sources.ts";
import { NO_PORTS } from "../agent/no-ports.ts";

/** What cannot be said of every agent. All default to true. */
export interface AgentTraits {
  /** Whether it reports calls of tools. */
  readonly tools?: boolean;
  /** Whether it reports the tokens it used. */
  readonly usage?: boolean;
  /** Whether it can finish other than as `done`. */
  readonly finishReasons?: boolean;
  /** Whether it has a far side that can fail. */
  readonly faults?: boolean;
  /** Whether it ends an attempt in which its far side is silent for too long. */
  readonly idleTimeout?: boolean;
}

const DONE: AgentEnding = { finish: "done", usage: null };
const IDLE_TIMEOUT_MS = 5_000;

/**
 * States the contract of the agent port with `node:test`, for the agents that `open` opens. Every rule
 * is played with an agent of its own, whose far side plays the rule's script; the turn says the words
 * of the script, so that an agent that repeats what was said passes too.
 *
 * @param name What the agents are called in the report.
 * @param open Opens an agent with a far side that plays a script.
 * @param traits What cannot be said of every agent. Default: all of it holds.
 */
export function agentContract(name: string, open: OpenAgent, traits: AgentTraits = {}): void {
  const { tools = true, usage = true, finishReasons = true, faults = true, idleTimeout = true } = traits;

  async function play(
    acts: readonly AgentAct[],
    ending: AgentEnding,
    body: (scene: Scene) => Promise<void>,
    options: AgentSubjectOptions = { clock: systemClock, idleTimeoutMs: 60_000 },
  ): Promise<void> {
    await using subject = await open({ acts, ending }, options);
    await body(sceneOf(subject, acts));
  }

  describe(`the agent contract on ${name}`, () => {
    it("streaming: the words come in order and complete, and the stream ends after one finish", () =>
      play([{ say: "Good " }, { say: "morning, " }, { say: "Ada." }], DONE, async ({ begin }) => {
        const parts = begin();
        const said = await toEnd(parts);
        assert.equal(textOf(said), "Good morning, Ada.");
        assert.deepEqual(said.at(-1), { type: "finish", reason: "done" });
        assert.equal(said.filter((part) => part.type === "finish").length, 1);
        assert.equal((await parts.next()).done, true);
      }));

    it("streaming: a piece is handed on before the next one exists", () =>
      play([{ say: "one " }, "hold", { say: "two" }], DONE, async ({ begin, subject }) => {
        const parts = begin();
        assert.equal(textOf([await nextPart(parts)]).trim(), "one");
        subject.release();
        assert.equal(textOf(await toEnd(parts)).trim(), "two");
      }));

    it("streaming: runs at the same time do not mix, and each is asked once", () =>
      play([{ say: "one " }, "hold", { say: "two" }], DONE, async ({ begin, subject }) => {
        const runs = [begin(), begin(), begin()];
        const first = await Promise.all(runs.map(nextPart));
        subject.release();
        const rest = await Promise.all(runs.map(toEnd));
        assert.deepEqual(
          rest.map((said, run) => textOf([...first.slice(run, run + 1), ...said])),
          ["one two", "one two", "one two"],
        );
        assert.equal(subject.asked(), 3);
      }));

    if (tools) {
      it("tools: each call is shown when it starts and when it ends, numbered from 0", () =>
        play([{ say: "Let me see." }, { call: "search" }], DONE, async ({ begin }) => {
          const calls = (await toEnd(begin())).filter((part) => part.type === "tool");
          assert.deepEqual(
            calls.map(({ index, name: tool }) => ({ index, tool })),
            [
              { index: 0, tool: "search" },
              { index: 0, tool: "search" },
            ],
          );
          assert.equal(calls[0]?.state, "started");
          assert.match(calls[1]?.state ?? "", /^(finished|failed)$/);
        }));
    }

    if (usage) {
      it("usage: what is reported arrives before the finish", () =>
        play(
          [{ say: "Hello." }],
          { finish: "done", usage: { inputTokens: 12, outputTokens: 3 } },
          async ({ begin }) => {
            const [before, last] = (await toEnd(begin())).slice(-2);
            assert.ok(before?.type === "usage" && before.model !== "");
            assert.deepEqual([before.inputTokens, before.outputTokens, last?.type], [12, 3, "finish"]);
          },
        ));
    }

    if (finishReasons) {
      for (const reason of ["done", "length", "filtered"] as const) {
        it(`finish: the reason ${reason}`, () =>
          play([{ say: "Hello." }], { finish: reason, usage: null }, async ({ begin }) => {
            assert.deepEqual((await toEnd(begin())).at(-1), { type: "finish", reason });
          }));
      }
    }

    it("abort: before the run, nobody is asked and the reason is thrown", () =>
      play(["mark", { say: "one " }], DONE, async ({ begin, subject }) => {
        await assert.rejects(toEnd(begin(AbortSignal.abort(STOP))), STOP);
        assert.deepEqual([subject.asked(), subject.marks()], [0, 0]);
      }));

    it("abort: while a part is awaited, nothing more is said or done and the reason is thrown", () =>
      play([{ say: "one " }, "hold", "mark", { say: "two" }, "mark"], DONE, async ({ begin, subject }) => {
        const controller = new AbortController();
        const parts = begin(controller.signal);
        await nextPart(parts);
        const awaited = parts.next();
        controller.abort(STOP);
        await assert.rejects(awaited, STOP);
        assert.equal((await parts.next()).done, true);
        await assertNothingMore(subject);
      }));

    it("abort: while nobody asks for a part, the far side ends and the reason is thrown", () =>
      play([{ say: "one " }, "hold", "mark", { say: "two" }, "mark"], DONE, async ({ begin, subject }) => {
        const controller = new AbortController();
        const parts = begin(controller.signal);
        await nextPart(parts);
        controller.abort(STOP);
        await assert.rejects(parts.next(), STOP);
        await assertNothingMore(subject);
      }));

    it("abort: one run that is aborted leaves the others alone", () =>
      play([{ say: "one " }, "hold", { say: "two" }], DONE, async ({ begin, subject }) => {
        const controller = new AbortController();
        const [ended, other] = [begin(controller.signal), begin()];
        await Promise.all([nextPart(ended), nextPart(other)]);
        controller.abort(STOP);
        await assert.rejects(ended.next(), STOP);
        subject.release();
        assert.equal(textOf(await toEnd(other)).trim(), "two");
      }));

    it("leaving: when nobody reads on, the far side ends", () =>
      play([{ say: "one " }, "hold", "mark", { say: "two" }, "mark"], DONE, async ({ begin, subject }) => {
        const parts = begin();
        await nextPart(parts);
        await parts.return(undefined);
        await assertNothingMore(subject);
      }));

    if (faults) {
      for (const [fault, retryable, retryAfterMs] of [
        ["retryable", true, null],
        ["quota", true, QUOTA_RETRY_AFTER_MS],
        ["permanent", false, null],
      ] as const) {
        it(`faults: ${fault} is an AgentError that says so and quotes nobody`, () =>
          play([], { fault }, async ({ begin }) => {
            const error = await faultOf(begin(undefined, SECRET));
            assert.deepEqual([error.retryable, error.retryAfterMs], [retryable, retryAfterMs]);
          }));
      }

      it("faults: a far side that is gone in the middle is worth another attempt", () =>
        play([{ say: "one " }], "break", async ({ begin }) => {
          assert.equal((await faultOf(begin(undefined, SECRET))).retryable, true);
        }));
    }

    if (idleTimeout) {
      it("time: silence ends the attempt and the far side, and is worth another one", async () => {
        const clock = createManualClock(0);
        const options = { clock, idleTimeoutMs: IDLE_TIMEOUT_MS };
        const acts: readonly AgentAct[] = [{ say: "one " }, "hold", "mark", { say: "two" }];
        await play(
          acts,
          DONE,
          async ({ begin, subject }) => {
            const parts = begin();
            await nextPart(parts);
            clock.advance(2 * IDLE_TIMEOUT_MS);
            const fault = faultOf(parts);
            let isOver = false;
            void fault.finally(() => (isOver = true));
            while (!isOver) {
              clock.advance(IDLE_TIMEOUT_MS);
              await new Promise(setImmediate);
            }
            assert.equal((await fault).retryable, true);
            await assertNothingMore(subject);
          },
          options,
        );
      });
    }
  });
}

interface Scene {
  readonly subject: AgentSubject;
  /** Begins a run of a turn that says the script's words, or these. */
  begin(signal?: AbortSignal, words?: string): Parts;
}

type Parts = AsyncGenerator<AgentPart, undefined>;

const STOP = new Error("stop");
const SECRET = "wisteria-lane";

function sceneOf(subject: AgentSubject, acts: readonly AgentAct[]): Scene {
  const script = acts.map((act) => (typeof act === "object" && "say" in act ? act.say : "")).join("");
  return {
    subject,
    begin: (signal = new AbortController().signal, words = script) => read(subject, turnOf(words), signal),
  };
}

/** Whatever the agent's stream is made of, it is read and left as `for await` does. */
async function* read({ agent }: AgentSubject, turn: AgentTurn, signal: AbortSignal): Parts {
  for await (const part of agent.run(turn, signal, NO_PORTS)) yield part;
  return undefined;
}

function turnOf(text: string): AgentTurn {
  return {
    turnId: "trn_contract",
    attempt: 1,
    sessionId: "ses_contract",
    source: sourceOf({ user: "ada" }),
    reset: null,
    instructions: null,
    summary: null,
    note: null,
    transcript: [],
    messages: [{ seq: 1, role: "user", text, attachments: [], sender: { id: "ada", name: "Ada" } }],
  };
}

/** The far side has ended; let go on, it does nothing. */
async function assertNothingMore(subject: AgentSubject): Promise<void> {
  await subject.rested();
  subject.release();
  for (let turn = 0; turn < 5; turn += 1) await new Promise(setImmediate);
  assert.equal(subject.marks(), 0, "nothing may happen after the end");
}

async function nextPart(parts: Parts): Promise<AgentPart> {
  const { value } = await parts.next();
  assert.ok(value !== undefined, "the stream must have another part");
  return value;
}

async function toEnd(parts: Parts): Promise<readonly AgentPart[]> {
  const said: AgentPart[] = [];
  for await (const part of parts) said.push(part);
  return said;
}

async function faultOf(parts: Parts): Promise<AgentError> {
  const error = await toEnd(parts).then(
    () => assert.fail("the run must fail"),
    (thrown: unknown) => thrown,
  );
  assert.ok(error instanceof AgentError, String(error));
  assert.ok(!inspect(error).includes(SECRET), "an error must quote nobody");
  return error;
}

function textOf(parts: readonly AgentPart[]): string {
  return parts.map((part) => (part.type === "text" ? part.text : "")).join("");
}
