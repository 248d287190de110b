import type { IncomingMessage } from "node:http";
import { isLoopback } from "../config/loopback.ts";

/** What the server knows of a request besides the request. */
export interface Bindings {
  readonly incoming?: IncomingMessage;
  /** The address of the far side, where there is no `incoming` to ask. */
  readonly peer?: string;
}

/** Whether the far side is this machine. When nobody knows, it is not. */
export function isLoopbackPeer({ incoming, peer }: Bindings): boolean {
  const address = peer ?? incoming?.socket.remoteAddress;
  return address !== undefined && isLoopback(address);
}
