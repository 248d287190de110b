import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, it } from "node:test";
import { openSqliteStore } from "../../src/sqlite.ts";
import type { Store } from "../../src/store/store.ts";
import { RESULT, SOURCE, VERBS, claim, message } from "./verbs.ts";

interface Run {
  readonly finished: boolean;
  readonly statements: number;
}

function runChild(path: string, verb: string, killAfter: number): Promise<Run> {
  const files = [
    "--import",
    new URL("kill-after.ts", import.meta.url).href,
    new URL("child.ts", import.meta.url).pathname,
  ];
  return new Promise((resolve, reject) => {
    execFile(process.execPath, [...files, path, verb, String(killAfter)], (error, stdout, stderr) => {
      if (error?.signal !== "SIGKILL") return reject(new Error(`the child was not killed: ${stderr}`));
      const finished = /finished after (\d+)/.exec(stdout);
      resolve({ finished: finished !== null, statements: Number(finished?.[1] ?? killAfter) });
    });
  });
}

/** Everything is as it was before the verb, or as it is after it. */
async function assertWhole(store: Store): Promise<void> {
  for (const check of await store.reader.verify())
    assert.equal(check.defects, 0, `${check.name}: ${check.examples.join()}`);
  const stats = await store.reader.stats();
  assert.equal(stats.emptySessions, 0);
  assert.equal(stats.pinnedSessions, 0);
}

/** What a platform and a restarted gateway do after a crash: redeliver, take over, answer. */
async function recover(store: Store, verb: string): Promise<void> {
  if (verb === "a reset") await store.reset({ source: SOURCE }, { source: SOURCE, eventId: "reset" });
  await store.accept(message(1));
  await store.accept(message(2));
  await store.releaseNode("child");
  while ((await store.reader.nextDue()).turn !== null) await store.commitTurn((await claim(store)).lease, RESULT);
}

async function assertRecovered(store: Store, verb: string): Promise<void> {
  await assertWhole(store);
  const { messages, sessions } = await store.reader.stats();
  assert.equal(sessions, 1, "the redelivered messages opened no second session");
  const expected = verb === "a reset" ? { answered: 0, cancelled: 2 } : { answered: 2, cancelled: 0 };
  assert.deepEqual({ answered: messages.answered, cancelled: messages.cancelled }, expected);
}

describe("a process killed after any SQL statement leaves a whole store", { concurrency: 2 }, () => {
  for (const verb of Object.keys(VERBS)) {
    it(`of ${verb}`, async () => {
      for (let killAfter = 1; ; killAfter += 1) {
        const folder = await mkdtemp(join(tmpdir(), "parlor-crash-"));
        try {
          const path = join(folder, "parlor.db");
          const run = await runChild(path, verb, killAfter);
          await using store = await openSqliteStore({ path });
          await assertWhole(store);
          await recover(store, verb);
          await assertRecovered(store, verb);
          if (!run.finished) continue;
          assert.ok(run.statements >= 5, `${run.statements} statements were enough to run ${verb}`);
          assert.equal(run.statements, killAfter - 1, "every statement was the last one once");
          return;
        } finally {
          await rm(folder, { recursive: true });
        }
      }
    });
  }
});
