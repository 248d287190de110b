import type { Entry } from "../core/transcript.ts";
import type { Screen } from "./answer.ts";
import { plainLine, plainText } from "./plain-text.ts";
import { localMinute } from "./quantity.ts";
import { named } from "./session-facts.ts";

/**
 * Entries that are grouped by turn, with an empty line between the turns. What was said is made harmless.
 * `marks` is what else there is to say of an entry, by its number.
 */
export function formatTranscript(
  screen: Screen,
  entries: readonly Entry[],
  marks: ReadonlyMap<number, string> = new Map(),
): string {
  const blocks: string[] = [];
  let turn: string | null = null;
  for (const entry of entries) {
    const text = formatEntry(screen, entry, marks.get(entry.seq));
    if (blocks.length > 0 && entry.turnId !== null && entry.turnId === turn) blocks.push(`${blocks.pop()}\n${text}`);
    else blocks.push(text);
    turn = entry.turnId;
  }
  return blocks.join("\n\n");
}

function formatEntry(screen: Screen, entry: Entry, mark: string | undefined): string {
  const { seq, role, sender, state, createdAt, text, attachments, follows } = entry;
  const who = sender === null ? role : `${role} ${named(sender.id, sender.name)}`;
  const fate = follows !== null ? ["interrupted"] : state === "said" || state === "answered" ? [] : [state];
  const shown = [...fate, ...(mark === undefined ? [] : [mark])];
  const how = shown.length === 0 ? "" : ` (${shown.join(", ")})`;
  const files = attachments.map(
    ({ name, mediaType, url }) => `attachment: ${[name, mediaType, url].filter(Boolean).join(" ")}`,
  );
  return [
    screen.style("bold", plainLine(`${seq}  ${localMinute(createdAt)}  ${who}${how}`)),
    ...(text === "" ? [] : plainText(text).split("\n")).map((line) => `  ${line}`),
    ...(entry.reason === null ? [] : [`  ${plainLine(`reason: ${entry.reason}`)}`]),
    ...files.map((file) => `  ${plainLine(file)}`),
  ].join("\n");
}
