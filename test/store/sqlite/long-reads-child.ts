/** A program that reads at length and ends, with or without closing its store: it must end by itself. */
import { openSqliteStore } from "../../../src/sqlite.ts";

const [path = "", closes = ""] = process.argv.slice(2);
const store = await openSqliteStore({ path });
const { sessions } = await store.reader.stats();
if (closes === "closes") await store[Symbol.asyncDispose]();
process.stdout.write(`${sessions} sessions\n`);
