export interface TypedCommand {
  /** In lower case. */
  readonly name: string;
  /** What stands behind the name, trimmed. */
  readonly argument: string;
}

/**
 * Reads `/name argument`. The name has up to 32 letters, digits, `-` and `_`, and white space or the end of the
 * text behind it, so `/etc/hosts is broken` is a message. Anything in front of the slash, a space too,
 * makes it a message.
 */
export function parseCommand(text: string): TypedCommand | null {
  // The test keeps the expression away from every message that is not a command.
  if (!text.startsWith("/")) return null;
  const match = /^\/([\p{L}\p{N}_-]{1,32})(?:\s([^]*))?$/u.exec(text);
  if (match?.[1] === undefined) return null;
  return { name: match[1].toLowerCase(), argument: (match[2] ?? "").trim() };
}
