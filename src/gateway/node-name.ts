import { hostname } from "node:os";
import { randomId } from "../lib/id.ts";

/** The name under which this process holds leases: its host, its process id, and what no other process has. */
export function createNodeName(): string {
  return `${hostname()}/${process.pid}/${randomId("node")}`;
}

/**
 * Whether the process behind a node name is surely gone. A process of another host is never known to
 * be; one whose process id another program has now counts as alive, and its leases run out instead.
 */
export function isDeadNode(node: string, self: string): boolean {
  const [host, pid] = node.split("/");
  if (node === self || host !== hostname()) return false;
  // Under its own process id no other process can be alive: a container starts again under the same one.
  return Number(pid) === process.pid || !isRunning(Number(pid));
}

function isRunning(pid: number): boolean {
  if (!Number.isInteger(pid) || pid <= 0) return false;
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return error instanceof Error && "code" in error && error.code === "EPERM";
  }
}
