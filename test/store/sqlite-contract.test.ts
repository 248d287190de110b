import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after } from "node:test";
import { openSqliteStore } from "../../src/sqlite.ts";
import { alternating } from "../../src/testing/alternating.ts";
import type { OpenStore } from "../../src/testing/open-store.ts";
import { reopening } from "../../src/testing/reopening.ts";
import { storeContract } from "../../src/testing/store-contract.ts";

const folder = mkdtempSync(join(tmpdir(), "parlor-contract-"));
after(() => rmSync(folder, { recursive: true }));

const inMemory: OpenStore = (options) => openSqliteStore({ ...options, path: ":memory:" });
const onFile: OpenStore = (options) => openSqliteStore({ ...options, path: join(folder, `${options.place}.db`) });

storeContract("SQLite in memory", inMemory, { durable: false });
storeContract("SQLite on a file", onFile, { histories: 10 });
storeContract("SQLite on a file that is opened anew for every verb", reopening(onFile), {
  oneNode: false,
  histories: 3,
});
storeContract("two SQLite stores on one file", alternating(onFile, onFile), { oneNode: false, histories: 10 });
