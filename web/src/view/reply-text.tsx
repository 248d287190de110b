import type { VNode } from "preact";
import { useMemo } from "preact/hooks";
import { blocksOf, renderBlock } from "../text/markdown.ts";
import type { Block } from "../text/markdown.ts";

/** A reply as its Markdown means it. */
export function ReplyText({ text }: { readonly text: string }): VNode {
  const blocks = useMemo(() => blocksOf(text), [text]);
  return (
    <div class="reply">
      {blocks.map((block, index) => (
        <ReplyBlock key={index} block={block} />
      ))}
    </div>
  );
}

/** Only a block that has become another is rendered again: while a reply grows that is its last. */
function ReplyBlock({ block }: { readonly block: Block }): VNode {
  const html = useMemo(() => ({ __html: renderBlock(block) }), [block.raw]);
  return <div class="block" dir="auto" dangerouslySetInnerHTML={html} />;
}
