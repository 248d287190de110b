/**
 * The attachments of a prompt, as far as a model can be shown them. What cannot be shown stays a line that
 * names it, with the reason. The newest come first where there is not room for all.
 */
import type { Attachment } from "../core/message.ts";
import type { Source } from "../core/source.ts";
import type { Clock } from "../lib/clock.ts";
import type { AgentEntry } from "./agent.ts";
import type { AgentFiles, FetchedFile } from "./agent-files.ts";
import { attached, quotedUnder } from "./entry-text.ts";
import { bareMediaType, IMAGE_TYPES, isTextFile, UNKNOWN_TYPE } from "./file-kind.ts";
import type { ModelEndpoint } from "./model-endpoint.ts";
import { createTimeLimit } from "./time-limit.ts";

export type ModelContentPart =
  | { readonly type: "text"; readonly text: string }
  /** Without its name, which somebody chose: that stands quoted in the text before it. */
  | { readonly type: "file"; readonly data: Uint8Array; readonly mediaType: string };

export interface ModelAttachments {
  /** In order, never two texts in a row; empty when the entry has none. */
  of(entry: Pick<AgentEntry, "attachments">): readonly ModelContentPart[];
}

export interface LoadAttachmentsOptions {
  /** Null: nothing is fetched. */
  readonly files: AgentFiles | null;
  readonly api: ModelEndpoint["api"];
  readonly source: Source;
  readonly clock: Clock;
}

/** The most that one prompt holds; of files that can be shown the newest are tried. */
const MAX_BYTES = 31_457_280;
const MAX_FILES = 100;
const MAX_TEXT_IN_ALL = 200_000;
/** The most of one file of text, in UTF-16 units. */
const MAX_TEXT = 50_000;
/** The largest image that Anthropic takes. */
const MAX_IMAGE_BYTES = 5_242_880;
const AT_ONCE = 4;
/** How long a turn may wait for all of its files: servers may be slow on purpose. */
const PATIENCE_MS = 45_000;
const FULL = unavailable("the conversation has too many files");
const LATE = unavailable("there was no time left to fetch it");
const OTHER_KIND = unavailable("it is of a kind that cannot be shown");

const NOT_TAKEN = { type: "text", text: "(It is not shown: the model did not take it.)" } as const;

/** Every attachment as a line that names it. */
export const REFERENCES: ModelAttachments = attachmentsFrom(new Map());

/** Fetches what people have attached. Rejects with the signal's reason when that is aborted, and with nothing else. */
export async function loadAttachments(
  entries: readonly AgentEntry[],
  { files, api, source, clock }: LoadAttachmentsOptions,
  signal: AbortSignal,
): Promise<ModelAttachments> {
  if (files === null) return REFERENCES;
  using patience = createTimeLimit(clock, PATIENCE_MS);
  patience.restart();
  const stop = AbortSignal.any([signal, patience.signal]);
  const fetchInTime = async (attachment: Attachment): Promise<FetchedFile> => {
    try {
      return await files.fetch(attachment, source, stop);
    } catch {
      signal.throwIfAborted();
      return LATE;
    }
  };

  const all = entries
    .filter(({ role }) => role === "user")
    .flatMap(({ attachments }) => attachments)
    .toReversed();
  const wanted = all.filter((attachment) => canBeShown(attachment, api));
  const room = { bytes: MAX_BYTES, text: MAX_TEXT_IN_ALL };
  const shown = new Map(
    all.map((attachment) => [attachment, notShown(attachment, canBeShown(attachment, api) ? FULL : OTHER_KIND)]),
  );
  for (let first = 0; first < Math.min(wanted.length, MAX_FILES) && room.bytes > 0; first += AT_ONCE) {
    const some = wanted.slice(first, first + AT_ONCE);
    const fetched = await Promise.all(some.map(fetchInTime));
    for (const [index, attachment] of some.entries()) {
      shown.set(attachment, partsOf(attachment, fetched[index] ?? LATE, room, api));
    }
  }
  return attachmentsFrom(shown);
}

