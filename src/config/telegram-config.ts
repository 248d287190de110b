import type { Config } from "./config.ts";
import type { Findings } from "./findings.ts";
import type { Settings } from "./schema.ts";
import { type Secret, createSecret } from "./secret.ts";
import type { Variables } from "./variables.ts";

/** The id of the bot, a colon, and the part that is secret. */
const BOT_TOKEN = /^\d{1,20}:[A-Za-z0-9_-]+$/;

/** Telegram is on where there is a token. */
export function resolveTelegram(
  settings: Settings["telegram"],
  values: Variables["values"],
  findings: Findings,
): Config["telegram"] {
  const token = values.get("TELEGRAM_BOT_TOKEN");
  if (token === undefined) {
    if (values.has("TELEGRAM_API_BASE_URL"))
      findings.notes.push("TELEGRAM_API_BASE_URL is set but not used: set TELEGRAM_BOT_TOKEN to be on Telegram.");
    return null;
  }
  findings.places.set("telegram.token", token);
  if (!isBotToken(token.value)) {
    findings.problems.push(
      `TELEGRAM_BOT_TOKEN (${token.origin}) must be the token of a bot, digits, a colon and letters, as @BotFather on ` +
        `Telegram gives it out; found something of another form.`,
    );
  }
  return { token: createSecret(token.value), apiBaseUrl: settings.apiBaseUrl, streaming: settings.streaming };
}

/** Whether a text has the form of a bot's token; whether Telegram knows it is another question. */
export function isBotToken(text: string): boolean {
  return BOT_TOKEN.test(text);
}

/** The id of the bot that a token is for; null when it is no token. */
export function botIdOf(token: Secret): string | null {
  const text = token.reveal();
  return isBotToken(text) ? text.slice(0, text.indexOf(":")) : null;
}
