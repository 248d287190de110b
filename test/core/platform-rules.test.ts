import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { policyFor, type PlatformRules } from "../../src/core/platform-rules.ts";
import { CHAT_TYPES } from "../../src/core/source.ts";

test("the most exact rule holds: platform and chat type, platform, chat type, default; of two alike the first", () => {
  const anyRule = fc.record({
    platform: fc.option(fc.constantFrom("slack", "telegram"), { nil: undefined }),
    chatType: fc.option(fc.constantFrom(...CHAT_TYPES), { nil: undefined }),
    policy: fc.integer({ min: 1 }),
  });
  const anyRules = fc.array(anyRule, { maxLength: 8 });
  fc.assert(
    fc.property(
      anyRules,
      fc.constantFrom("slack", "telegram", "discord"),
      fc.constantFrom(...CHAT_TYPES),
      (given, platform, chatType) => {
        const rules = { default: 0, rules: given } as PlatformRules<number>;
        const expected =
          given.find((rule) => rule.platform === platform && rule.chatType === chatType) ??
          given.find((rule) => rule.platform === platform && rule.chatType === undefined) ??
          given.find((rule) => rule.platform === undefined && rule.chatType === chatType);
        assert.equal(policyFor(rules, { platform, chatType }), expected?.policy ?? rules.default);
      },
    ),
    { numRuns: 1_000 },
  );
});

test("without rules the default holds everywhere", () => {
  for (const chatType of CHAT_TYPES) {
    assert.equal(policyFor({ default: 7 }, { platform: "slack", chatType }), 7);
  }
});
