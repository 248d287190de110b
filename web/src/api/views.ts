/** What the gateway tells about sessions, as its OpenAPI document says. Times are epoch milliseconds. */

export interface SourceView {
  readonly platform: string;
  readonly account: string;
  readonly chatType: string;
  readonly chat: string;
  readonly thread: string | null;
  readonly user: string;
  readonly chatName: string | null;
  readonly userName: string | null;
}

export type SessionState = "draft" | "live" | "ended";

export interface SessionView {
  readonly id: string;
  readonly state: SessionState;
  readonly epoch: number;
  readonly source: SourceView;
  readonly title: string | null;
  readonly startedAt: number | null;
  readonly activeAt: number | null;
  readonly endedAt: number | null;
  readonly endReason: string | null;
  readonly reset: { readonly reason: string; readonly hadActivity: boolean } | null;
  readonly lastSeq: number;
}

export type Role = "user" | "assistant" | "notice";

/** A session with what its list shows of it. */
export interface ListedSession extends SessionView {
  readonly isBusy: boolean;
  readonly lastEntry: { readonly role: Role; readonly text: string; readonly createdAt: number } | null;
}

export interface EntryView {
  readonly seq: number;
  readonly role: Role;
  readonly text: string;
  readonly state: "waiting" | "running" | "answered" | "cancelled" | "dead" | "overheard" | "erased" | "said";
  readonly reason: string | null;
  readonly createdAt: number;
  /** Of what an interrupted answer had said: the `seq` of the message behind which it is to be read. */
  readonly follows: number | null;
  readonly sender: { readonly id: string; readonly name: string | null } | null;
  readonly attachments: readonly { readonly url: string; readonly name?: string; readonly mediaType?: string }[];
  /** The turn it is part of; null while it waits. */
  readonly turn: string | null;
}

/** What an agent asks. */
export interface QuestionView {
  readonly id: string;
  /** The entry that shows it. */
  readonly seq: number;
  readonly choices: readonly { readonly id: string; readonly label: string }[];
}

export interface SearchHit {
  readonly session: string;
  readonly seq: number;
  readonly role: Role;
  readonly createdAt: number;
  readonly snippet: string;
  readonly highlights: readonly { readonly start: number; readonly end: number }[];
}

export interface Stats {
  readonly sessions: number;
  readonly emptySessionsAvoided: number;
  /** Events of this process by what became of them. */
  readonly received: Readonly<Record<string, number>>;
}

/** The answer to a message: stored; or a command, a signal or a rejection, which are not. */
export type SayAnswer =
  | { readonly session: string; readonly seq: number; readonly duplicate?: true }
  | { readonly command: string; readonly reply: string; readonly duplicate?: true }
  | { readonly rejected: string; readonly reply: string | null }
  | { readonly signal: true };
