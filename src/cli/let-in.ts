import type { Party } from "../core/party.ts";
import type { Store } from "../store/store.ts";
import { partyName } from "./access-party.ts";
import type { Cli } from "./cli.ts";
import { confirm } from "./confirm.ts";
import type { NewWriter } from "./new-writers.ts";
import { plainLine } from "./plain-text.ts";
import { shellWords } from "./shell-words.ts";

/** What became of those who wrote. */
export type LetIn =
  | { readonly outcome: "allowed" | "known"; readonly party: Party; readonly who: string }
  /** Nobody could be asked: the commands that would let them in. */
  | { readonly outcome: "seen"; readonly commands: readonly string[] }
  /** Nobody was to be asked, and it is not clear whom to let in. */
  | { readonly outcome: "several"; readonly commands: readonly string[] }
  | { readonly outcome: "nobody" };

export interface LettingIn {
  readonly cli: Cli;
  readonly store: Pick<Store, "decideAccess" | "reader">;
  /** The bot. */
  readonly account: string;
  readonly writers: AsyncIterable<readonly NewWriter[]>;
  /** Whether the one who writes is let in without a question. */
  readonly isAgreed: boolean;
}

/** Waits for those who write, until one is let in. */
export async function letIn({ cli, store, account, writers, isAgreed }: LettingIn): Promise<LetIn> {
  for await (const found of writers) {
    for (const writer of found) cli.say(plainLine(`${spoken(writer)} wrote.`));
    if (isAgreed && found.length > 1) return { outcome: "several", commands: found.map(commandOf) };
    if (!isAgreed && !cli.canAsk) return { outcome: "seen", commands: found.map(commandOf) };
    for (const writer of found) {
      const { kind, id, name } = writer;
      const party: Party = { platform: "telegram", account, kind, id };
      const who = partyName(party, name);
      const standing = await store.reader.standing({ platform: "telegram", account, user: id, chat: id });
      if (standing[kind] === "allowed") return { outcome: "known", party, who };
      if (standing[kind] === "blocked") cli.say(plainLine(`${who} is blocked, and stays so.`));
      else if (isAgreed || (await confirm(question(who, writer), process.stdin, process.stderr))) {
        await store.decideAccess(party, "allowed", name ?? undefined);
        return { outcome: "allowed", party, who };
      }
    }
    cli.say("Waiting for someone else.");
  }
  return { outcome: "nobody" };
}

function spoken({ kind, id, name, user }: NewWriter): string {
  return kind === "person" ? `${user}, ${id},` : `${user}, in the group ${name ?? ""} ${id},`;
}

function question(who: string, { kind }: NewWriter): string {
  return plainLine(kind === "person" ? `Let ${who} in?` : `Let everyone in ${who} in?`);
}

function commandOf({ kind, id }: NewWriter): string {
  return shellWords(["parlor", "access", "approve", "telegram", ...(kind === "chat" ? ["--chat"] : []), id]);
}
