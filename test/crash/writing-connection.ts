/** Lets a test reach the connection a store writes with, to make the disk full or read-only under it. */
import { DatabaseSync } from "node:sqlite";

/** Runs `open` and returns what it returns with the connections that were opened for writing meanwhile. */
export async function withWritingConnections<T>(
  open: () => Promise<T>,
): Promise<{ opened: T; connections: DatabaseSync[] }> {
  const connections: DatabaseSync[] = [];
  const original = Object.getOwnPropertyDescriptor(DatabaseSync.prototype, "exec") as PropertyDescriptor;
  Object.defineProperty(DatabaseSync.prototype, "exec", {
    ...original,
    value(this: DatabaseSync, sql: string): void {
      if (/synchronous/i.test(sql)) connections.push(this);
      (original.value as (sql: string) => void).call(this, sql);
    },
  });
  try {
    return { opened: await open(), connections };
  } finally {
    Object.defineProperty(DatabaseSync.prototype, "exec", original);
  }
}
