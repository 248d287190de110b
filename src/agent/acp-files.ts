import type { ContentBlock } from "@agentclientprotocol/sdk";
import type { Attachment } from "../core/message.ts";
import type { Source } from "../core/source.ts";
import type { AgentFiles } from "./agent-files.ts";
import { attached } from "./entry-text.ts";
import { bareMediaType, IMAGE_TYPES, UNKNOWN_TYPE } from "./file-kind.ts";

export interface AcpFilesOptions {
  /** Null: nothing is fetched. */
  readonly files: AgentFiles | null;
  /** Whether the agent takes images. */
  readonly images: boolean;
  readonly source: Source;
  /** Ends the fetching: it rejects with the signal's reason. */
  readonly signal: AbortSignal;
}

/** The most that the images of one prompt may have; what is behind them is linked. */
const MAX_BYTES = 20 * 1_048_576;

/** How the files of a prompt stand in it: images as they are where the agent takes them, everything else as links. */
export function createFileBlocks(options: AcpFilesOptions): (attachment: Attachment) => Promise<ContentBlock> {
  const { files, images, source, signal } = options;
  let left = MAX_BYTES;

  return async (attachment) => {
    if (files === null || !images || !mayBeImage(attachment)) return linkBlock(attachment);
    const file = await files.fetch(attachment, source, signal);
    if (file.outcome === "unavailable" || !IMAGE_TYPES.includes(file.mediaType)) return linkBlock(attachment);
    if (file.bytes.byteLength > left) return linkBlock(attachment);
    left -= file.bytes.byteLength;
    return { type: "image", data: Buffer.from(file.bytes).toString("base64"), mimeType: file.mediaType };
  };
}

/** By reference, which every agent takes. */
export function linkBlock(attachment: Attachment): ContentBlock {
  const { url, name, mediaType } = attachment;
  // It would be a whole file in the middle of the words.
  if (/^data:/i.test(url)) return { type: "text", text: attached(attachment) };
  const mimeType = mediaType === undefined ? {} : { mimeType: mediaType };
  return { type: "resource_link", uri: url, name: name ?? "attachment", ...mimeType };
}

function mayBeImage({ mediaType }: Attachment): boolean {
  const said = bareMediaType(mediaType);
  return said === UNKNOWN_TYPE || said.startsWith("image/");
}
