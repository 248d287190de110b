/**
 * Where one is in a transcript: at its end, which then stays in sight as it grows, or somewhere in it,
 * which then stays where it is, also when something is added above.
 */
import { useSignal } from "@preact/signals";
import type { ReadonlySignal } from "@preact/signals";
import { useLayoutEffect, useRef } from "preact/hooks";
import type { RefObject } from "preact";
import type { Conversation } from "../chat/conversation.ts";

export interface Scrolling {
  /** Whether the newest is out of sight. */
  readonly isAway: ReadonlySignal<boolean>;
  /** After a scroll. */
  look(): void;
  /** After a render, before it is painted. */
  settle(): void;
  earlier(): Promise<void>;
  toEnd(): Promise<void>;
}

/** How near the end counts as the end, in pixels. */
const NEAR = 60;

export function useScrolling(box: RefObject<HTMLDivElement | null>, conversation: Conversation): Scrolling {
  const isAway = useSignal(false);
  const isAtEnd = useRef(conversation.target.seq === null);
  /** Distance from the end that is to stay as it is; null when nothing is being added above. */
  const keep = useRef<number | null>(null);
  const shown = useRef(false);
  const sent = useRef(conversation.outgoing.peek().length);

  const look = (): void => {
    const element = box.current;
    if (element === null) return;
    isAtEnd.current =
      conversation.window.value.isAtEnd && element.scrollHeight - element.clientHeight - element.scrollTop < NEAR;
    isAway.value = !isAtEnd.current && conversation.window.value.entries.length > 0;
  };

  const showHighlighted = (element: HTMLElement): void => {
    const entry = element.querySelector(".highlighted");
    if (entry === null || shown.current) return;
    shown.current = true;
    entry.scrollIntoView({ block: "center" });
    look();
  };

  const settle = (): void => {
    const element = box.current;
    if (element === null) return;
    // Who says something wants to see it.
    const count = conversation.outgoing.peek().length;
    if (count > sent.current) isAtEnd.current = true;
    sent.current = count;
    if (keep.current !== null) element.scrollTop = element.scrollHeight - keep.current;
    else if (isAtEnd.current) element.scrollTop = element.scrollHeight;
    else showHighlighted(element);
  };

  // A keyboard on the screen, or a message of many lines, leaves less room.
  useLayoutEffect(() => {
    const observer = new ResizeObserver(settle);
    if (box.current !== null) observer.observe(box.current);
    return () => observer.disconnect();
  }, []);

  return {
    isAway,
    look,
    settle,
    async earlier() {
      const element = box.current;
      if (element === null) return;
      keep.current = element.scrollHeight - element.scrollTop;
      await conversation.loadEarlier().catch(() => undefined);
      // Once what was loaded is in the document.
      requestAnimationFrame(() => (keep.current = null));
    },
    async toEnd() {
      await conversation.toEnd().catch(() => undefined);
      isAtEnd.current = true;
      isAway.value = false;
      requestAnimationFrame(() => box.current?.scrollTo({ top: box.current.scrollHeight }));
    },
  };
}
