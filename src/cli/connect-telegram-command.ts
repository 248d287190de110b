/**
 * From a token to a bot that answers:
 *
 *     token ─▶ whose is it? ─▶ who writes? ─▶ let them in? ─▶ keep the token? ─▶ the line that starts it
 *
 * What was written is not confirmed, so the gateway that starts afterwards answers it.
 */
import { type Command, InvalidArgumentError } from "commander";
import { keepInEnvFile } from "../config/env-file.ts";
import { ParlorError } from "../core/errors.ts";
import { openStore } from "../gateway/open-store.ts";
import { type BotIdentity, createTelegramBot } from "../platform/telegram-bot.ts";
import { TelegramRefusal, isUnauthorized, telegramAdvice } from "../platform/telegram-fault.ts";
import type { Answer } from "./answer.ts";
import type { Cli } from "./cli.ts";
import { confirm } from "./confirm.ts";
import { EXIT } from "./exit-code.ts";
import { type PlaceOptions, leafCommand, overridesOf, withPlaceOptions } from "./leaf-command.ts";
import { type LetIn, letIn } from "./let-in.ts";
import { newWriters } from "./new-writers.ts";
import { plainLine } from "./plain-text.ts";
import { shellWords } from "./shell-words.ts";
import { startWords } from "./start-words.ts";
import { type TelegramToken, telegramToken, unknownToken } from "./telegram-token.ts";

const NO_ARGUMENT =
  "there is no argument here: a token in a command line stays in the history of the shell; " +
  "it is asked for, or read from TELEGRAM_BOT_TOKEN";

interface ConnectOptions extends PlaceOptions {
  readonly wait: number;
  readonly yes?: true;
}

export function connectTelegramCommand(cli: Cli): Command {
  const command = leafCommand("telegram", {
    description: "Checks the token of a bot, waits for the first message to it, and lets in who wrote that.",
    examples: [
      ["parlor connect telegram", "asks for the token, unless TELEGRAM_BOT_TOKEN has it"],
      ["parlor connect telegram --yes --wait 60", "asks nothing, where TELEGRAM_BOT_TOKEN is set"],
    ],
  })
    .option("--wait <seconds>", "how long to wait for a message, from 1 to 86400", parseWait, 300)
    .option("--yes", "do not ask: let in who writes, if it is one, and keep a token that was typed");
  // What the parser says of an argument too many holds the argument.
  return withPlaceOptions(command.allowExcessArguments()).action(async (options: ConnectOptions) => {
    if (command.args.length > 0) command.error(`error: ${NO_ARGUMENT}`);
    const loaded = await cli.loadStoreConfig(overridesOf(options));
    const token = await telegramToken(cli, loaded);
    const bot = createTelegramBot({ token: token.token, apiBaseUrl: loaded.telegramApiBaseUrl });
    const interrupted = new AbortController();
    const interrupt = (): void => interrupted.abort();
    process.once("SIGINT", interrupt).once("SIGTERM", interrupt);
    try {
      const me = await bot.getMe(interrupted.signal).catch((error: unknown) => refuse(error, token));
      cli.say(`The token is that of ${me.name}. Write to it now: ${urlOf(me)}`);
      cli.say(`Waiting for ${options.wait} s; Ctrl-C ends it.`);
      const timeout = AbortSignal.timeout(options.wait * 1_000);
      const writers = newWriters(bot, AbortSignal.any([interrupted.signal, timeout]));
      await using store = await openStore(loaded.config);
      const account = token.token.slice(0, token.token.indexOf(":"));
      const result = await letIn({ cli, store, account, writers, isAgreed: options.yes === true }).catch(
        (error: unknown) => refuse(error, token, me),
      );
      const start = shellWords(startWords(cli.npmScript, overridesOf(options)));
      const kept = result.outcome === "nobody" ? null : await keepToken(token, options);
      cli.print(answer(me, result, { token, kept, options, hasTimedOut: timeout.aborted, start }));
    } catch (error) {
      if (!interrupted.signal.aborted) throw error;
      cli.print({ document: null, text: () => "Stopped; nothing was changed.", exitCode: EXIT.failed });
    } finally {
      process.off("SIGINT", interrupt).off("SIGTERM", interrupt);
    }
  });
}

/** @throws what the person can do about it. */
function refuse(error: unknown, token: TelegramToken, me?: BotIdentity): never {
  if (!(error instanceof TelegramRefusal)) throw error;
  if (isUnauthorized(error)) throw unknownToken(token, error.status);
  if (error.status !== 409 || me === undefined)
    throw new ParlorError("PLATFORM_UNAVAILABLE", telegramAdvice(error), { retryable: true });
  const reader = /webhook/i.test(error.description)
    ? "Telegram hands the messages of this bot to a webhook of another program (409); parlor start takes them over."
    : "A gateway reads the messages of this bot already (409), or another program does; a bot has one reader.";
  throw new ParlorError(
    "PLATFORM_UNAVAILABLE",
    `${reader} While a gateway runs, write to ${urlOf(me)} and let yourself in with the line it answers; ` +
      `parlor access list shows who asked.`,
  );
}

async function keepToken(token: TelegramToken, options: ConnectOptions): Promise<string | null> {
  if (token.origin !== null) return null;
  const question = plainLine(`Keep the token in ${process.cwd()}/.env, readable by you alone?`);
  if (options.yes === undefined && !(await confirm(question, process.stdin, process.stderr))) return null;
  return await keepInEnvFile(process.cwd(), "TELEGRAM_BOT_TOKEN", token.token);
}

interface Ending {
  readonly token: TelegramToken;
  readonly kept: string | null;
  readonly options: ConnectOptions;
  readonly hasTimedOut: boolean;
  /** The command line that starts the gateway. */
  readonly start: string;
}

function answer(me: BotIdentity, result: LetIn, ending: Ending): Answer {
  const { start } = ending;
  return {
    document: { bot: { ...me, url: urlOf(me) }, ...result, tokenFile: ending.kept, start },
    text: () =>
      [...resultLines(result, ending), ...tokenLine(ending), `Start it with: ${start}`].map(plainLine).join("\n"),
    exitCode: result.outcome === "nobody" || result.outcome === "several" ? EXIT.failed : EXIT.done,
  };
}

function resultLines(result: LetIn, { options, hasTimedOut }: Ending): string[] {
  switch (result.outcome) {
    case "allowed":
      return [`${result.who} may write to the bot from now on.`];
    case "known":
      return [`${result.who} may write to the bot already.`];
    case "several":
      return ["Several have written, so nobody was let in. Choose:", ...result.commands.map((line) => `  ${line}`)];
    case "seen":
      return [
        "Nobody was let in, as nobody could be asked. Let in who it was with:",
        ...result.commands.map((line) => `  ${line}`),
      ];
    case "nobody":
      return [hasTimedOut ? `Nobody was let in within ${options.wait} s.` : "Stopped; nobody was let in."];
  }
}

function tokenLine({ token, kept }: Ending): string[] {
  if (kept !== null) return [`The token is in ${kept}; keep that file out of version control.`];
  return token.origin === null ? ["The token was not kept; parlor start needs it in TELEGRAM_BOT_TOKEN."] : [];
}

function urlOf({ username, id }: BotIdentity): string {
  return username === null ? `tg://user?id=${id}` : `https://t.me/${username}`;
}

function parseWait(text: string): number {
  const seconds = Number(text);
  if (/^\d+$/.test(text) && seconds >= 1 && seconds <= 86_400) return seconds;
  throw new InvalidArgumentError("It must be a whole number from 1 to 86400.");
}
