/** Text that Telegram would refuse as MarkdownV2. */
export class MarkdownV2Error extends Error {}

const RESERVED = new Set("_*[]()~`>#+-=|{}.!");
const TOGGLES = ["```", "__", "||", "`", "*", "_", "~"] as const;

/** What people see of a text in Telegram's MarkdownV2. @throws MarkdownV2Error where Telegram refuses it. */
export function readMarkdownV2(text: string): string {
  const open: string[] = [];
  let shown = "";
  for (let at = 0; at < text.length;) {
    const [read, length] = readNext(text, at, open);
    shown += read;
    at += length;
  }
  if (open.length > 0) throw new MarkdownV2Error(`can't find end of the entity ${open.at(-1)}`);
  return shown;
}

/** What is shown of the next characters, and how many they are. */
function readNext(text: string, at: number, open: string[]): readonly [shown: string, length: number] {
  const char = text.charAt(at);
  if (char === "\\" && at + 1 < text.length) return [text.charAt(at + 1), 2];
  const inside = open.at(-1);
  const marker = TOGGLES.find((toggle) => text.startsWith(toggle, at));
  if (marker !== undefined && marker === inside) {
    open.pop();
    return ["", marker.length];
  }
  if (inside === "```" || inside === "`") return [char, 1];
  if (char === "[") {
    open.push("[");
    return ["", 1];
  }
  if (char === "]" && inside === "[") {
    const end = /^\]\((?:[^)\\]|\\.)*\)/.exec(text.slice(at));
    if (end === null) throw new MarkdownV2Error("a link has no address");
    open.pop();
    return ["", end[0].length];
  }
  if (char === ">" && (at === 0 || text.charAt(at - 1) === "\n")) return ["", 1];
  if (marker !== undefined) {
    if (open.includes(marker)) throw new MarkdownV2Error(`the entity ${marker} is inside itself`);
    open.push(marker);
    const language = marker === "```" ? (/^[^\n`]*\n/.exec(text.slice(at + 3))?.[0].length ?? 0) : 0;
    return ["", marker.length + language];
  }
  if (RESERVED.has(char)) throw new MarkdownV2Error(`character '${char}' is reserved and must be escaped`);
  return [char, 1];
}
