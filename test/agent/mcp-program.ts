/** The toolbox on standard input and output. What it sees, it appends to the file that it is given, a line each. */
import { spawn } from "node:child_process";
import { appendFileSync } from "node:fs";
import { serveStdio } from "@modelcontextprotocol/server/stdio";
import { createToolbox } from "./mcp-toolbox.ts";

const [seen = ""] = process.argv.slice(2);
const note = (event: unknown): void => appendFileSync(seen, `${JSON.stringify(event)}\n`);

// Of its group, and not ended by it.
const child = spawn(process.execPath, ["-e", "setInterval(() => {}, 1000)"], { stdio: "ignore" });
child.unref();
note({ pid: process.pid, child: child.pid, env: Object.keys(process.env).toSorted(), cwd: process.cwd() });
console.error("toolbox: ready");

serveStdio(() => createToolbox({ record: note, released: new Promise(() => {}), exit: () => process.exit(3) }));
