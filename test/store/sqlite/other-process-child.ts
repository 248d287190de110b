/** The other end of `OtherProcess`. */
import { DatabaseSync } from "node:sqlite";
import { errorMessage } from "../../../src/core/errors.ts";

const db = new DatabaseSync(process.argv[2] ?? "", { timeout: 10_000 });

function answer(sql: string): string {
  try {
    for (const statement of sql.split(";")) db.prepare(statement).all();
    return "";
  } catch (error) {
    return errorMessage(error);
  }
}

process.on("message", (sql: string) => process.send?.(answer(sql)));
