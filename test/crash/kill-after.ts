/**
 * Preloaded into a child: once `PARLOR_TEST_KILL_AFTER` is armed with n, the process kills itself
 * with SIGKILL right after the n-th SQL statement that follows.
 */
import { DatabaseSync, StatementSync } from "node:sqlite";

let left = Number.POSITIVE_INFINITY;
let counted = 0;

function afterStatement(): void {
  counted += 1;
  left -= 1;
  if (left === 0) process.kill(process.pid, "SIGKILL");
}

function countCalls(prototype: object, name: string): void {
  const original = Reflect.get(prototype, name) as (...values: unknown[]) => unknown;
  Reflect.set(prototype, name, function call(this: unknown, ...values: unknown[]): unknown {
    const result = Reflect.apply(original, this, values);
    afterStatement();
    return result;
  });
}

countCalls(DatabaseSync.prototype, "exec");
for (const name of ["run", "get", "all"]) countCalls(StatementSync.prototype, name);

Object.assign(globalThis, {
  armKill: (after: number): void => {
    left = after;
    counted = 0;
  },
  countedStatements: (): number => counted,
});
