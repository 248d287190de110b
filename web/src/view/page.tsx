import type { VNode } from "preact";
import { useEffect } from "preact/hooks";
import { isSignedOut } from "../api/call.ts";
import type { Desk } from "../desk.ts";
import { ConversationPane } from "./conversation-pane.tsx";
import { useDrawers } from "./drawers.ts";
import { NumbersPanel } from "./numbers-panel.tsx";
import { followShortcuts } from "./shortcuts.ts";
import { Sidebar } from "./sidebar.tsx";
import { SignedOut } from "./signed-out.tsx";

/** Everything: the list, the conversation, the numbers. On a narrow screen the sides are drawers. */
export function Page({ desk }: { readonly desk: Desk }): VNode {
  const drawer = desk.drawer.value;
  useEffect(() => followShortcuts(desk), [desk]);
  useDrawers(desk.drawer);

  if (isSignedOut.value) return <SignedOut />;
  return (
    <div class="desk" data-drawer={drawer ?? undefined}>
      <Sidebar desk={desk} />
      <ConversationPane key={desk.conversation.value} desk={desk} conversation={desk.conversation.value} />
      <NumbersPanel desk={desk} />
      {drawer !== null && <div class="backdrop" aria-hidden="true" onClick={() => (desk.drawer.value = null)} />}
      <p class="unseen" role="status">
        {desk.announcement}
      </p>
    </div>
  );
}
