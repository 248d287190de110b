import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { createStreamedText } from "../../src/http/openai-streamed-text.ts";

const piece = fc.string({ unit: fc.constantFrom("a", "b", "\ud83d", "\ude00", "\0", "é"), maxLength: 5 });
const attempts = fc.array(fc.array(piece, { maxLength: 6 }), { minLength: 1, maxLength: 4 });

test("whatever attempts say and however slow the client is, what it got and the rest are the whole reply, or it is told", () => {
  fc.assert(
    fc.property(attempts, fc.infiniteStream(fc.boolean()), (said, room) => {
      const got: string[] = [];
      const streamed = createStreamedText((text) => room.next().value === true && got.push(text) > 0);
      for (const pieces of said) {
        streamed.begin();
        for (const text of pieces) streamed.hear(text);
      }
      const stored = (said.at(-1) ?? []).join("").toWellFormed().replaceAll("\0", "\ufffd");
      const rest = streamed.rest(stored);
      if (rest === null) assert.ok(!stored.startsWith(got.join("")));
      else assert.equal(got.join("") + rest, stored);
      for (const text of got) assert.ok(text.isWellFormed() && text !== "");
    }),
  );
});

test("one attempt that is kept up with is streamed as it comes", () => {
  fc.assert(
    fc.property(fc.array(piece), (pieces) => {
      let got = "";
      const streamed = createStreamedText((text) => (got += text) !== "");
      streamed.begin();
      for (const text of pieces) streamed.hear(text);
      const whole = pieces.join("").toWellFormed().replaceAll("\0", "\ufffd");
      assert.ok((streamed.rest(whole)?.length ?? Infinity) <= 1);
      assert.ok(whole.startsWith(got));
    }),
  );
});