/** The same without the files of these entries, each with a word about it; null when they have none. */
export function withoutFilesOf(entries: readonly AgentEntry[], loaded: ModelAttachments): ModelAttachments | null {
  const isFile = ({ type }: ModelContentPart): boolean => type === "file";
  if (!entries.some((entry) => loaded.of(entry).some(isFile))) return null;
  const bare = new Set(entries.map(({ attachments }) => attachments));
  return {
    of: (entry) => {
      const parts = loaded.of(entry);
      return bare.has(entry.attachments) ? joined(parts.map((part) => (isFile(part) ? NOT_TAKEN : part))) : parts;
    },
  };
}

type Unavailable = Extract<FetchedFile, { outcome: "unavailable" }>;

interface Room {
  bytes: number;
  text: number;
}

function partsOf(
  attachment: Attachment,
  file: FetchedFile,
  room: Room,
  api: ModelEndpoint["api"],
): readonly ModelContentPart[] {
  if (file.outcome === "unavailable") return notShown(attachment, file);
  const { bytes, mediaType } = file;
  if (isTextFile(mediaType, attachment.name)) return [{ type: "text", text: quotedText(attachment, bytes, room) }];
  if (!isShownAsFile(mediaType, api)) return notShown(attachment, OTHER_KIND);
  if (IMAGE_TYPES.includes(mediaType) && bytes.byteLength > MAX_IMAGE_BYTES) {
    return notShown(attachment, unavailable(`it is an image of more than ${MAX_IMAGE_BYTES / 1_048_576} MiB`));
  }
  if (bytes.byteLength > room.bytes) {
    // What is older is not shown either: it would come and go with what is newer.
    room.bytes = 0;
    return notShown(attachment, FULL);
  }
  room.bytes -= bytes.byteLength;
  return [
    { type: "text", text: attached(attachment) },
    { type: "file", data: bytes, mediaType },
  ];
}

function quotedText(attachment: Attachment, bytes: Uint8Array, room: Room): string {
  const reference = attached(attachment);
  const text = readText(bytes);
  if (text === null) return `${reference}, not shown: it is not text in UTF-8.`;
  const shown = text.slice(0, Math.min(MAX_TEXT, room.text)).toWellFormed();
  room.text -= shown.length;
  const left = text.length - shown.length;
  const quoted = quotedUnder(`${reference}, quoted:`, shown);
  return left === 0 ? quoted : `${quoted}\n(${left} more characters of it were left out.)`;
}

function readText(bytes: Uint8Array): string | null {
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(bytes);
  } catch {
    return null;
  }
}

/** Whether fetching it can come to something: a film stays a line. */
function canBeShown({ mediaType, name }: Attachment, api: ModelEndpoint["api"]): boolean {
  const said = bareMediaType(mediaType);
  return said === UNKNOWN_TYPE || said.startsWith("image/") || isTextFile(said, name) || isShownAsFile(said, api);
}

function isShownAsFile(mediaType: string, api: ModelEndpoint["api"]): boolean {
  return IMAGE_TYPES.includes(mediaType) || (mediaType === "application/pdf" && api === "anthropic");
}

function notShown(attachment: Attachment, { reason }: Unavailable): readonly ModelContentPart[] {
  return [{ type: "text", text: `${attached(attachment)}, not shown: ${reason}.` }];
}

function unavailable(reason: string): Unavailable {
  return { outcome: "unavailable", reason };
}

function attachmentsFrom(shown: ReadonlyMap<Attachment, readonly ModelContentPart[]>): ModelAttachments {
  return {
    of: ({ attachments }) =>
      joined(attachments.flatMap((each) => shown.get(each) ?? [{ type: "text" as const, text: attached(each) }])),
  };
}

function joined(parts: readonly ModelContentPart[]): readonly ModelContentPart[] {
  const whole: ModelContentPart[] = [];
  for (const part of parts) {
    const last = whole.at(-1);
    if (last?.type !== "text" || part.type !== "text") whole.push(part);
    else whole[whole.length - 1] = { type: "text", text: `${last.text}\n${part.text}` };
  }
  return whole;
}
