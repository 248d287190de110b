import assert from "node:assert/strict";
import { test } from "node:test";
import { formatHit } from "../../src/cli/search-command.ts";
import { localMinute } from "../../src/cli/quantity.ts";
import { MARKED } from "./screen.ts";

test("what was found is marked, and nothing in it or around it has an effect", () => {
  const hit = { sessionId: "ses_1", seq: 3, role: "user", createdAt: Date.UTC(2026, 10, 22, 12) } as const;
  const snippet = "a\u009b b\u202ec d\u001b";
  const text = formatHit(MARKED, { ...hit, snippet, highlights: [{ start: 3, end: 6 }] });
  const [head, line] = text.split("\n");
  assert.equal(head, `<bold>ses_1</>  3  ${localMinute(hit.createdAt)}  user`);
  assert.equal(line, String.raw`  a\x9b <bold+underline>b\u202ec</> d\x1b`);
});
