import fc from "fast-check";
import { CHAT_TYPES, type Source } from "../../src/core/source.ts";

/** Any JavaScript string: ordinary text, what quoting and splitting trip over, and any UTF-16 units, halves of pairs too. */
export const anyText: fc.Arbitrary<string> = fc.oneof(
  fc.string({ unit: "grapheme" }),
  fc.string({
    unit: fc.constantFrom('"', "'", "\\", ",", "[", "]", ":", "\n", "\0", "null", "u", "d800", "\ud800", "\udfff", "a"),
  }),
  fc.array(fc.integer({ min: 0, max: 0xffff }), { maxLength: 8 }).map((units) => String.fromCharCode(...units)),
);

/** What `createSource` would refuse too: a law of keys may not lean on checks made elsewhere. */
export const anySource: fc.Arbitrary<Source> = fc.record({
  platform: anyText,
  account: anyText,
  chatType: fc.constantFrom(...CHAT_TYPES),
  chat: anyText,
  thread: fc.option(anyText),
  user: anyText,
  chatName: fc.option(anyText),
  userName: fc.option(anyText),
});
