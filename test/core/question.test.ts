import assert from "node:assert/strict";
import { describe, it } from "node:test";
import fc from "fast-check";
import { checkQuestion, choiceOf, mayBeChoice, questionText } from "../../src/core/question.ts";

const CHOICES = [
  { id: "a", label: "Allow once" },
  { id: "b", label: "Ärger" },
  { id: "c", label: "1" },
];

describe("what was chosen", () => {
  it("is told by its number or its label, in whatever case, with white space around it", () => {
    const chosen = (typed: string): string | null => choiceOf(CHOICES, typed)?.id ?? null;
    assert.deepEqual(["2", " 3\n", "allow ONCE", "a\u0308RGER"].map(chosen), ["b", "c", "a", "b"]);
    assert.deepEqual(["0", "4", "1.", "01", "allow", "", "a"].map(chosen), [null, null, null, null, null, null, null]);
    assert.equal(chosen("1"), "a", "a number counts before a label");
  });

  it("is nothing when it could be two of them, or a command", () => {
    const choices = [
      { id: "a", label: "Allow" },
      { id: "b", label: "allow" },
      { id: "c", label: "/stop" },
    ];
    assert.deepEqual(
      ["allow", "/stop", " /stop", "3"].map((typed) => choiceOf(choices, typed)?.id ?? null),
      [null, null, null, "c"],
    );
  });

  it("is one of the choices by its number, whatever the labels are", () => {
    const labels = fc.array(fc.string({ minLength: 1, maxLength: 500 }), { minLength: 2, maxLength: 10 });
    fc.assert(
      fc.property(labels, (all) => {
        const choices = all.map((label, index) => ({ id: `id ${index}`, label }));
        for (const [index, { id, label }] of choices.entries()) {
          assert.equal(choiceOf(choices, String(index + 1))?.id, id);
          assert.equal(mayBeChoice(label), !label.trimStart().startsWith("/"));
        }
      }),
    );
  });
});

describe("a question", () => {
  it("is read as its text, a line for each choice, and what to do", () => {
    const text = questionText({ text: "May I?", choices: CHOICES });
    assert.equal(text, "May I?\n\n1. Allow once\n2. Ärger\n3. 1\n\nAnswer with a number.");
  });

  it("cannot have a label that looks like more than one line", () => {
    const choices = [
      { id: "a", label: "yes\n2. no\u2028x" },
      { id: "b", label: " no " },
    ];
    const checked = checkQuestion({ text: " Well?\u0000 ", choices });
    assert.deepEqual(
      checked.choices.map(({ label }) => label),
      ["yes 2. no x", "no"],
    );
    assert.equal(checked.text, "Well?\ufffd");
  });
});
