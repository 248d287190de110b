/**
 * Markdown as Telegram reads it (MarkdownV2). Telegram knows no lists and no headings: lists become lines
 * that keep their numbers, headings bold lines. What it could not show at all is not rendered: the text is
 * then sent as it was written, so that nothing of it is missing.
 */
import type { TelegramPackages } from "./telegram-adapter.ts";

type Root = ReturnType<TelegramPackages["chat"]["parseMarkdown"]>;
type Block = Root["children"][number];
type List = Extract<Block, { type: "list" }>;
type Paragraph = Extract<Block, { type: "paragraph" }>;
type Inline = Paragraph["children"][number];
type Link = Extract<Inline, { type: "link" }>;

/** Nodes of which the rendering would leave something out. */
const NOT_SHOWN = new Set(["definition", "footnoteDefinition", "footnoteReference", "linkReference", "imageReference"]);

export function createTelegramMarkdown({ chat, telegram }: TelegramPackages): (text: string) => string | null {
  const converter = new telegram.TelegramFormatConverter();
  const renderAll = (text: string): string | null => {
    const root = chat.parseMarkdown(text);
    if (!isShown(root)) return null;
    const rendered = converter.fromAst({ ...root, children: root.children.flatMap(flatten) });
    return rendered.trim() === "" ? null : rendered;
  };
  return (text) => {
    try {
      return renderAll(text);
    } catch (error) {
      // Quotes within quotes, a thousand deep.
      if (error instanceof RangeError) return null;
      throw error;
    }
  };
}

function isShown(node: Root | Block | Inline, inTable = false): boolean {
  if (NOT_SHOWN.has(node.type)) return false;
  if (node.type === "image") return !inTable && hasAddress(node) && (node.alt ?? "") !== "";
  if (node.type === "link" && !isAddressShown(node, inTable)) return false;
  return !("children" in node) || node.children.every((child) => isShown(child, inTable || node.type === "table"));
}

/** A table is shown as code, where a link has no address but the one that is its text. */
function isAddressShown({ url, children }: Link, inTable: boolean): boolean {
  const [label] = children;
  if (label === undefined) return false;
  return inTable ? label.type === "text" && url.endsWith(label.value) : hasAddress({ url });
}

/** Of a link to anything else Telegram leaves out the address. */
function hasAddress({ url }: { readonly url: string }): boolean {
  return /^(?:https?|mailto|tel|tg|ton):/i.test(url);
}

function flatten(block: Block): readonly Block[] {
  switch (block.type) {
    case "list":
      return blocksOf(block, "");
    case "blockquote":
      return [{ ...block, children: block.children.flatMap((child) => flatten(child) as typeof block.children) }];
    case "heading":
      // It is shown in bold; bold within bold is refused.
      return [
        { ...block, children: block.children.flatMap((child) => (child.type === "strong" ? child.children : [child])) },
      ];
    default:
      return [block];
  }
}

/** Lines as one paragraph; what is no line, such as code in an item, stands between two of them. */
function blocksOf(list: List, indent: string): readonly Block[] {
  const blocks: Block[] = [];
  let number = list.start ?? 1;
  for (const item of list.children) {
    const marker = list.ordered === true ? `${number}. ` : "- ";
    const box = typeof item.checked === "boolean" ? (item.checked ? "[x] " : "[ ] ") : "";
    number += 1;
    const [first, ...rest] = item.children;
    const isLine = first?.type === "paragraph";
    addLine(blocks, [{ type: "text", value: indent + marker + box }, ...(isLine ? first.children : [])]);
    for (const child of isLine || first === undefined ? rest : item.children) {
      const added = child.type === "list" ? blocksOf(child, `${indent}   `) : flatten(child);
      for (const block of added) {
        if (block.type === "paragraph") addLine(blocks, block.children);
        else blocks.push(block);
      }
    }
  }
  return blocks;
}

function addLine(blocks: Block[], children: readonly Inline[]): void {
  const last = blocks.at(-1);
  if (last?.type === "paragraph") last.children.push({ type: "break" }, ...children);
  else blocks.push({ type: "paragraph", children: [...children] });
}
