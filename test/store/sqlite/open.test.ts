import assert from "node:assert/strict";
import { existsSync, mkdirSync, statSync } from "node:fs";
import { dirname, join } from "node:path";
import { describe, it } from "node:test";
import { ParlorError } from "../../../src/core/errors.ts";
import { openSqliteStore } from "../../../src/sqlite.ts";
import { messageOf } from "../../../src/testing/sources.ts";
import { scratchFiles } from "./scratch.ts";

const newPath = scratchFiles();
const permissions = (path: string): number => statSync(path).mode & 0o777;

describe("a store that is opened", () => {
  it("makes the folders it needs, and all it makes is for the operator alone", async () => {
    const path = join(dirname(newPath()), "deep", "down", "parlor.db");
    await using store = await openSqliteStore({ path });
    await store.accept(messageOf("for the operator alone"));
    assert.equal(permissions(dirname(path)), 0o700);
    for (const file of [path, `${path}-wal`, `${path}-shm`]) assert.equal(permissions(file), 0o600, file);
  });

  it("keeps its files to the operator in a folder that others may read", async () => {
    const path = newPath();
    mkdirSync(dirname(path), { mode: 0o755 });
    await using store = await openSqliteStore({ path });
    await store.accept(messageOf("for the operator alone"));
    assert.equal(permissions(`${path}-wal`), 0o600);
    assert.equal(permissions(path), 0o600);
  });

  it("refuses a folder that cannot be made, and says what to do", { skip: !existsSync("/proc/self") }, async () => {
    await assert.rejects(openSqliteStore({ path: "/proc/nowhere/parlor.db" }), (error) => {
      assert.ok(error instanceof ParlorError);
      assert.equal(error.code, "STORE_UNAVAILABLE");
      return /\/proc\/nowhere\/parlor\.db cannot be opened .* PARLOR_HOME/.test(error.message);
    });
  });
});
