/**
 * Stored text as a terminal may show it. Anyone who can send a message can send escape sequences; what
 * a terminal would obey, and what would turn the direction of the rest of the line, is shown by its number.
 */

/** The line separators, and the marks that embed, override or isolate a direction. */
const REORDERING = String.raw`\u2028\u2029\u202a-\u202e\u2066-\u2069`;
const UNSAFE = new RegExp(String.raw`[\p{Cc}${REORDERING}]`, "gu");
const UNSAFE_IN_JSON = new RegExp(String.raw`[\x7f-\x9f${REORDERING}]`, "gu");

/** Text of several lines. */
export function plainText(text: string): string {
  return text.replaceAll("\r\n", "\n").split("\n").map(plainLine).join("\n");
}

/** Text of one line. */
export function plainLine(text: string): string {
  return text.toWellFormed().replaceAll("\t", "  ").replaceAll(UNSAFE, numbered);
}

/** A JSON document that reads the same to a program, and is as harmless to a terminal as text; `indent` 0: in one line. */
export function plainJson(document: unknown, indent = 2): string {
  return JSON.stringify(document, null, indent).replaceAll(
    UNSAFE_IN_JSON,
    (character) => String.raw`\u${hex(character).padStart(4, "0")}`,
  );
}

function numbered(character: string): string {
  if (character === "\n") return String.raw`\n`;
  const digits = hex(character);
  return digits.length > 2 ? String.raw`\u${digits}` : String.raw`\x${digits.padStart(2, "0")}`;
}

function hex(character: string): string {
  return character.charCodeAt(0).toString(16);
}
