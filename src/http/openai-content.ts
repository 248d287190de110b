/** What a message of an OpenAI client holds: its text, and its files by reference. */
import { z } from "zod";
import { MAX_TEXT_LENGTH, isBlank } from "../core/message.ts";
import type { Attachment } from "../core/message.ts";
import { OpenAiError } from "./openai-error.ts";

export type OpenAiPart = { readonly type: string } & Readonly<Record<string, unknown>>;
export type OpenAiContent = string | readonly OpenAiPart[];

export const OPENAI_CONTENT: z.ZodType<OpenAiContent> = z.union(
  [z.string(), z.array(z.looseObject({ type: z.string() }))],
  { error: "Expected a string or a list of parts, each with a type" },
);

export interface ReadContent {
  readonly text: string;
  readonly attachments: readonly Attachment[];
}

/** The longest address of a file. */
const MAX_URL_LENGTH = 8_192;

/**
 * Reads a content; the texts of its parts become lines of one text.
 *
 * @throws OpenAiError for a part that cannot be passed on; `param` says where it stands.
 */
export function readContent(content: OpenAiContent | null | undefined, param: string): ReadContent {
  if (content === null || content === undefined) return { text: "", attachments: [] };
  if (typeof content === "string") return { text: content, attachments: [] };
  const texts: string[] = [];
  const attachments: Attachment[] = [];
  for (const [index, part] of content.entries()) {
    const read = readPart(part, `${param}.${index}`);
    if (typeof read === "string") texts.push(read);
    else attachments.push(read);
  }
  return { text: texts.join("\n"), attachments };
}

/**
 * Checks that a message can be accepted.
 *
 * @throws OpenAiError when it says nothing, or more than a message may hold.
 */
export function checkSaid({ text, attachments }: ReadContent, param: string): void {
  if (isBlank(text) && attachments.length === 0) {
    throw invalid(param, "A message needs text or a file; this one is blank. Nothing was stored.");
  }
  if (text.length > MAX_TEXT_LENGTH) {
    throw invalid(
      param,
      `A message may have ${MAX_TEXT_LENGTH} characters; found ${text.length}. Send it in parts. Nothing was stored.`,
    );
  }
}

function readPart(part: OpenAiPart, param: string): string | Attachment {
  switch (part.type) {
    case "text":
    case "input_text":
    case "output_text":
      return textOf(part["text"], `${param}.text`);
    case "refusal":
      return textOf(part["refusal"], `${param}.refusal`);
    case "image_url":
    case "input_image":
      return { url: urlOf(fieldOf(part["image_url"], "url"), `${param}.image_url`) };
    case "file":
    case "input_file": {
      const file = part.type === "file" ? fieldOf(part["file"], null) : part;
      const name = fieldOf(file, "filename");
      const url = urlOf(fieldOf(file, "file_url") ?? fieldOf(file, "file_data"), `${param}.file_url`);
      return typeof name === "string" && name !== "" ? { url, name } : { url };
    }
    default:
      throw invalid(`${param}.type`, `Parts of this type cannot be passed on. ${SUPPORTED}`);
  }
}

const SUPPORTED = "Supported are text, images by URL (image_url, input_image) and files by URL (input_file).";

function textOf(value: unknown, param: string): string {
  if (typeof value === "string") return value;
  throw invalid(param, "Expected a string.");
}

/** A field of what may be an object; a value that is none stands for itself. */
function fieldOf(value: unknown, field: string | null): unknown {
  if (typeof value !== "object" || value === null || field === null) return value;
  return (value as Readonly<Record<string, unknown>>)[field];
}

function urlOf(value: unknown, param: string): string {
  if (typeof value !== "string") {
    throw invalid(param, "Expected the http or https URL of a file. Ids of uploaded files are not known here.");
  }
  if (/^data:/i.test(value)) {
    throw invalid(param, "Files are kept by reference: give an http or https URL instead of a data: URL.");
  }
  if (value.length > MAX_URL_LENGTH || !/^https?:\/\//i.test(value) || !URL.canParse(value)) {
    throw invalid(param, `Expected an http or https URL of at most ${MAX_URL_LENGTH} characters.`);
  }
  return value;
}

function invalid(param: string, message: string): OpenAiError {
  return new OpenAiError("invalid_value", `${param}: ${message}`, { param });
}
