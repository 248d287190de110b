import { errorMessage } from "../core/errors.ts";
import { checkResetPolicy, type ResetPolicy, type ResetRules } from "../core/reset-policy.ts";
import type { Findings } from "./findings.ts";
import type { ResetConfig } from "./parlor-config.ts";

/** The rules as the store reads them; a policy that cannot be carried out becomes a problem. */
export function resolveReset(given: ResetConfig, findings: Findings): ResetRules {
  const { rules = [], ...policy } = given;
  check(policy, findings);
  return {
    default: policy,
    rules: rules.map(({ platform, chatType, ...exception }) => {
      check(exception, findings);
      return {
        policy: exception,
        ...(platform === undefined ? {} : { platform }),
        ...(chatType === undefined ? {} : { chatType }),
      };
    }),
  };
}

function check(policy: ResetPolicy, findings: Findings): void {
  try {
    checkResetPolicy(policy);
  } catch (error) {
    findings.problems.push(errorMessage(error));
  }
}
