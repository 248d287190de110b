import assert from "node:assert/strict";
import { PassThrough } from "node:stream";
import { describe, test } from "node:test";
import { type ChatPrompt, createChatPrompt } from "../../src/cli/chat-prompt.ts";

const [CTRL_C, CTRL_D, ENTER, UP] = ["\u0003", "\u0004", "\r", "\u001b[A"];

interface Typing extends Disposable {
  readonly prompt: ChatPrompt;
  type(text: string): void;
  end(): void;
  shown(): string;
  readonly interrupts: () => number;
  readonly closes: () => number;
}

/** A prompt at a terminal that is no terminal. */
function openPrompt(history: readonly string[] = []): Typing {
  const [input, output] = [new PassThrough(), new PassThrough()];
  let [shown, interrupts, closes] = ["", 0, 0];
  output.on("data", (chunk: Buffer) => (shown += chunk.toString()));
  const prompt = createChatPrompt({
    input,
    output,
    history,
    onInterrupt: () => (interrupts += 1),
    onClose: () => (closes += 1),
  });
  return {
    prompt,
    type: (text) => void input.write(text),
    end: () => void input.end(),
    shown: () => shown,
    interrupts: () => interrupts,
    closes: () => closes,
    [Symbol.dispose]: () => prompt[Symbol.dispose](),
  };
}

/** Resolves when what was typed has been read. */
async function read(): Promise<void> {
  await new Promise((resolve) => setImmediate(() => setImmediate(resolve)));
}

describe("a prompt", () => {
  test("gives what is typed, line by line", async () => {
    using typing = openPrompt();
    const first = typing.prompt.ask();
    typing.type(`Hello${ENTER}`);
    assert.equal(await first, "Hello");
    const second = typing.prompt.ask();
    typing.type(`again${ENTER}`);
    assert.equal(await second, "again");
  });

  test("takes lines together that end in a backslash", async () => {
    using typing = openPrompt();
    const asked = typing.prompt.ask();
    typing.type(`one\\${ENTER}two\\${ENTER}${ENTER}`);
    assert.equal(await asked, "one\ntwo\n");
  });

  test("takes pasted lines as one message, which Enter sends", async () => {
    using typing = openPrompt();
    const asked = typing.prompt.ask();
    typing.type("look: \u001b[200~one\\\rtwo\nthree\r\nfour\u001b[201~");
    await read();
    typing.type(`!${ENTER}`);
    assert.equal(await asked, "look: one\\\ntwo\nthree\nfour!");
  });

  test("brings back what was said before", async () => {
    using typing = openPrompt(["newer", "older"]);
    const asked = typing.prompt.ask();
    typing.type(`${UP}${UP}${ENTER}`);
    assert.equal(await asked, "older");
    const own = typing.prompt.ask();
    typing.type(`${UP}!${ENTER}`);
    assert.equal(await own, "older!");
  });

  test("brings back several lines as the one message that they were", async () => {
    using typing = openPrompt(["from\nbefore"]);
    const asked = typing.prompt.ask();
    typing.type(`${UP}${ENTER}`);
    assert.equal(await asked, "from\nbefore");
    const typed = typing.prompt.ask();
    typing.type(`a\\${ENTER}b${ENTER}`);
    await typed;
    const own = typing.prompt.ask();
    typing.type(`${UP}${ENTER}`);
    assert.equal(await own, "a\nb");
  });

  test("gives what is typed while nobody is asked later, and does not show it before", async () => {
    using typing = openPrompt();
    const first = typing.prompt.ask();
    typing.type(`one${ENTER}`);
    await first;
    const before = typing.shown();
    typing.type(`two${ENTER}thr`);
    await read();
    assert.equal(typing.shown(), before);
    assert.equal(await typing.prompt.ask(), "two");
    const third = typing.prompt.ask();
    assert.ok(typing.shown().endsWith("> thr\u001b[6G"), JSON.stringify(typing.shown()));
    typing.type(`ee${ENTER}`);
    assert.equal(await third, "three");
  });

  test("closes with Ctrl-D at an empty prompt, and with the end of the input", async () => {
    using typing = openPrompt();
    const asked = typing.prompt.ask();
    typing.type(CTRL_D);
    assert.equal(await asked, null);
    assert.equal(await typing.prompt.ask(), null);
    using other = openPrompt();
    const ended = other.prompt.ask();
    other.end();
    assert.equal(await ended, null);
  });

  test("closes with Ctrl-C twice, but the first one after something was typed only clears that", async () => {
    using typing = openPrompt();
    const asked = typing.prompt.ask();
    typing.type(`one\\${ENTER}two`);
    typing.type(CTRL_C);
    typing.type(`kept${ENTER}`);
    assert.equal(await asked, "kept");
    const last = typing.prompt.ask();
    typing.type(CTRL_C);
    await read();
    assert.match(typing.shown(), /Ctrl-C again, or Ctrl-D, leaves/);
    typing.type(CTRL_C);
    assert.equal(await last, null);
    assert.equal(typing.interrupts(), 0);
  });

  test("tells of Ctrl-C and of its end while nobody is asked", async () => {
    using typing = openPrompt();
    typing.type(CTRL_C);
    await read();
    assert.deepEqual([typing.interrupts(), typing.closes()], [1, 0]);
    typing.type(CTRL_D);
    await read();
    assert.deepEqual([typing.interrupts(), typing.closes()], [1, 1]);
  });

  test("has the terminal mark what is pasted as long as it is there", () => {
    const typing = openPrompt();
    assert.ok(typing.shown().includes("\u001b[?2004h"));
    typing[Symbol.dispose]();
    assert.ok(typing.shown().endsWith("\u001b[?2004l"));
  });
});
