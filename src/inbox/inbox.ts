/**
 * Decides what an event is, once: a signal (nothing is written), the answer to a question, a command, or a
 * message for the store.
 *
 * Every event is counted in exactly one of the six outcomes (I26), also when the store fails. Nothing
 * here is remembered between events, so a flood of signals costs no memory (I27); only content reaches
 * `store.accept`, so nothing else can open a session (I9).
 */
import type { Access, MessageEvent, Rejection } from "../access/access.ts";
import { errorMessage } from "../core/errors.ts";
import type { InboundEvent, SignalName } from "../core/event.ts";
import { isBlank } from "../core/message.ts";
import { DEFAULT_SCOPE, sessionKey } from "../core/session-key.ts";
import type { Scope } from "../core/session-key.ts";
import type { Session } from "../core/session.ts";
import type { Source } from "../core/source.ts";
import type { AcceptOutcome, SessionStore } from "../store/store.ts";
import type { Telemetry } from "../telemetry/telemetry.ts";
import { countedAs } from "./counted-as.ts";
import { type QuestionPorts, mayAnswer, takeAnswer } from "./question-answer.ts";

export interface Inbox {
  /**
   * Receives one event. After `accepted` the message is on disk.
   *
   * @throws ParlorError what the store throws: it is unknown whether the event was received, and
   * sending it again with the same identity is safe.
   */
  receive(event: InboundEvent): Promise<InboxOutcome>;
  /** The session a message from this source would go to, draft or stored. A look writes nothing. */
  look(source: Source): Promise<Session>;
}

export type InboxOutcome =
  | { readonly outcome: "signal"; readonly name: SignalName }
  /** Understood and refused; `reply` tells the person why. */
  | { readonly outcome: "rejected"; readonly reason: "unknown-command"; readonly reply: string }
  /** As many messages wait in its session as may; nothing of it is stored, and it can be sent again later. */
  | { readonly outcome: "rejected"; readonly reason: "full"; readonly reply: string }
  /** From someone who may not speak, or not so much; nothing of it is stored. `reply`, if any, tells them why. */
  | Rejection
  | {
      readonly outcome: "command";
      readonly name: string;
      readonly reply: string;
      /** Whether it had been carried out before; nothing was done again. */
      readonly duplicate: boolean;
    }
  | Exclude<AcceptOutcome, { readonly outcome: "full" }>;

/** What can be typed in chat. */
export interface InboxCommands {
  /** Carries out a command; null when the text is not one. */
  run(typed: {
    readonly source: Source;
    readonly eventId: string | null;
    readonly text: string;
  }): Promise<
    | null
    | { readonly outcome: "command"; readonly name: string; readonly reply: string; readonly duplicate: boolean }
    | { readonly outcome: "unknown"; readonly name: string; readonly reply: string }
  >;
}

export interface InboxOptions {
  readonly store: Pick<SessionStore, "getOrCreate" | "accept" | "overhear">;
  readonly commands: InboxCommands;
  /** Where what was said may answer a question. Default: nothing does. */
  readonly questions?: QuestionPorts;
  /** Who may speak. Default: everyone. */
  readonly access?: Pick<Access, "check">;
  readonly telemetry: Pick<Telemetry, "inbound" | "emptySessionAvoided" | "isCountedAvoided" | "sessionOpened">;
  /** Called after a message was stored, with the session that now has something to answer and its number there. */
  readonly onAccepted: (sessionId: string, seq: number) => void;
  /** The scope the store was opened with. Default: groups per person, threads shared. */
  readonly scope?: Scope;
  /** Whether messages that were not said to the agent join a session that exists. Default: `off`. */
  readonly context?: "off" | "on";
}

export function createInbox(options: InboxOptions): Inbox {
  const { store, commands, questions, access, telemetry, onAccepted, scope = DEFAULT_SCOPE, context = "off" } = options;

  async function decide(event: InboundEvent): Promise<InboxOutcome> {
    if (event.kind === "signal") return signal(event.source, event.name);
    const name = signalOf(event);
    if (name !== null) {
      const answer = name === "unaddressed" ? await unaddressedAnswer(event) : null;
      if (answer !== null) return answer;
      if (name === "unaddressed" && context === "on" && (await rejectionOf(event)) === null)
        await store.overhear(event);
      return signal(event.source, name);
    }
    const rejection = await rejectionOf(event);
    if (rejection !== null) return rejection;
    const given = questions === undefined ? null : await takeAnswer(questions, event);
    if (given !== null) return given;
    // A file with a caption that looks like a command is content: a command would lose the file.
    const answer = (event.attachments ?? []).length === 0 ? await commands.run(event) : null;
    if (answer === null) return accepted(await store.accept(event));
    await noteEmpty(event.source);
    if (answer.outcome === "command") return answer;
    return { outcome: "rejected", reason: "unknown-command", reply: answer.reply };
  }

  /** Who was asked in a group answers there without calling the agent by its name. */
  async function unaddressedAnswer(event: MessageEvent): Promise<InboxOutcome | null> {
    if (questions === undefined || !(await mayAnswer(questions, store, event))) return null;
    return (await rejectionOf(event)) === null ? takeAnswer(questions, event) : null;
  }

  async function rejectionOf(event: MessageEvent): Promise<Rejection | null> {
    const decision = await access?.check(event);
    return decision?.outcome === "rejected" ? decision : null;
  }

  async function signal(source: Source, name: SignalName): Promise<InboxOutcome> {
    await noteEmpty(source);
    return { outcome: "signal", name };
  }

  /** A key that holds no session sent something that is not content: a session that was not written. */
  async function noteEmpty(source: Source): Promise<void> {
    if (telemetry.isCountedAvoided(sessionKey(source, scope))) return;
    await look(source);
  }

  async function look(source: Source): Promise<Session> {
    const session = await store.getOrCreate(source);
    if (!session.persisted) telemetry.emptySessionAvoided(session.key);
    return session;
  }

  async function receive(event: InboundEvent): Promise<InboxOutcome> {
    const { platform } = event.source;
    let outcome: InboxOutcome;
    try {
      outcome = await decide(event);
    } catch (error) {
      telemetry.inbound("failed", { platform, detail: errorMessage(error) });
      throw error;
    }
    const counted = countedAs(outcome);
    telemetry.inbound(counted.outcome, { platform, ...counted.facts });
    if (outcome.outcome !== "accepted") return outcome;
    const { session, opened } = outcome;
    if (opened) {
      telemetry.sessionOpened(session.key, { sessionId: session.id, platform, reset: session.reset?.reason ?? null });
    }
    onAccepted(session.id, outcome.seq);
    return outcome;
  }

  return { receive, look };
}

/** What a store has no room for is refused, and whoever said it is told. */
function accepted(outcome: AcceptOutcome): InboxOutcome {
  if (outcome.outcome !== "full") return outcome;
  const messages = outcome.waiting === 1 ? "1 message waits" : `${outcome.waiting} messages wait`;
  const reply = `${messages} for an answer here already, so your last one was not kept. Please send it again later, or send /stop to drop those that wait.`;
  return { outcome: "rejected", reason: "full", reply };
}

/** Why what was said is not content; null when it is. */
function signalOf(event: MessageEvent): SignalName | null {
  if (event.fromBot === true) return "bot";
  if (isBlank(event.text) && (event.attachments ?? []).length === 0) return "blank";
  return event.addressed === false ? "unaddressed" : null;
}
