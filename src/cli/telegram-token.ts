import type { LoadedConfig } from "../config/config.ts";
import { isBotToken } from "../config/telegram-config.ts";
import { ParlorError } from "../core/errors.ts";
import { askSecret } from "./ask-secret.ts";
import type { Cli } from "./cli.ts";

export interface TelegramToken {
  readonly token: string;
  /** Where it came from, as in `environment`; null when it was just typed. */
  readonly origin: string | null;
}

const HOW_TO_GET_ONE = "In Telegram write to @BotFather: /newbot makes a bot, /token shows the token of one.";

/**
 * The token of the configuration, or the one that a person types in. Never an argument: those stay in the
 * history of the shell, and every process of the machine can read them.
 *
 * @throws ParlorError `INVALID_CONFIG` when there is none, or it has another form.
 */
export async function telegramToken(cli: Cli, { config, origins }: LoadedConfig): Promise<TelegramToken> {
  const configured = config.telegram?.token.reveal();
  if (configured !== undefined) {
    const origin = origins["telegram.token"] ?? "environment";
    return { token: checked(configured, `TELEGRAM_BOT_TOKEN (${origin})`), origin };
  }
  if (!cli.canAsk) {
    throw new ParlorError(
      "INVALID_CONFIG",
      `The token of a bot is needed, and there is nobody to ask for it: set TELEGRAM_BOT_TOKEN. ${HOW_TO_GET_ONE}`,
    );
  }
  cli.say(`${HOW_TO_GET_ONE}\nThe token is asked for here, so that it does not stay in the history of the shell.`);
  const typed = await askSecret("Token (it is not shown):", process.stdin, process.stderr);
  if (typed === null) throw new ParlorError("INVALID_CONFIG", "The token of a bot is needed; none was given.");
  return { token: checked(typed, "The token"), origin: null };
}

/** The sentence of a token that Telegram refuses. */
export function unknownToken({ origin }: TelegramToken, status: number): ParlorError {
  const which = origin === null ? "this token" : `the token of TELEGRAM_BOT_TOKEN (${origin})`;
  return new ParlorError(
    "INVALID_CONFIG",
    `Telegram knows no bot with ${which} (it answered ${status}): it must be the whole token, as @BotFather shows it ` +
      `for /token. ${HOW_TO_GET_ONE}`,
  );
}

function checked(token: string, name: string): string {
  if (isBotToken(token)) return token;
  throw new ParlorError(
    "INVALID_CONFIG",
    `${name} must be the token of a bot: digits, a colon and letters; found something of another form. ${HOW_TO_GET_ONE}`,
  );
}
