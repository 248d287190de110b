import type { AgentPlace } from "./agent-place.ts";
import { httpAgentSchema } from "./agent-schemas.ts";
import type { AgentConfig } from "./config.ts";
import { placeOf, type Findings } from "./findings.ts";
import { checkHttpAddress } from "./http-address.ts";
import { addIssues } from "./issue-problems.ts";
import { createSecret } from "./secret.ts";
import { checkWebhookSecret } from "./secret-settings.ts";

/** An agent behind an endpoint, from what the file says of it and its secret; null when that cannot be used. */
export function resolveHttpAgent(given: object, place: AgentPlace, findings: Findings): AgentConfig | null {
  const { key, values, secretVariable } = place;
  const secret = values.get("PARLOR_AGENT_SECRET");
  if (secret === undefined) {
    findings.problems.push(
      `${placeOf(findings.places, `${key}.kind`)} is "http", which needs a secret; set ${secretVariable} to base64 of ` +
        `24 bytes or more, such as: openssl rand -base64 32`,
    );
  } else {
    findings.places.set(`${key}.secret`, secret);
    checkWebhookSecret(secret, findings);
  }
  const parsed = httpAgentSchema.safeParse(given);
  if (!parsed.success) addIssues(parsed.error.issues, given, findings, key.split("."));
  else checkHttpAddress(parsed.data.url, { key, allowPrivate: parsed.data.allowPrivate }, findings);
  return parsed.success && secret !== undefined ? { ...parsed.data, secret: createSecret(secret.value) } : null;
}
