import { hostname } from "node:os";
import { randomId } from "../lib/id.ts";

/** The names given out in this process: their holders live as long as it does. */
const given = new Set<string>();

/** A name under which this process holds leases: its host, its process id, and what no other process has. */
export function createNodeName(): string {
  const name = `${hostname()}/${process.pid}/${randomId("node")}`;
  given.add(name);
  return name;
}

/**
 * Whether the process behind a node name is surely gone. One of another host is never known to be, nor
 * one whose name has another form; one whose process id another program has now counts as alive, and
 * its leases run out instead.
 */
export function isDeadNode(node: string): boolean {
  const [host, id] = node.split("/");
  const pid = Number(id);
  if (host !== hostname() || !Number.isInteger(pid) || pid <= 0) return false;
  // A container starts again under the same process id: what this process did not name, another one did.
  return pid === process.pid ? !given.has(node) : !isRunning(pid);
}

function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return error instanceof Error && "code" in error && error.code === "EPERM";
  }
}
