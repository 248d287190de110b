import type { ComponentChildren, VNode } from "preact";
import type { Desk } from "../desk.ts";
import { formatTarget } from "../route/target.ts";
import type { Target } from "../route/target.ts";

export interface TargetLinkProps {
  readonly desk: Desk;
  readonly target: Target;
  readonly class: string;
  readonly isCurrent?: boolean;
  readonly children: ComponentChildren;
}

/** A link to a conversation: opened in place, or in a tab of its own where the browser is asked to. */
export function TargetLink({ desk, target, isCurrent = false, children, ...rest }: TargetLinkProps): VNode {
  const follow = (event: MouseEvent): void => {
    if (event.button !== 0 || event.ctrlKey || event.metaKey || event.shiftKey || event.altKey) return;
    event.preventDefault();
    desk.open(target);
  };
  return (
    <a class={rest.class} href={formatTarget(target)} aria-current={isCurrent ? "page" : undefined} onClick={follow}>
      {children}
    </a>
  );
}
