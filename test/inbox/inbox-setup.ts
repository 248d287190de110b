import { createCommands } from "../../src/command/commands.ts";
import { DEFAULT_BUSY } from "../../src/core/busy-policy.ts";
import type { SessionKey } from "../../src/core/session-key.ts";
import { createInbox } from "../../src/inbox/inbox.ts";
import type { Inbox, InboxOptions } from "../../src/inbox/inbox.ts";
import { openSqliteStore } from "../../src/sqlite.ts";
import type { Store } from "../../src/store/store.ts";
import type { InboundOutcome } from "../../src/telemetry/telemetry.ts";

export interface InboxUnderTest extends AsyncDisposable {
  readonly inbox: Inbox;
  readonly store: Store;
  /** What was counted, one entry an event. */
  readonly counted: readonly InboundOutcome[];
  /** The keys that only sent what is not content. */
  readonly avoided: ReadonlySet<SessionKey>;
  readonly opened: readonly SessionKey[];
  /** The sessions that were woken up. */
  readonly woken: readonly string[];
}

/** An inbox on a store in memory, with all commands. */
export async function openInbox(
  options: Partial<Pick<InboxOptions, "context" | "scope">> & {
    /** How many messages may wait in a session. Default: 100. */
    readonly maxWaiting?: number;
    readonly wrap?: (store: Store) => InboxOptions["store"];
    /** Who may speak. Default: everyone. */
    readonly access?: (store: Store) => NonNullable<InboxOptions["access"]>;
  } = {},
): Promise<InboxUnderTest> {
  const { wrap, access, maxWaiting = 100, ...rest } = options;
  const busy = { default: { ...DEFAULT_BUSY, maxWaiting } };
  const store = await openSqliteStore({
    path: ":memory:",
    busy,
    ...(rest.scope === undefined ? {} : { scope: rest.scope }),
  });
  const counted: InboundOutcome[] = [];
  const avoided = new Set<SessionKey>();
  const opened: SessionKey[] = [];
  const woken: string[] = [];
  const inbox = createInbox({
    ...rest,
    questions: store,
    store: wrap?.(store) ?? store,
    ...(access === undefined ? {} : { access: access(store) }),
    commands: createCommands({ store, cancel: store.cancelTurn, retry: store.retryTurn }),
    telemetry: {
      inbound: (outcome) => void counted.push(outcome),
      emptySessionAvoided: (key) => void avoided.add(key),
      isCountedAvoided: (key) => avoided.has(key),
      sessionOpened: (key) => void opened.push(key),
    },
    onAccepted: (sessionId) => void woken.push(sessionId),
  });
  return { inbox, store, counted, avoided, opened, woken, [Symbol.asyncDispose]: () => store[Symbol.asyncDispose]() };
}
