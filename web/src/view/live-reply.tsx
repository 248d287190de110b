import type { VNode } from "preact";
import type { LiveReply, LiveTool } from "../chat/live-replies.ts";
import { ReplyText } from "./reply-text.tsx";

const TOOL_STATES: Readonly<Record<LiveTool["state"], string>> = {
  started: "is running",
  finished: "done",
  failed: "failed",
};

/** A reply while it is written. */
export function LiveReplyView({ reply }: { readonly reply: LiveReply }): VNode {
  const { text, tools, attempt, state: phase } = reply;
  return (
    <article class="entry assistant live" data-turn={reply.turnId} aria-busy={phase === "writing"}>
      <h3 class="unseen">Agent</h3>
      {attempt > 1 && <p class="fate">Attempt {attempt}</p>}
      {phase === "retrying" && <p class="fate">That attempt came to no end; it is tried again.</p>}
      {tools.length > 0 && (
        <ul class="tools" aria-label="Tools">
          {tools.map(({ index, name, state }) => (
            <li key={index} data-state={state}>
              <code>{name}</code> {TOOL_STATES[state]}
            </li>
          ))}
        </ul>
      )}
      {text === "" ? (
        phase === "writing" && (
          <p class="thinking">
            <span class="unseen">The agent is thinking</span>
            <i /> <i /> <i />
          </p>
        )
      ) : (
        <ReplyText text={text} />
      )}
    </article>
  );
}
