import assert from "node:assert/strict";
import { test } from "node:test";
import { format, inspect } from "node:util";
import { createSecret, isSecret } from "../../src/config/secret.ts";

test("a secret shows itself to nobody who does not ask", () => {
  const secret = createSecret("sesame");
  const shown = [
    String(secret),
    secret.toString(),
    JSON.stringify({ secret }),
    inspect({ secret }, { depth: 9, showHidden: true }),
    inspect(secret, { customInspect: false, showHidden: true, getters: true }),
    format("%s %o %j", secret, secret, secret),
    JSON.stringify({ ...secret }),
  ];
  for (const text of shown) assert.doesNotMatch(text, /sesame/);
  assert.match(shown[2] ?? "", /"\[secret\]"/);
  assert.equal(secret.reveal(), "sesame");
});

test("only a secret is one", () => {
  assert.ok(isSecret(createSecret("")));
  assert.ok(!isSecret({ reveal: () => "x" }));
  assert.ok(!isSecret(null));
});
