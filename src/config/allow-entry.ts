/** Who an entry of the allow list names. */
export interface AllowEntry {
  readonly platform: string;
  /** The platform's id of a person or a chat. */
  readonly id: string;
}

const ENTRY = /^(?<platform>[a-z][a-z0-9-]*):(?<id>[^\p{Cc}\p{Cs}]{1,256})$/u;

/** A number as Telegram writes it, of at most 52 bits. */
const TELEGRAM_ID = /^-?[1-9]\d{0,15}$/;

/** Reads `platform:id`; null when it is something else. The id may hold colons of its own. */
export function parseAllowEntry(entry: string): AllowEntry | null {
  const { platform = "", id = "" } = ENTRY.exec(entry)?.groups ?? {};
  if (id === "" || id.trim() !== id) return null;
  // A Telegram name can be given up and taken by someone else.
  return platform === "telegram" && !TELEGRAM_ID.test(id) ? null : { platform, id };
}

export function isAllowEntry(entry: string): boolean {
  return parseAllowEntry(entry) !== null;
}
