import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, it } from "node:test";
import { isDeepStrictEqual } from "node:util";
import { openSqliteStore } from "../../src/sqlite.ts";
import type { Store } from "../../src/store/store.ts";
import { OPTIONS, RESULT, VERBS, claim, message } from "./verbs.ts";

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
  await VERBS[verb]?.again?.(store);
  await store.accept(message(1));
  await store.accept(message(2));
  await store.releaseNode("child");
  while ((await store.reader.nextDue()).turn !== null) await store.commitTurn((await claim(store)).lease, RESULT);
}

async function assertRecovered(store: Store, verb: string): Promise<void> {
  await assertWhole(store);
  const { messages, sessions, deliveries } = await store.reader.stats();
  assert.equal(sessions, VERBS[verb]?.sessions ?? 1, "the redelivered messages opened no other session");
  assert.equal(deliveries.open, 0, "nothing is left open when no turn runs");
  const all = Object.fromEntries(Object.entries(messages).filter(([, count]) => count > 0));
  const endings = VERBS[verb]?.endings ?? [{ answered: 2 }];
  assert.ok(
    endings.some((ending) => isDeepStrictEqual(all, ending)),
    `${JSON.stringify(all)} is none of ${JSON.stringify(endings)}`,
  );
}

describe("a process killed after any SQL statement leaves a whole store", { concurrency: 2 }, () => {
  for (const verb of Object.keys(VERBS)) {
    it(`of ${verb}`, async () => {
      for (let killAfter = 1; ; killAfter += 1) {
        const folder = await mkdtemp(join(tmpdir(), "parlor-crash-"));
        try {
          const path = join(folder, "parlor.db");
          const run = await runChild(path, verb, killAfter);
          await using store = await openSqliteStore({ ...OPTIONS, path });
          await assertWhole(store);
          await recover(store, verb);
          await assertRecovered(store, verb);
          if (!run.finished) continue;
          assert.ok(run.statements >= 4, `${run.statements} statements were enough to run ${verb}`);
          assert.equal(run.statements, killAfter - 1, "every statement was the last one once");
          return;
        } finally {
          await rm(folder, { recursive: true });
        }
      }
    });
  }
});
