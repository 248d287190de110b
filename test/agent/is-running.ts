import { existsSync, readFileSync } from "node:fs";
import { isAlive } from "./command-subject.ts";

/** Whether the process still does something; one that has ended and that nobody has asked after does not. */
export function isRunning(pid: string): boolean {
  const id = Number(pid);
  if (!isAlive(id)) return false;
  const status = `/proc/${id}/stat`;
  return !existsSync(status) || !/\) [ZX] /.test(readFileSync(status, "utf8"));
}
