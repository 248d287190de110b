import { checkBusyPolicy, type BusyPolicy, type BusyRules } from "../core/busy-policy.ts";
import type { Findings } from "./findings.ts";
import { policyRules } from "./policy-rules.ts";
import type { BusySettings } from "./schema.ts";

/** What happens to messages while a session is busy. What an exception does not say is as in all other chats. */
export function resolveBusy({ rules, ...policy }: BusySettings, findings: Findings): BusyRules {
  const exceptions = rules.map(
    ({ platform, chatType, mode = policy.mode, debounceMs, maxWaiting = policy.maxWaiting }) => {
      // Where every message is a turn of its own, the pause of all other chats does not count.
      const pauseMs = debounceMs ?? (mode === "queue" ? 0 : policy.debounceMs);
      const exception: BusyPolicy = { mode, debounceMs: pauseMs, maxWaiting };
      return { platform, chatType, policy: exception };
    },
  );
  return policyRules("busy", { policy, exceptions }, checkBusyPolicy, findings);
}
