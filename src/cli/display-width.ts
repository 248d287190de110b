/** How wide text is on a terminal, and text of a given width. What people see as one character is never cut apart. */

const segmenter = new Intl.Segmenter("en", { granularity: "grapheme" });

const WIDE_SCRIPTS = ["Han", "Hira", "Kana", "Hang", "Bopo", "Yiii"]
  .map((name) => String.raw`\p{Script=${name}}`)
  .join("");
/** Two columns: East Asian characters but for their half-width forms, full-width forms, and emoji. */
const WIDE = new RegExp(
  String.raw`[[${WIDE_SCRIPTS}\u3000-\u303e\u30fb\u30fc\uff01-\uff60\uffe0-\uffe6]--[\uff61-\uffdc]]|\p{RGI_Emoji}`,
  "v",
);
const ASCII = /^[\x20-\x7e]*$/;
const VISIBLE = /[^\p{M}\p{Cf}\p{Cc}\p{Default_Ignorable_Code_Point}]/u;

/** In columns. */
export function displayWidth(text: string): number {
  if (ASCII.test(text)) return text.length;
  let width = 0;
  for (const { segment } of segmenter.segment(text)) width += graphemeWidth(segment);
  return width;
}

/** The text, ended with `…` where it is wider than `width`. */
export function fitText(text: string, width: number): string {
  if (displayWidth(text) <= width) return text;
  let fitted = "";
  let left = width - 1;
  for (const { segment } of segmenter.segment(text)) {
    left -= graphemeWidth(segment);
    if (left < 0) break;
    fitted += segment;
  }
  return `${fitted.trimEnd()}…`;
}

/** The text with spaces up to `width`. */
export function padText(text: string, width: number): string {
  return text + " ".repeat(Math.max(0, width - displayWidth(text)));
}

/** The words of a text in lines of `width`. A word wider than that has a line of its own. */
export function wrapText(text: string, width: number): readonly string[] {
  const lines: string[] = [];
  for (const word of text.split(/ +/)) {
    const last = lines.at(-1);
    if (last !== undefined && displayWidth(last) + 1 + displayWidth(word) <= width)
      lines[lines.length - 1] = `${last} ${word}`;
    else lines.push(word);
  }
  return lines;
}

function graphemeWidth(grapheme: string): number {
  if (WIDE.test(grapheme)) return 2;
  return VISIBLE.test(grapheme) ? 1 : 0;
}
