import { errorMessage } from "../core/errors.ts";
import type { PlatformRules } from "../core/platform-rules.ts";
import type { ChatType } from "../core/source.ts";
import type { Findings } from "./findings.ts";
import { notePlatform } from "./platform-names.ts";

interface Exception<Policy> {
  readonly platform?: string | undefined;
  readonly chatType?: ChatType | undefined;
  readonly policy: Policy;
}

/** The rules as the store reads them; a policy that `check` throws for becomes a problem. */
export function policyRules<Policy>(
  key: "busy" | "reset",
  { policy, exceptions }: { readonly policy: Policy; readonly exceptions: readonly Exception<Policy>[] },
  check: (policy: Policy) => void,
  findings: Findings,
): PlatformRules<Policy> {
  for (const each of [policy, ...exceptions.map((exception) => exception.policy)]) {
    try {
      check(each);
    } catch (error) {
      findings.problems.push(errorMessage(error));
    }
  }
  for (const [index, { platform }] of exceptions.entries()) {
    notePlatform(platform, `${key}.rules.${index}.platform`, findings);
  }
  return {
    default: policy,
    rules: exceptions.map(({ platform, chatType, policy: exception }) => ({
      policy: exception,
      ...(platform === undefined ? {} : { platform }),
      ...(chatType === undefined ? {} : { chatType }),
    })),
  };
}
