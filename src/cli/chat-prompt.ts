/**
 * Where a person types messages.
 *
 *     resting ──ask──▶ asking ──Enter, without "\" before it──▶ resting
 *                        └──Ctrl-D, Ctrl-C twice, the end of the input──▶ closed
 *
 * While nobody is asked, what is typed is not shown; it stands in the next prompt, and whole lines are
 * the next messages. Lines that are pasted together are one message, sent with Enter.
 */
import { createInterface } from "node:readline";
import { Writable, type Readable } from "node:stream";

export interface ChatPromptOptions {
  readonly input: Readable;
  /** A terminal: where the prompt and what is typed are shown. */
  readonly output: Writable & { readonly columns?: number };
  /** What can be had back with the arrow keys, the newest first. */
  readonly history: readonly string[];
  /** Ctrl-C while nobody is asked. */
  readonly onInterrupt: () => void;
  /** The prompt is closed while nobody is asked. */
  readonly onClose: () => void;
}

export interface ChatPrompt extends Disposable {
  /**
   * The next message, which may have several lines; null when there is none to come, or the signal is aborted.
   * One at a time.
   */
  ask(signal?: AbortSignal): Promise<string | null>;
}

const PROMPT = "> ";
const CONTINUATION = "… ";
const HISTORY_SIZE = 500;
/** Asks the terminal to mark what is pasted, and to stop that. */
const MARK_PASTES = "\u001b[?2004h";
const STOP_MARKING = "\u001b[?2004l";

export function createChatPrompt({ input, output, history, onInterrupt, onClose }: ChatPromptOptions): ChatPrompt {
  let resolveAsk: ((text: string | null) => void) | null = null;
  let isClosed = false;
  let isPasting = false;
  let isLeaving = false;
  /** The lines of the message so far. */
  let lines: string[] = [];
  const typedAhead: string[] = [];
  /** The editor's own list, and how much of the message is in it. */
  let editorHistory: string[] = [];
  let remembered = 0;

  const shown = createShutter(output, () => resolveAsk !== null);
  const editor = createInterface({
    input,
    output: shown,
    terminal: true,
    history: history.slice(0, HISTORY_SIZE),
    historySize: HISTORY_SIZE,
    crlfDelay: Infinity,
  });
  output.write(MARK_PASTES);

  const show = (): void => {
    editor.setPrompt(lines.length === 0 ? PROMPT : CONTINUATION);
    editor.prompt(true);
  };
  const settle = (text: string | null): void => {
    const resolve = resolveAsk;
    resolveAsk = null;
    resolve?.(text);
  };
  const complete = (): void => {
    const text = lines.join("\n");
    // Had back, it is one message again.
    if (remembered > 1) editorHistory.splice(0, remembered, text);
    [lines, remembered] = [[], 0];
    if (resolveAsk === null) typedAhead.push(text);
    else settle(text);
  };

  editor.on("history", (entries: string[]) => {
    editorHistory = entries;
    remembered += 1;
  });
  editor.on("line", (line: string) => {
    isLeaving = false;
    // The lines of a message that was had back are divided by carriage returns.
    const text = line.replaceAll("\r", "\n");
    const continues = !isPasting && text.endsWith("\\");
    lines.push(continues ? text.slice(0, -1) : text);
    if (!continues && !isPasting) complete();
    else if (resolveAsk !== null) show();
  });
  input.on("keypress", (_: unknown, key: { readonly name?: string }) => {
    if (key.name === "paste-start") isPasting = true;
    if (key.name === "paste-end") isPasting = false;
  });
  editor.on("SIGINT", () => {
    if (resolveAsk === null) onInterrupt();
    else if (editor.line === "" && lines.length === 0) {
      if (isLeaving) editor.close();
      else {
        isLeaving = true;
        output.write("\r\n(Ctrl-C again, or Ctrl-D, leaves.)\r\n");
        show();
      }
    } else {
      [lines, remembered, isPasting] = [[], 0, false];
      editor.write(null, { ctrl: true, name: "e" });
      editor.write(null, { ctrl: true, name: "u" });
      output.write("\r\n");
      show();
    }
  });
  editor.on("close", () => {
    isClosed = true;
    output.write(STOP_MARKING);
    if (resolveAsk === null) onClose();
    else {
      output.write("\r\n");
      settle(null);
    }
  });

  return {
    ask: (signal) => {
      if (signal?.aborted === true) return Promise.resolve(null);
      const next = typedAhead.shift();
      if (next !== undefined) {
        output.write(`${PROMPT}${next.replaceAll("\n", `\r\n${CONTINUATION}`)}\r\n`);
        return Promise.resolve(next);
      }
      if (isClosed) return Promise.resolve(null);
      return new Promise((resolve) => {
        const withdraw = (): void => {
          if (resolveAsk !== answer) return;
          output.write("\r\n");
          settle(null);
        };
        const answer = (text: string | null): void => {
          signal?.removeEventListener("abort", withdraw);
          resolve(text);
        };
        signal?.addEventListener("abort", withdraw);
        resolveAsk = answer;
        show();
      });
    },
    [Symbol.dispose]: () => {
      if (!isClosed) editor.close();
    },
  };
}

/** A terminal that shows what the editor writes only while it is open. */
function createShutter(output: ChatPromptOptions["output"], isOpen: () => boolean): Writable {
  const shutter = new Writable({
    decodeStrings: false,
    write: (chunk: string, _encoding, done) => {
      if (isOpen()) output.write(chunk);
      done();
    },
  });
  output.on("resize", () => shutter.emit("resize"));
  return Object.defineProperty(shutter, "columns", { get: () => output.columns ?? 80 });
}
