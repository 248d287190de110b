import assert from "node:assert/strict";
import { test } from "node:test";
import { createLog } from "../../src/telemetry/log.ts";

function capture(options: { readonly level?: string; readonly pretty?: boolean } = {}): {
  readonly log: ReturnType<typeof createLog>;
  readonly lines: string[];
} {
  const lines: string[] = [];
  const destination = { write: (line: string): void => void lines.push(line) };
  return { log: createLog({ level: "info", ...options, destination }), lines };
}

test("a line is JSON with its time, level and fields", () => {
  const { log, lines } = capture();
  log.warn({ turnId: "trn_1" }, "turn ended");
  const { time, ...line } = JSON.parse(lines[0] ?? "") as { time: string };
  assert.deepEqual(line, { level: "warn", turnId: "trn_1", msg: "turn ended" });
  assert.equal(new Date(time).toISOString(), time);
});

test("what is less severe than the level is not written", () => {
  const { log, lines } = capture({ level: "error" });
  log.warn("quiet");
  log.error("loud");
  assert.equal(lines.length, 1);
});

test("secrets and texts are hidden down to the third level", () => {
  const { log, lines } = capture();
  const hidden = { token: "sesame", secret: "sesame", apiKey: "sesame", authorization: "sesame", text: "sesame" };
  log.info({ ...hidden, headers: { ...hidden, cookie: "sesame" }, request: { headers: hidden } }, "request");
  assert.doesNotMatch(lines[0] ?? "", /sesame/);
  assert.equal(lines[0]?.match(/\[hidden\]/g)?.length, 16);
});

test("a person gets one readable line", () => {
  const { log, lines } = capture({ pretty: true });
  log.info({ sessionId: "ses_1", reset: null, reason: "two words", apiKey: "sesame" }, "session opened");
  assert.match(
    lines[0] ?? "",
    /^\d\d:\d\d:\d\d\.\d{3} info  session opened sessionId=ses_1 reset=null reason="two words" apiKey="\[hidden\]"\n$/,
  );
});
