/**
 * The sessions that an ACP agent holds open, each for one session of Parlor.
 *
 *     unknown ──new, resumed or loaded──▶ resting ⇄ taken ──forgotten──▶ unknown
 *
 * A session is taken by one turn at a time: one that was stopped holds it until the agent has stopped, too. Where the
 * agent can close a session and go on with it later, those that have rested the longest are closed.
 */
import { z } from "zod";
import { untilAborted } from "../lib/until-aborted.ts";
import { isLoginMissing, wrongAnswer } from "./acp-fault.ts";
import type { AcpNote } from "./acp-note.ts";
import { NOT_CHOSEN } from "./acp-permission.ts";
import { AcpRefused, type AcpProcess } from "./acp-process.ts";
import type { AcpSeen } from "./acp-prompt.ts";

export interface AcpSessions {
  /** Resolves when no turn holds the session of a note. */
  rested(note: AcpNote | null): Promise<void>;
  /**
   * The session of a note as long as the agent can go on with it, else a new one.
   *
   * @param onSign - Told when the agent shows that it is alive.
   * @throws AgentError; the reason of the signal.
   */
  take(note: AcpNote | null, signal: AbortSignal, onSign: () => void): Promise<TakenSession>;
}

export interface TakenSession {
  readonly id: string;
  readonly isNew: boolean;
  readonly seen: AcpSeen;
  /** The agent has seen everything up to this entry, and has answered these messages, or has not. */
  saw(told: number, unanswered: readonly number[]): void;
  /** It will not be gone on with. */
  forget(): void;
  release(): void;
}

interface Held {
  seen: AcpSeen;
  /** Resolves when the turn that has it lets go of it; null: it rests. */
  taken: Promise<void> | null;
}

/** A session of some agents is a process of its own. */
const MAX_OPEN = 100;
const NOTHING: AcpSeen = { told: 0, unanswered: new Set() };
const OPENED = z.object({ sessionId: z.string().min(1) });

export function createAcpSessions(process: AcpProcess, cwd: string, maxOpen: number = MAX_OPEN): AcpSessions {
  const { can, name } = process;
  const open = new Map<string, Held>();
  /** The turn that has asked for it may be stopped; the next one waits for the same. */
  const reopening = new Map<string, Promise<boolean>>();
  const place = { cwd, mcpServers: [] };

  async function add(): Promise<string> {
    const opened = OPENED.safeParse(await process.ask("session/new", place));
    if (!opened.success) throw wrongAnswer(name, "session/new", "the id of a session");
    return opened.data.sessionId;
  }

  /** Whether the agent goes on with it. */
  async function goOn(note: AcpNote, onSign: () => void): Promise<boolean> {
    if (!can.resume && !can.load) return false;
    const { acpSession: sessionId } = note;
    // What is replayed has been said before.
    using _replay = process.listen(sessionId, { update: onSign, permission: () => Promise.resolve(NOT_CHOSEN) });
    let going = reopening.get(sessionId);
    if (going === undefined) {
      going = reopen(note).finally(() => reopening.delete(sessionId));
      reopening.set(sessionId, going);
    }
    return await going;
  }

  async function reopen({ acpSession: sessionId, told }: AcpNote): Promise<boolean> {
    try {
      await process.ask(can.resume ? "session/resume" : "session/load", { sessionId, ...place });
      open.set(sessionId, { seen: { ...NOTHING, told }, taken: null });
      return true;
    } catch (error) {
      // Agents say in many ways that they no longer know a session; a new one is told what was said.
      if (error instanceof AcpRefused && !isLoginMissing(error.code)) return false;
      throw error;
    }
  }

  async function find(note: AcpNote | null, onSign: () => void): Promise<{ id: string; isNew: boolean }> {
    if (note !== null && (open.has(note.acpSession) || (await goOn(note, onSign)))) {
      return { id: note.acpSession, isNew: false };
    }
    const id = await add();
    open.set(id, { seen: NOTHING, taken: null });
    return { id, isNew: true };
  }

  async function hold(
    note: AcpNote | null,
    signal: AbortSignal,
    onSign: () => void,
  ): Promise<{ id: string; isNew: boolean; held: Held }> {
    for (;;) {
      const finding = find(note, onSign);
      try {
        const { id, isNew } = await untilAborted(finding, signal);
        const held = open.get(id);
        // Another turn that ended just now may have had it closed, as one that rests.
        if (held !== undefined) return { id, isNew, held };
      } catch (error) {
        // Nobody knows of a session that is new only now.
        if (signal.aborted) finding.then(({ id, isNew }) => isNew && close(id)).catch(() => {});
        throw error instanceof AcpRefused ? error.fault : error;
      }
    }
  }

  function close(sessionId: string): void {
    open.delete(sessionId);
    // An agent that does not want to close it keeps it; nobody asks for it again.
    if (can.close) process.ask("session/close", { sessionId }).catch(() => {});
  }

  function closeRested(): void {
    if (!can.close || (!can.resume && !can.load)) return;
    for (const [sessionId, { taken, seen }] of open) {
      if (open.size <= maxOpen) return;
      // What no note tells would be told again.
      if (taken !== null || seen.unanswered.size > 0) continue;
      close(sessionId);
    }
  }

  return {
    rested: async (note) => {
      for (;;) {
        const taken = note === null ? undefined : open.get(note.acpSession)?.taken;
        if (taken === undefined || taken === null) return;
        await taken;
      }
    },
    take: async (note, signal, onSign) => {
      const { id, isNew, held } = await hold(note, signal, onSign);
      const released = Promise.withResolvers<void>();
      held.taken = released.promise;
      // The one that was taken last is the last to be closed.
      open.delete(id);
      open.set(id, held);
      return {
        id,
        isNew,
        seen: held.seen,
        saw: (told, unanswered) => {
          held.seen = { told: Math.max(held.seen.told, told), unanswered: new Set(unanswered) };
        },
        forget: () => close(id),
        release: () => {
          held.taken = null;
          released.resolve();
          closeRested();
        },
      };
    },
  };
}
