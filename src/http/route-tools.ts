import type { Clock } from "../lib/clock.ts";
import type { GatewayPorts } from "./gateway-ports.ts";
import type { Guard } from "./guard.ts";
import type { WaitingRoom } from "./waiting-room.ts";

/** What the routes work with. */
export interface RouteTools {
  readonly ports: GatewayPorts;
  readonly guard: Guard;
  readonly waitingRoom: WaitingRoom;
  readonly clock: Clock;
  /** Aborted when the gateway closes: whoever waits is answered at once. */
  readonly closing: AbortSignal;
  readonly maxBodyBytes: number;
  readonly hasDemoHook: boolean;
}
