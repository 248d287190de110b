/** Settings that are secrets, or that decide whether one is needed. No message here shows a value. */
import type { Config, WebhookConfig } from "./config.ts";
import { placeOf, type Findings } from "./findings.ts";
import { isLoopback } from "./loopback.ts";
import type { Settings } from "./schema.ts";
import { createSecret, type Secret } from "./secret.ts";
import { webhookVariable, type VariableValue, type Variables } from "./variables.ts";

const MIN_TOKEN_LENGTH = 16;
/** The least that Standard Webhooks asks for: 192 bits. */
const MIN_WEBHOOK_BYTES = 24;

/** The bearer token, without which nothing but loopback may be served. */
export function resolveToken(value: VariableValue | undefined, host: string, findings: Findings): Secret | null {
  if (value === undefined) {
    if (!isLoopback(host)) {
      findings.problems.push(
        `${placeOf(findings.places, "server.host")} is ${JSON.stringify(host)}, which others can reach, so PARLOR_TOKEN ` +
          `must be set too (${MIN_TOKEN_LENGTH} characters or more); set it, or listen on 127.0.0.1.`,
      );
    }
    return null;
  }
  findings.places.set("token", value);
  if (value.value.length < MIN_TOKEN_LENGTH || !/^[\x21-\x7e]+$/.test(value.value)) {
    findings.problems.push(
      `PARLOR_TOKEN (${value.origin}) must have ${MIN_TOKEN_LENGTH} or more visible ASCII characters without spaces; ` +
        `make one with: openssl rand -hex 32`,
    );
  }
  return createSecret(value.value);
}

/** Every webhook has a secret; a secret alone makes one. */
export function resolveWebhooks(
  settings: Settings["webhooks"],
  secrets: Variables["webhookSecrets"],
  findings: Findings,
): Config["webhooks"] {
  const webhooks: Record<string, WebhookConfig> = {};
  for (const name of new Set([...Object.keys(settings), ...secrets.keys()])) {
    const secret = secrets.get(name);
    if (name === "demo") {
      findings.problems.push(
        `${secret?.name ?? "webhooks.demo"} names the built-in webhook "demo", which has no settings; choose another name.`,
      );
    } else if (secret === undefined) {
      findings.problems.push(
        `${placeOf(findings.places, `webhooks.${name}`)} needs a secret; set ${webhookVariable(name)} to base64 of ` +
          `${MIN_WEBHOOK_BYTES} bytes or more, such as: openssl rand -base64 32`,
      );
    } else {
      checkWebhookSecret(secret, findings);
      findings.places.set(`webhooks.${name}.secret`, secret);
      webhooks[name] = { secret: createSecret(secret.value), replyUrl: settings[name]?.replyUrl ?? null };
    }
  }
  return webhooks;
}

/** The same secrets as those of webhooks sign what an agent is sent. */
export function checkWebhookSecret({ name, value, origin }: VariableValue, findings: Findings): void {
  const base64 = value.replace(/^whsec_/, "");
  if (/^[A-Za-z0-9+/]+={0,2}$/.test(base64) && Buffer.from(base64, "base64").length >= MIN_WEBHOOK_BYTES) return;
  findings.problems.push(
    `${name} (${origin}) must be base64 of ${MIN_WEBHOOK_BYTES} bytes or more, with "whsec_" in front or without; ` +
      `make one with: openssl rand -base64 32`,
  );
}

/** Kept for the day there is a second store: who sets it expects another one than SQLite. */
export function refuseDatabaseUrl(value: VariableValue | undefined, findings: Findings): void {
  if (value === undefined) return;
  findings.problems.push(
    /^postgres(?:ql)?:/i.test(value.value)
      ? `DATABASE_URL (${value.origin}) asks for PostgreSQL. PostgreSQL is not part of this version; unset DATABASE_URL ` +
          `to use SQLite in the data directory.`
      : `DATABASE_URL (${value.origin}) must be unset to use SQLite in the data directory; PARLOR_HOME sets that directory.`,
  );
}
