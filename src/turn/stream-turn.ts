import type { Source } from "../core/source.ts";
import type { Turn } from "../core/turn.ts";
import { type StreamedReplyDeps, type StreamingPlatform, StreamedReply } from "./streamed-reply.ts";

export interface StreamTurnDeps extends Pick<StreamedReplyDeps, "store" | "clock"> {
  /** What is sent of a text to this source, in order; nothing where it is read from the transcript. */
  readonly pieces: (source: Source, text: string) => readonly string[];
  /** Where a reply to this source is shown while it is written; null where it is sent as a whole. Default: nowhere. */
  readonly streaming?: (source: Source) => StreamingPlatform | null;
  /** Called when deliveries or lifecycle events may be due. */
  readonly onCommitted?: () => void;
}

/** The reply of an attempt, where people see it grow; null where they do not. */
export function streamTurn(
  { lease, session: { source } }: Turn,
  { store, clock, pieces, streaming, onCommitted }: StreamTurnDeps,
  run: Pick<StreamedReplyDeps, "signal" | "onLost" | "onFault">,
): StreamedReply | null {
  const platform = streaming?.(source) ?? null;
  if (platform === null) return null;
  return new StreamedReply({
    ...run,
    store,
    clock,
    platform,
    lease,
    destination: source,
    firstPiece: (text) => pieces(source, text)[0] ?? null,
    onDue: () => onCommitted?.(),
  });
}
