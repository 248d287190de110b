import { ParlorError } from "../../core/errors.ts";

export const MAX_LIMIT = 200;
const DEFAULT_LIMIT = 50;

/** How many items a page holds. */
export function pageLimit(limit: number | undefined): number {
  const checked = limit ?? DEFAULT_LIMIT;
  if (!Number.isInteger(checked) || checked < 1 || checked > MAX_LIMIT) {
    throw new ParlorError(
      "INVALID_INPUT",
      `A page's limit is a whole number from 1 to ${MAX_LIMIT}; found ${checked}.`,
    );
  }
  return checked;
}

/** Where the next page begins: the position of the last item of this one. */
export function encodeCursor(...position: readonly (string | number)[]): string {
  return Buffer.from(JSON.stringify(position)).toString("base64url");
}

/** The position in a cursor, with parts of these types. */
export function decodeCursor<const Types extends readonly ("string" | "number")[]>(
  cursor: string,
  ...types: Types
): { [Index in keyof Types]: Types[Index] extends "number" ? number : string } {
  const position = parse(cursor);
  if (
    !Array.isArray(position) ||
    position.length !== types.length ||
    types.some((type, i) => typeof position[i] !== type)
  ) {
    throw new ParlorError(
      "INVALID_INPUT",
      "The cursor is not one that this list gave out. Start again without a cursor.",
    );
  }
  return position as { [Index in keyof Types]: Types[Index] extends "number" ? number : string };
}

function parse(cursor: string): unknown {
  try {
    return JSON.parse(Buffer.from(cursor, "base64url").toString());
  } catch {
    return undefined;
  }
}
