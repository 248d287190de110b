/** A text cut where its highlights begin and end. */
export interface TextPart {
  readonly text: string;
  readonly isMarked: boolean;
}

/** `highlights` are UTF-16 offsets, end exclusive; what is out of order or out of range is left out. */
export function markedParts(
  text: string,
  highlights: readonly { readonly start: number; readonly end: number }[],
): readonly TextPart[] {
  const parts: TextPart[] = [];
  let at = 0;
  const add = (end: number, isMarked: boolean): void => {
    if (end > at) parts.push({ text: text.slice(at, end), isMarked });
    at = Math.max(at, end);
  };
  for (const { start, end } of highlights) {
    if (start < at || end > text.length || end <= start) continue;
    add(start, false);
    add(end, true);
  }
  add(text.length, false);
  return parts;
}
