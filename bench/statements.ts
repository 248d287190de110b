/**
 * The statements that a store runs, taken down as it runs them, and run again without it: what
 * SQLite alone takes for the same work.
 */
import { DatabaseSync, type SQLInputValue, StatementSync } from "node:sqlite";

export interface Statement {
  readonly method: "exec" | "get" | "all" | "run";
  readonly sql: string;
  readonly values: readonly SQLInputValue[];
}

export interface Recording extends Disposable {
  /** What was taken down since the call before. */
  take(): readonly Statement[];
}

/** Takes down the statements of every connection of this process until it is disposed of. */
export function record(): Recording {
  const taken: Statement[] = [];
  const restores = [
    intercept(DatabaseSync.prototype, "exec", (_, [sql]) =>
      taken.push({ method: "exec", sql: String(sql), values: [] }),
    ),
    ...(["get", "all", "run"] as const).map((method) =>
      intercept(StatementSync.prototype, method, (statement, values) =>
        taken.push({ method, sql: (statement as StatementSync).sourceSQL, values: values as SQLInputValue[] }),
      ),
    ),
  ];
  return {
    take: () => taken.splice(0),
    [Symbol.dispose]: () => {
      for (const restore of restores) restore();
    },
  };
}

function intercept(prototype: object, name: string, before: (target: unknown, values: unknown[]) => void): () => void {
  const original = Reflect.get(prototype, name) as (...values: unknown[]) => unknown;
  Reflect.set(prototype, name, function call(this: unknown, ...values: unknown[]): unknown {
    before(this, values);
    return Reflect.apply(original, this, values);
  });
  return () => void Reflect.set(prototype, name, original);
}

export interface Replay extends Disposable {
  run(statements: readonly Statement[]): void;
}

/** Opens a connection that writes as the store did: with the pragmas that stand in what it ran to open. */
export function openReplay(path: string, opening: readonly Statement[]): Replay {
  const db = new DatabaseSync(path, { timeout: 50, enableForeignKeyConstraints: true });
  const prepared = new Map<string, StatementSync>();
  const run = (statements: readonly Statement[]): void => {
    for (const { method, sql, values } of statements) {
      if (method === "exec") {
        db.exec(sql);
        continue;
      }
      let statement = prepared.get(sql);
      if (statement === undefined) {
        statement = db.prepare(sql);
        prepared.set(sql, statement);
      }
      statement[method](...values);
    }
  };
  run(opening.filter(({ method, sql }) => method === "exec" && !sql.includes("query_only")));
  return { run, [Symbol.dispose]: () => db.close() };
}
