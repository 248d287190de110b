import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { describe, test } from "node:test";
import { ParlorError } from "../../src/core/errors.ts";
import type { SessionKey } from "../../src/core/session-key.ts";
import type { Clock } from "../../src/lib/clock.ts";
import { createTelemetry, type MeasuredTelemetry } from "../../src/telemetry/create-telemetry.ts";
import { createLog } from "../../src/telemetry/log.ts";

const turn = { turnId: "trn_1", sessionId: "ses_1", platform: "demo", attempt: 1, agent: "echo" };
const delivery = { deliveryId: "dlv_1", sessionId: "ses_1", turnId: "trn_1", platform: "demo", attempt: 1, ageMs: 40 };
const key = (name: string): SessionKey => JSON.stringify([name]) as SessionKey;

interface Watched {
  readonly telemetry: MeasuredTelemetry;
  readonly lines: Record<string, unknown>[];
  readonly advance: (ms: number) => void;
  /** The samples of a metric by their labels. */
  readonly samples: (name: string) => Promise<Record<string, number>>;
}

function watch(): Watched {
  let now = 0;
  const clock: Clock = { now: () => now, monotonic: () => now, timer: () => () => {} };
  const lines: Record<string, unknown>[] = [];
  const destination = { write: (line: string): void => void lines.push(JSON.parse(line) as Record<string, unknown>) };
  const telemetry = createTelemetry({ log: createLog({ level: "trace", destination }), clock });
  const samples = async (name: string): Promise<Record<string, number>> => {
    const text = await telemetry.metrics();
    const found = text.matchAll(new RegExp(`^${name}(?:\\{(.*)\\})? (\\S+)$`, "gm"));
    return Object.fromEntries([...found].map(([, labels = "", value]) => [labels, Number(value)]));
  };
  return { telemetry, lines, samples, advance: (ms) => void (now += ms) };
}

test("what was received, and what was not stored for it, is told as numbers", () => {
  const { telemetry } = watch();
  for (const outcome of ["accepted", "signal", "signal", "duplicate"] as const) {
    telemetry.inbound(outcome, { platform: "demo" });
  }
  for (const name of ["a", "b", "b"]) telemetry.emptySessionAvoided(key(name));
  const before = telemetry.counts();
  telemetry.inbound("failed", { platform: "demo" });
  telemetry.sessionOpened(key("a"), { sessionId: "ses_1", platform: "demo", reset: null });
  assert.deepEqual(before, {
    received: { signal: 2, duplicate: 1, rejected: 0, command: 0, failed: 0, accepted: 1 },
    emptySessionsAvoided: 2,
  });
  assert.deepEqual([telemetry.counts().received.failed, telemetry.counts().emptySessionsAvoided], [1, 1]);
});

test("every event counts once and writes one line without content", async () => {
  const { telemetry, lines, samples } = watch();
  telemetry.inbound("accepted", { platform: "demo", sessionId: "ses_1", seq: 1 });
  telemetry.inbound("signal", { platform: "demo", detail: "ping" });
  telemetry.sessionOpened(key("a"), { sessionId: "ses_1", platform: "demo", reset: null });
  telemetry.turnStarted({ ...turn, model: null, waitedMs: 20, seqs: [1, 2] });
  telemetry.firstToken({ ...turn, afterMs: 300 });
  telemetry.turnEnded({ ...turn, outcome: "done", ranMs: 1500 });
  telemetry.deliverySettled({ ...delivery, state: "sent" });
  telemetry.hookSettled({ eventId: 1, type: "turn:end", outcome: "done", attempt: 1 });
  telemetry.faulted({ where: "turns", error: new Error("full") });

  assert.deepEqual(
    lines.map(({ level, msg }) => `${String(level)} ${String(msg)}`),
    [
      "debug event received",
      "debug event received",
      "info session opened",
      "debug turn started",
      "debug first token",
      "info turn ended",
      "info delivery settled",
      "debug hook settled",
      "error fault",
    ],
  );
  assert.equal((await samples("parlor_events_total"))['outcome="accepted"'], 1);
  assert.equal((await samples("parlor_signals_total"))['name="ping"'], 1);
  assert.deepEqual(await samples("parlor_sessions_opened_total"), { 'platform="demo",reset="none"': 1 });
  assert.equal((await samples("parlor_turns_total"))['outcome="done"'], 1);
  assert.equal((await samples("parlor_turn_wait_seconds_sum"))[""], 0.02);
  assert.equal((await samples("parlor_turn_first_token_seconds_sum"))[""], 0.3);
  assert.equal((await samples("parlor_turn_run_seconds_sum"))[""], 1.5);
  assert.deepEqual(await samples("parlor_deliveries_total"), { 'platform="demo",state="sent"': 1 });
  assert.equal((await samples("parlor_hooks_total"))['outcome="done"'], 1);
  assert.deepEqual(await samples("parlor_faults_total"), { 'where="turns"': 1 });
});

