import { checkResetPolicy, type ResetRules } from "../core/reset-policy.ts";
import type { Findings } from "./findings.ts";
import type { ResetConfig } from "./parlor-config.ts";
import { policyRules } from "./policy-rules.ts";

/** When sessions end by themselves. */
export function resolveReset({ rules = [], ...policy }: ResetConfig, findings: Findings): ResetRules {
  const exceptions = rules.map(({ platform, chatType, ...exception }) => ({ platform, chatType, policy: exception }));
  return policyRules("reset", { policy, exceptions }, checkResetPolicy, findings);
}
