import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { retry } from "../../src/lib/retry.ts";
import { createManualClock } from "../../src/testing/manual-clock.ts";
import { settle } from "../turn/eventually.ts";

class Passing extends Error {}

function setUp() {
  const clock = createManualClock(0);
  const stop = new AbortController();
  const faults: unknown[] = [];
  const options = {
    clock,
    backoff: { firstMs: 100, maxMs: 1_000 },
    isRetryable: (error: unknown) => error instanceof Passing,
    onFault: (error: unknown) => void faults.push(error),
    signal: stop.signal,
  };
  return { clock, stop, faults, options };
}

describe("retry", () => {
  it("calls again after a back-off, reports each failure, and gives the result", async () => {
    const { clock, faults, options } = setUp();
    let calls = 0;
    const result = retry(() => ((calls += 1) < 3 ? Promise.reject(new Passing()) : Promise.resolve("done")), options);
    for (const ms of [100, 200]) {
      await settle();
      clock.advance(ms);
    }
    assert.equal(await result, "done");
    assert.deepEqual([calls, faults.length], [3, 2]);
  });

  it("throws on what another try cannot mend", async () => {
    const { faults, options } = setUp();
    await assert.rejects(
      retry(() => Promise.reject(new TypeError("a bug")), options),
      /a bug/,
    );
    assert.equal(faults.length, 0);
  });

  it("ends a wait when its signal is aborted, with the last error", async () => {
    const { stop, options } = setUp();
    const result = retry(() => Promise.reject(new Passing("still down")), options);
    await settle();
    stop.abort();
    await assert.rejects(result, /still down/);
  });

  it("does not begin after its signal was aborted", async () => {
    const { stop, options } = setUp();
    stop.abort(new Error("too late"));
    await assert.rejects(
      retry(() => assert.fail("called"), options),
      /too late/,
    );
  });
});