test("what an agent does within a turn is counted without a name, and what it leaves open with the end", async () => {
  const { telemetry, lines, samples } = watch();
  telemetry.turnStarted({ ...turn, model: "m", waitedMs: 0, seqs: [1] });
  assert.equal((await samples("parlor_turns_running"))[""], 1);
  for (const state of ["started", "finished"] as const) telemetry.toolCalled({ ...turn, index: 0, name: "pay", state });
  for (const state of ["started", "failed"] as const) telemetry.toolCalled({ ...turn, index: 1, name: "pay", state });
  telemetry.toolCalled({ ...turn, index: 2, name: "pay", state: "started" });
  telemetry.tokensUsed({ ...turn, model: "m", inputTokens: 12, outputTokens: 3 });
  telemetry.tokensUsed({ ...turn, model: "m", inputTokens: Number.NaN, outputTokens: -1 });
  const question = { turnId: "trn_1", sessionId: "ses_1", questionId: "qst_1" };
  telemetry.questionAsked({ ...question, choices: 2 });
  telemetry.questionEnded({ ...question, outcome: "answered" });
  telemetry.turnEnded({ ...turn, outcome: "lost", ranMs: 1 });
  telemetry.deliverySettled({ ...delivery, state: "lost" });
  telemetry.leaseLost({ name: "telegram:4242" });

  assert.equal((await samples("parlor_turns_running"))[""], 0);
  assert.deepEqual(await samples("parlor_tool_calls_total"), {
    'outcome="finished"': 1,
    'outcome="failed"': 1,
    'outcome="unfinished"': 1,
  });
  assert.deepEqual(await samples("parlor_tokens_total"), {
    'model="m",direction="input"': 12,
    'model="m",direction="output"': 3,
  });
  assert.partialDeepStrictEqual(await samples("parlor_questions_total"), {
    'outcome="asked"': 1,
    'outcome="answered"': 1,
  });
  assert.deepEqual(await samples("parlor_leases_lost_total"), {
    'lease="turn"': 1,
    'lease="delivery"': 1,
    'lease="named"': 1,
  });
  assert.ok(!JSON.stringify(lines).includes("pay"));
});

test("how long a reply took is measured when its platform has it, and not before", async () => {
  const { telemetry, samples } = watch();
  telemetry.deliverySettled({ ...delivery, state: "pending", ageMs: 50 });
  telemetry.deliverySettled({ ...delivery, attempt: 2, state: "sent", ageMs: 1_500 });
  assert.deepEqual(await samples("parlor_delivery_seconds_sum"), { 'platform="demo"': 1.5 });
  assert.deepEqual(await samples("parlor_delivery_seconds_count"), { 'platform="demo"': 1 });
});

test("what there is to do is read when it is asked for; a store that cannot be read costs no more than that", async () => {
  const { telemetry, lines, advance } = watch();
  advance(10_000);
  const counts = { waiting: 3, sessions: 2, deliveries: 1, deadDeliveries: 4, deadTurns: 5, events: 6 };
  const text = await telemetry.metrics(() => Promise.resolve({ ...counts, oldestAt: 4_000, oldestDeliveryAt: null }));
  for (const sample of [
    "parlor_messages_waiting 3",
    "parlor_sessions_busy 2",
    "parlor_oldest_message_age_seconds 6",
    "parlor_turns_dead 5",
    "parlor_deliveries_waiting 1",
    "parlor_oldest_delivery_age_seconds 0",
    "parlor_deliveries_dead 4",
    "parlor_hook_events_waiting 6",
  ]) {
    assert.match(text, new RegExp(`^${sample}$`, "m"));
  }
  const without = await telemetry.metrics(() => Promise.reject(new ParlorError("STORE_UNAVAILABLE", "It is locked.")));
  assert.ok(!without.includes("parlor_messages_waiting") && without.includes("parlor_turns_total"));
  assert.deepEqual(
    lines.map(({ where, msg }) => `${String(where)} ${String(msg)}`),
    ["metrics fault"],
  );
});

test("what can be told in advance is there before the first event", async () => {
  const { samples } = watch();
  assert.deepEqual(await samples("parlor_turns_total"), {
    'outcome="done"': 0,
    'outcome="retrying"': 0,
    'outcome="dead"': 0,
    'outcome="cancelled"': 0,
    'outcome="interrupted"': 0,
    'outcome="lost"': 0,
  });
  assert.equal(Object.keys(await samples("parlor_events_total")).length, 6);
});

