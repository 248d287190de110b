/** What the commands that change a decision share: where it is written, and what is said of it. */
import type { Config } from "../config/config.ts";
import type { AccessState, Party } from "../core/party.ts";
import { openReader, openStore } from "../gateway/open-store.ts";
import { ParlorError } from "../core/errors.ts";
import type { Store } from "../store/store.ts";
import { type PartyOptions, accountsOf, oneAccount, partyName } from "./access-party.ts";
import type { Answer } from "./answer.ts";
import { plainLine } from "./plain-text.ts";

export interface Change {
  readonly party: Party;
  readonly name: string | null;
  readonly before: AccessState | null;
  readonly state: AccessState | null;
}

/** Decides about a party. It may be decided before anything was ever received: the store is made when there is none. */
export async function decide(
  config: Config,
  typed: Pick<Party, "platform" | "kind" | "id">,
  options: PartyOptions,
  state: AccessState,
): Promise<Change> {
  const party = { ...typed, account: await accountOf(typed.platform, options, config) };
  await using store = await openStore(config);
  const before = await store.decideAccess(party, state);
  return { party, name: await nameOf(store, party), before, state };
}

/** The name a party is known by. */
export async function nameOf({ reader }: Pick<Store, "reader">, party: Party): Promise<string | null> {
  const { decisions, requests } = await reader.accessList();
  const found = [...requests, ...decisions].find(
    ({ platform, account, kind, id }) =>
      platform === party.platform && account === party.account && kind === party.kind && id === party.id,
  );
  return found?.name ?? null;
}

export function changeAnswer({ party, name, before, state }: Change, sentence: (who: string) => string): Answer {
  const { platform, account, kind, id } = party;
  return {
    document: { platform, account, kind, id, name, state, before },
    text: () => plainLine(capitalised(sentence(partyName(party, name)))),
  };
}

async function accountOf(platform: string, options: PartyOptions, config: Config): Promise<string> {
  using reader = readerOrNull(config);
  return oneAccount(platform, await accountsOf(platform, options, config, reader));
}

function readerOrNull(config: Config): ReturnType<typeof openReader> | null {
  try {
    return openReader(config);
  } catch (error) {
    if (error instanceof ParlorError && error.code === "STORE_MISSING") return null;
    throw error;
  }
}

/** A name stays as it is written; only a word of ours begins with a capital. */
function capitalised(sentence: string): string {
  return sentence.replace(/^the /, "The ");
}
