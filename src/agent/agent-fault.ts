import type { AgentFault } from "./agent.ts";

/** The kinds of fault, in the words in which programs and endpoints report them. */
export const AGENT_FAULTS: readonly ["unavailable", "quota", "context", "refused"] = [
  "unavailable",
  "quota",
  "context",
  "refused",
] as const satisfies AgentFault[];

/** Whether another attempt may help when nobody says so. */
export function mayPass(fault: AgentFault): boolean {
  return fault === "unavailable" || fault === "quota";
}
