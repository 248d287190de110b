/**
 * Replies are Markdown. What they say becomes HTML in two steps, each of which would do: HTML that stands
 * in a reply is shown as the characters it is made of, and what Markdown made of the rest goes through
 * DOMPurify. Nothing in a reply loads anything: a picture becomes a link to it.
 */
import createPurify from "dompurify";
import { Marked } from "marked";
import type { Token, TokensList } from "marked";

/** A part of a reply that renders by itself: a paragraph, a list, a block of code. */
export interface Block {
  /** As it was written; equal for equal blocks. */
  readonly raw: string;
  readonly tokens: readonly Token[];
}

const TAGS = "p br hr blockquote ul ol li pre code strong em del a h1 h2 h3 h4 h5 h6 table thead tbody tr th td".split(
  " ",
);

const LINK = /^(?:https?:|mailto:)/i;

const marked = new Marked({
  gfm: true,
  breaks: true,
  renderer: {
    html: ({ text, block }) => (block ? `<p>${escapeText(text)}</p>` : escapeText(text)),
    image: ({ href, text }) => link(href, text === "" ? href : text),
    checkbox: ({ checked }) => (checked ? "☑ " : "☐ "),
  },
});

createPurify.addHook("afterSanitizeAttributes", (node) => {
  if (node.tagName !== "A") return;
  node.setAttribute("target", "_blank");
  node.setAttribute("rel", "noopener noreferrer");
});

/** Cuts a reply into blocks. While it grows, only the last ones become others. */
export function blocksOf(text: string): readonly Block[] {
  const tokens: TokensList = marked.lexer(text);
  return tokens.filter(({ type }) => type !== "space").map((token) => ({ raw: token.raw, tokens: [token] }));
}

/** The block as HTML that is safe to insert, and a Trusted Type where the browser has them. */
export function renderBlock({ tokens }: Block): string {
  const html = createPurify.sanitize(marked.parser([...tokens]), {
    ALLOWED_TAGS: TAGS,
    ALLOWED_ATTR: ["href", "start"],
    ALLOWED_URI_REGEXP: LINK,
    ALLOW_DATA_ATTR: false,
    ALLOW_ARIA_ATTR: false,
    RETURN_TRUSTED_TYPE: true,
  });
  // Inserted as it is; the types of the document's own `innerHTML` say string.
  return html as unknown as string;
}

function link(href: string, text: string): string {
  return `<a href="${escapeText(href)}">${escapeText(text)}</a>`;
}

function escapeText(text: string): string {
  return text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;").replaceAll('"', "&quot;");
}
