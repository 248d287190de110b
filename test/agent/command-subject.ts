/** The command agent with a program that plays a script; what it does is seen in files of its folder. */
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createCommandAgent } from "../../src/agent/command.ts";
import type { AgentScript, AgentSubject, AgentSubjectOptions } from "../../src/testing/agent-subject.ts";

const PROGRAM = join(import.meta.dirname, "scripted-program.ts");

export function openCommand(
  script: AgentScript,
  { clock, idleTimeoutMs, totalTimeoutMs }: AgentSubjectOptions,
): AgentSubject {
  const folder = mkdtempSync(join(tmpdir(), "parlor-command-"));
  writeFileSync(join(folder, "script.json"), JSON.stringify(script));
  const linesOf = (name: string): readonly string[] =>
    existsSync(join(folder, name)) ? readFileSync(join(folder, name), "utf8").split("\n").slice(0, -1) : [];
  return {
    agent: createCommandAgent({
      command: [process.execPath, PROGRAM],
      cwd: folder,
      env: {},
      clock,
      idleTimeoutMs,
      totalTimeoutMs,
    }),
    asked: () => linesOf("asked").length,
    marks: () => linesOf("marks").length,
    release: () => writeFileSync(join(folder, "released"), ""),
    rested: async () => {
      while (linesOf("asked").some((pid) => isAlive(Number(pid)))) await new Promise(setImmediate);
    },
    [Symbol.asyncDispose]: () => Promise.resolve(rmSync(folder, { recursive: true, force: true })),
  };
}

/** Whether there is a process with this id, a dead one that nobody has asked after included. */
export function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
}