test("a key that only signals is an avoided session until it speaks", async () => {
  const { telemetry, samples } = watch();
  for (const name of ["a", "b", "a"]) telemetry.emptySessionAvoided(key(name));
  assert.ok(telemetry.isCountedAvoided(key("a")) && !telemetry.isCountedAvoided(key("c")));
  assert.deepEqual(await samples("parlor_empty_sessions_avoided_total"), { 'precision="exact"': 2 });
  telemetry.sessionOpened(key("a"), { sessionId: "ses_1", platform: "demo", reset: null });
  assert.ok(!telemetry.isCountedAvoided(key("a")));
  assert.deepEqual(await samples("parlor_empty_sessions_avoided_total"), { 'precision="exact"': 1 });
});

test("past the number that is counted exactly the metric says that it is an estimate", async () => {
  const { telemetry, samples } = watch();
  for (let name = 0; name <= 65_536; name += 1) telemetry.emptySessionAvoided(key(String(name)));
  assert.deepEqual(await samples("parlor_empty_sessions_avoided_total"), { 'precision="estimate"': 65_537 });
});

test("the labels of a metric stay few, whatever strangers send", async () => {
  const { telemetry, lines, samples } = watch();
  for (let index = 0; index < 200; index += 1) {
    const name = `made-up-${index}`;
    telemetry.inbound("signal", { platform: name, detail: name });
    telemetry.sessionOpened(key(name), { sessionId: "ses_1", platform: name, reset: name });
    telemetry.deliverySettled({ ...delivery, platform: name, state: "sent" });
    telemetry.tokensUsed({ ...turn, model: name, inputTokens: 1, outputTokens: 0 });
    telemetry.faulted({ where: name, error: new Error(name) });
  }
  assert.equal((await samples("parlor_signals_total"))['name="other"'], 200);
  assert.equal(Object.keys(await samples("parlor_deliveries_total")).length, 33);
  assert.equal(Object.keys(await samples("parlor_faults_total")).length, 33);
  assert.equal(Object.keys(await samples("parlor_tokens_total")).length, 34);
  const opened = Object.keys(await samples("parlor_sessions_opened_total"));
  assert.equal(new Set(opened.map((labels) => labels.split(",")[1])).size, 9);
  telemetry.inbound("rejected", { platform: "demo", detail: "x".repeat(10_000) });
  assert.equal(String(lines.at(-1)?.["detail"]).length, 200);
});

describe("faults", () => {
  test("the same one is written once in ten seconds, then with how often it was met", () => {
    const { telemetry, lines, advance } = watch();
    for (let met = 0; met < 5; met += 1) telemetry.faulted({ where: "turns", error: new Error("disk full") });
    assert.equal(lines.length, 1);
    advance(10_000);
    telemetry.faulted({ where: "turns", error: new Error("disk full") });
    assert.equal(lines.length, 2);
    assert.equal(lines[1]?.["repeatsOfLast"], 4);
  });

  test("another one, or one elsewhere, is written at once", async () => {
    const { telemetry, lines, samples } = watch();
    telemetry.faulted({ where: "turns", error: new Error("disk full") });
    telemetry.faulted({ where: "turns", error: new Error("read only") });
    telemetry.faulted({ where: "outbox", error: new Error("read only") });
    assert.equal(lines.length, 3);
    assert.deepEqual(await samples("parlor_faults_total"), { 'where="turns"': 2, 'where="outbox"': 1 });
  });

  test("what was put into words has no stack, the unexpected has one", () => {
    const { telemetry, lines } = watch();
    telemetry.faulted({ where: "a", error: new ParlorError("STORE_UNAVAILABLE", "The disk is full.") });
    telemetry.faulted({ where: "b", error: new TypeError("x is undefined") });
    assert.equal(lines[0]?.["err"], undefined);
    assert.match(JSON.stringify(lines[1]?.["err"]), /TypeError.*create-telemetry\.test/);
  });
});

test("any number of them share the metrics of the process, and none keeps it alive", () => {
  const script = `
    import { createTelemetry } from ${JSON.stringify(import.meta.resolve("../../src/telemetry/create-telemetry.ts"))};
    import { createLog } from ${JSON.stringify(import.meta.resolve("../../src/telemetry/log.ts"))};
    import { systemClock } from ${JSON.stringify(import.meta.resolve("../../src/lib/clock.ts"))};
    const make = () => createTelemetry({ log: createLog({ level: "info" }), clock: systemClock });
    const texts = await Promise.all([make(), make()].map((telemetry) => telemetry.metrics()));
    console.log(texts.every((text) => text.includes("process_cpu_seconds_total")));`;
  const { status, stdout, stderr } = spawnSync(process.execPath, ["--input-type=module", "--eval", script], {
    encoding: "utf8",
    timeout: 60_000,
  });
  assert.deepEqual({ status, stdout, stderr }, { status: 0, stdout: "true\n", stderr: "" });
});

test("the text has the media type that Prometheus asks for", () => {
  assert.match(watch().telemetry.contentType, /^text\/plain; version=0\.0\.4/);
});
