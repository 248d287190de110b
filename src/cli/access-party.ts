/** Whom a command about access means: a person or a chat, as an account of a platform knows them. */
import type { Command } from "commander";
import { OWN_PLATFORMS } from "../access/own-platforms.ts";
import { parseAllowEntry } from "../config/allow-entry.ts";
import type { Config } from "../config/config.ts";
import { botIdOf } from "../config/telegram-config.ts";
import { ParlorError } from "../core/errors.ts";
import type { Party } from "../core/party.ts";
import type { StoreReader } from "../store/reader.ts";
import { type PlaceOptions, withPlaceOptions } from "./leaf-command.ts";
import { count } from "./quantity.ts";

export interface PartyOptions extends PlaceOptions {
  readonly chat?: string;
  readonly account?: string;
}

/** What every command about a party takes; `what` says what the second argument may be. */
export function withParty(command: Command, what: string): Command {
  return withPlaceOptions(
    command
      .argument("<platform>", "the name of the platform, such as telegram")
      .argument("[id]", what)
      .option("--chat <id>", "the id of a chat, in place of a person's")
      .option("--account <id>", "the bot it is about, where there are several"),
  );
}

/** A person or a chat as they were typed. */
export function typedParty(
  platform: string,
  id: string | undefined,
  { chat }: PartyOptions,
): Pick<Party, "platform" | "kind" | "id"> {
  refuseOwn(platform);
  const typed = chat ?? id;
  if (typed === undefined || (chat !== undefined && id !== undefined)) {
    throw new ParlorError(
      "INVALID_INPUT",
      `One id is needed, of a person or of a chat; found ${typed === undefined ? "none" : "two"}. ` +
        `parlor access list shows those who asked.`,
    );
  }
  if (parseAllowEntry(`${platform}:${typed}`) === null) {
    throw new ParlorError(
      "INVALID_INPUT",
      platform === "telegram"
        ? `Telegram knows people and chats by number, such as 4242 or -1001; found ${JSON.stringify(typed)}. ` +
            "parlor access list shows the numbers of those who wrote."
        : `A platform and an id are needed, such as telegram 4242; found ${JSON.stringify(`${platform} ${typed}`)}.`,
    );
  }
  if (platform !== "telegram") return { platform, kind: chat === undefined ? "person" : "chat", id: typed };
  // On Telegram the sign tells them apart.
  const isChat = typed.startsWith("-");
  if (chat !== undefined && !isChat) {
    throw new ParlorError(
      "INVALID_INPUT",
      `Telegram numbers its groups and channels with a minus, such as -1001; ${typed} is a person. Leave --chat out.`,
    );
  }
  return { platform, kind: isChat ? "chat" : "person", id: typed };
}

/** Nobody has to be let in where only the operator speaks. */
export function refuseOwn(platform: string): void {
  if (!OWN_PLATFORMS.includes(platform)) return;
  throw new ParlorError(
    "INVALID_INPUT",
    `What comes over ${platform} is the operator's own and is never asked who it is; name a chat platform, such as telegram.`,
  );
}

/** The accounts of a platform that are known here: the one that is named, or is configured, or those the store knows. */
export async function accountsOf(
  platform: string,
  { account }: PartyOptions,
  config: Config,
  reader: StoreReader | null,
): Promise<readonly string[]> {
  if (account !== undefined) return [checkAccount(platform, account)];
  const botId = platform === "telegram" && config.telegram !== null ? botIdOf(config.telegram.token) : null;
  if (botId !== null) return [botId];
  if (reader === null) return [];
  const [{ decisions, requests }, sessions] = await Promise.all([
    reader.accessList(),
    reader.list({ platform, limit: 200 }),
  ]);
  const parties = [...decisions, ...requests, ...sessions.items.map(({ source }) => source)];
  return [...new Set(parties.filter((party) => party.platform === platform).map((party) => party.account))].toSorted();
}

function checkAccount(platform: string, account: string): string {
  if (platform !== "telegram" || /^[1-9]\d*$/.test(account)) return account;
  throw new ParlorError(
    "INVALID_INPUT",
    `Telegram knows a bot by number, the digits before the colon of its token; found ${JSON.stringify(account)}.`,
  );
}

/** The one account that is meant. */
export function oneAccount(platform: string, accounts: readonly string[]): string {
  const [first, ...others] = accounts;
  if (first !== undefined && others.length === 0) return first;
  const setting = platform === "telegram" ? "Set TELEGRAM_BOT_TOKEN, or name the bot by its id" : "Name it";
  throw new ParlorError(
    "INVALID_INPUT",
    first === undefined
      ? `It is not known which account of ${platform} is meant: none is configured, and none has received anything. ${setting} with --account.`
      : `${count(accounts.length, "account")} of ${platform} are known here: ${accounts.join(", ")}. Name one with --account.`,
  );
}

/** How a party is spoken of. */
export function partyName({ platform, kind, id }: Party, name: string | null): string {
  const place = `${platform} ${id}`;
  if (name === null) return kind === "chat" ? `the chat ${place}` : place;
  return kind === "chat" ? `the chat "${name}" (${place})` : `${name} (${place})`;
}
