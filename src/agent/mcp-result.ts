/** What a tool of an MCP server came to, as a model can be told it: bounded, and nothing left out in silence. */
import type { CallToolResult } from "@modelcontextprotocol/client";
import { IMAGE_TYPES, sniffMediaType } from "./file-kind.ts";

export type ToolContent =
  | { readonly type: "text"; readonly text: string }
  /** `data` is base64. */
  | { readonly type: "image"; readonly data: string; readonly mediaType: string };

type Block = CallToolResult["content"][number];

/** The longest text of one result, in UTF-16 units. */
export const MAX_RESULT_TEXT = 50_000;
/** The most images of one result, and the largest of them in characters of base64: what Anthropic takes. */
const MAX_IMAGES = 10;
const MAX_IMAGE = 5_242_880;
/** The characters of base64 that hold the beginning of a file. */
const SNIFFED = 24;

/** `maxText`: how many characters of it are shown, in UTF-16 units. */
export function readToolResult(
  { content, structuredContent }: CallToolResult,
  maxText: number = MAX_RESULT_TEXT,
): readonly ToolContent[] {
  const parts: ToolContent[] = [];
  let words: string[] = [];
  let images = 0;
  const endWords = (): void => {
    if (words.length > 0) parts.push({ type: "text", text: words.join("\n") });
    words = [];
  };
  for (const block of content) {
    const image = images < MAX_IMAGES ? shownImage(block) : null;
    if (image === null) words.push(wordsOf(block));
    else {
      endWords();
      parts.push(image);
      images += 1;
    }
  }
  if (content.length === 0) {
    words.push(
      structuredContent === undefined ? "The tool answered without a word." : JSON.stringify(structuredContent),
    );
  }
  endWords();
  return cut(parts, maxText);
}

/** The words alone; what is not words is named. */
export function toolText(parts: readonly ToolContent[]): string {
  return parts.map((part) => (part.type === "text" ? part.text : imageName(part.mediaType, part.data))).join("\n");
}

/** What the bytes show to be an image is one: an API that is told otherwise of them refuses the whole prompt. */
function shownImage(block: Block): ToolContent | null {
  if (block.type !== "image" || block.data.length > MAX_IMAGE) return null;
  const mediaType = sniffMediaType(Buffer.from(block.data.slice(0, SNIFFED), "base64"));
  return mediaType !== null && IMAGE_TYPES.includes(mediaType) ? { type: "image", data: block.data, mediaType } : null;
}

function wordsOf(block: Block): string {
  switch (block.type) {
    case "text":
      return block.text;
    case "image":
    case "audio":
      return imageName(block.mimeType, block.data);
    case "resource_link":
      return `[a file: ${block.name} ${block.uri}]`;
    case "resource": {
      const { resource } = block;
      return "text" in resource
        ? resource.text
        : `[a file: ${resource.uri}, ${bytesOf(resource.blob)} bytes, not shown]`;
    }
  }
}

function imageName(mediaType: string, data: string): string {
  return `[${mediaType}, ${bytesOf(data)} bytes, not shown]`;
}

function bytesOf(base64: string): number {
  return Buffer.byteLength(base64, "base64");
}

/** The first characters of all the texts together. What is left out is said once, where it begins. */
function cut(parts: readonly ToolContent[], maxText: number): readonly ToolContent[] {
  const length = parts.reduce((sum, part) => sum + (part.type === "text" ? part.text.length : 0), 0);
  if (length <= maxText) return parts;
  let shown = 0;
  let isOver = false;
  return parts.flatMap((part): readonly ToolContent[] => {
    if (part.type === "image") return [part];
    if (isOver) return [];
    const text = part.text.slice(0, maxText - shown).toWellFormed();
    shown += text.length;
    if (text.length === part.text.length) return [part];
    isOver = true;
    return [{ type: "text", text: `${text}\n[${length - shown} more characters were left out]` }];
  });
}
