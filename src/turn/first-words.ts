/** How much of a text without spaces is held back, in code points. */
const LAST_CHARACTERS = 8;

/**
 * A text without its last word, blank while there is but one: never the whole of it. Where words have no spaces
 * between them, without its last characters.
 */
export function beginningOf(text: string): string {
  const said = text.trimEnd();
  const lastWord = /\s\S*$/.exec(said);
  if (lastWord !== null && lastWord.index > 0) return said.slice(0, lastWord.index).trimEnd();
  const characters = Array.from(said);
  return /\P{ASCII}/u.test(said) ? characters.slice(0, -LAST_CHARACTERS).join("") : "";
}

/** Whether a sentence ends in the text. */
export function hasSentence(text: string | null): boolean {
  return text !== null && /[.!?…](?:["'”’»)\]]*)(?:\s|$)|[。！？]|\n/.test(text.trimStart());
}
