import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { describe, test } from "node:test";
import { ParlorError } from "../../src/core/errors.ts";
import type { SessionKey } from "../../src/core/session-key.ts";
import type { Clock } from "../../src/lib/clock.ts";
import { createTelemetry, type MeasuredTelemetry } from "../../src/telemetry/create-telemetry.ts";
import { createLog } from "../../src/telemetry/log.ts";

const turn = { turnId: "trn_1", sessionId: "ses_1", platform: "demo", attempt: 1 };
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
  telemetry.turnStarted({ ...turn, waitedMs: 20, messages: 2 });
  telemetry.firstToken({ ...turn, afterMs: 300 });
  telemetry.turnEnded({ ...turn, outcome: "done", ranMs: 1500 });
  telemetry.deliverySettled({ deliveryId: "dlv_1", platform: "demo", state: "sent", attempt: 1 });
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

test("what can be told in advance is there before the first event", async () => {
  const { samples } = watch();
  assert.deepEqual(await samples("parlor_turns_total"), {
    'outcome="done"': 0,
    'outcome="retrying"': 0,
    'outcome="dead"': 0,
    'outcome="cancelled"': 0,
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
    telemetry.deliverySettled({ deliveryId: "dlv_1", platform: name, state: "sent", attempt: 1 });
    telemetry.faulted({ where: name, error: new Error(name) });
  }
  assert.equal((await samples("parlor_signals_total"))['name="other"'], 200);
  assert.equal(Object.keys(await samples("parlor_deliveries_total")).length, 33);
  assert.equal(Object.keys(await samples("parlor_faults_total")).length, 33);
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
