import type { ChatType, Source } from "./source.ts";

/** A policy by platform and chat type; the most exact match wins: platform and chat type, platform, chat type, default. */
export interface PlatformRules<Policy> {
  readonly default: Policy;
  readonly rules?: readonly {
    readonly platform?: string;
    readonly chatType?: ChatType;
    readonly policy: Policy;
  }[];
}

/** The policy that holds for a source. Of two rules that match equally the first one does. */
export function policyFor<Policy>(rules: PlatformRules<Policy>, source: Pick<Source, "platform" | "chatType">): Policy {
  let best: { readonly weight: number; readonly policy: Policy } = { weight: 0, policy: rules.default };
  for (const { platform, chatType, policy } of rules.rules ?? []) {
    const matches =
      (platform ?? source.platform) === source.platform && (chatType ?? source.chatType) === source.chatType;
    const weight = (platform === undefined ? 0 : 2) + (chatType === undefined ? 0 : 1);
    if (matches && weight > best.weight) best = { weight, policy };
  }
  return best.policy;
}
