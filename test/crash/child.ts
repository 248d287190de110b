/** Opens a store, prepares a verb, arms the kill and runs it: `node --import kill-after.ts child.ts PATH VERB N`. */
import { openSqliteStore } from "../../src/sqlite.ts";
import { OPTIONS, VERBS } from "./verbs.ts";

const [path = "", name = "", after = ""] = process.argv.slice(2);
const verb = VERBS[name];
if (verb === undefined) throw new Error(`no verb ${name}`);
const { armKill, countedStatements } = globalThis as unknown as {
  armKill: (after: number) => void;
  countedStatements: () => number;
};

const store = await openSqliteStore({ ...OPTIONS, path });
await verb.prepare(store);
armKill(Number(after));
await verb.run(store);
process.stdout.write(`finished after ${countedStatements()} statements\n`);
process.kill(process.pid, "SIGKILL");
