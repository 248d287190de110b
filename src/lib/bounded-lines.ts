/** One line of a stream, without its end. */
export interface BoundedLine {
  readonly text: string;
  /** Whether it was longer than the bound; `text` is its beginning then. */
  readonly isCut: boolean;
}

/**
 * The lines of a stream of UTF-8, as they come; the last one needs no end. A line that is longer than
 * `maxLength` UTF-16 units comes as soon as it is, and what follows up to its end is left out.
 */
export async function* boundedLines(source: AsyncIterable<Uint8Array>, maxLength: number): AsyncGenerator<BoundedLine> {
  const decoder = new TextDecoder();
  let held = "";
  let isLeftOut = false;

  function* read(text: string): Generator<BoundedLine> {
    const [first = "", ...more] = text.split("\n");
    yield* keep(first);
    for (const piece of more) {
      if (!isLeftOut) yield { text: held.endsWith("\r") ? held.slice(0, -1) : held, isCut: false };
      held = "";
      isLeftOut = false;
      yield* keep(piece);
    }
  }
  function* keep(piece: string): Generator<BoundedLine> {
    if (isLeftOut) return;
    held += piece.slice(0, maxLength + 1 - held.length);
    if (held.length <= maxLength) return;
    isLeftOut = true;
    yield { text: held.slice(0, maxLength), isCut: true };
    held = "";
  }

  for await (const chunk of source) yield* read(decoder.decode(chunk, { stream: true }));
  yield* read(decoder.decode());
  if (held !== "") yield { text: held, isCut: false };
}
