import type { Source } from "../core/source.ts";
import type { StoreReader } from "../store/reader.ts";
import type { RepairStore } from "../store/repair-store.ts";
import type { Command, SessionRef, SessionStore } from "../store/store.ts";
import type { CancelOutcome } from "../store/turn-store.ts";

/** Something that can be typed in chat. It works on a draft too, and never creates a session. */
export interface ChatCommand {
  /** What is typed behind the slash. */
  readonly name: string;
  /** How it is typed, such as `/title TEXT`. */
  readonly usage: string;
  /** What it does, in one sentence. */
  readonly summary: string;
  run(call: CommandCall, ports: CommandPorts): Promise<CommandResult>;
}

export interface CommandCall {
  /** The message it was typed in: what changes something passes it on, so that a redelivery acts once. */
  readonly command: Command;
  readonly source: Source;
  /** What was typed behind its name, trimmed; often empty. */
  readonly argument: string;
}

export interface CommandPorts {
  readonly store: Pick<SessionStore, "getOrCreate" | "reset" | "update"> & {
    readonly reader: Pick<StoreReader, "transcript">;
  };
  /** Cancels what a session is doing and what waits in it; `duplicate` when this command did so before. */
  readonly cancel: (ref: SessionRef, command: Command) => Promise<CancelOutcome | { readonly outcome: "duplicate" }>;
  /** Has the messages of a dead turn answered after all. */
  readonly retry: RepairStore["retryTurn"];
}

export interface CommandResult {
  readonly reply: string;
  /** Set when a redelivery changed nothing. */
  readonly duplicate?: true;
}

/** The answer to a redelivered command. */
export const DONE_BEFORE: CommandResult = { reply: "This was done already.", duplicate: true };

/** The answer in a conversation that does not exist any more. */
export const ERASED: CommandResult = { reply: "This conversation was erased." };
