/** An agent's program that plays `script.json` of its folder and leaves what it does in files beside it. */
import { appendFileSync, existsSync, readFileSync, writeSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";
import type { AgentScript } from "../../src/testing/agent-subject.ts";

const { acts, ending } = JSON.parse(readFileSync("script.json", "utf8")) as AgentScript;
const say = (part: object): number => writeSync(1, `${JSON.stringify(part)}\n`);

JSON.parse(readFileSync(0, "utf8"));
appendFileSync("asked", `${process.pid}\n`);
for (const act of acts) {
  if (act === "hold") while (!existsSync("released")) await sleep(5);
  else if (act === "mark") appendFileSync("marks", "mark\n");
  else if ("say" in act) say({ type: "text", text: act.say });
  else if ("use" in act) say({ type: "usage", model: "scripted", ...act.use });
  else if ("ask" in act) process.exit(1);
  else for (const state of ["started", "finished"]) say({ type: "tool", index: 0, name: act.call, state });
}
if (ending === "break") process.exit(1);
if ("fault" in ending) {
  const wait = ending.retryAfterMs === null ? {} : { retryAfterMs: ending.retryAfterMs };
  say({ type: "error", fault: ending.fault, ...wait });
} else {
  if (ending.usage !== null) say({ type: "usage", model: "scripted", ...ending.usage });
  say({ type: "finish", reason: ending.finish });
}
