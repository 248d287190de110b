import { isIP } from "node:net";
import { isPublicAddress } from "../lib/public-address.ts";
import type { AgentConfig } from "./config.ts";
import { placeOf, type Findings } from "./findings.ts";
import { addIssues } from "./issue-problems.ts";
import { isLoopback } from "./loopback.ts";
import { httpAgentSchema } from "./schema.ts";
import { createSecret } from "./secret.ts";
import { checkWebhookSecret } from "./secret-settings.ts";
import type { Variables } from "./variables.ts";

/** An agent behind an endpoint, from the file's `agent` and its secret; null when that cannot be used. */
export function resolveHttpAgent(given: object, values: Variables["values"], findings: Findings): AgentConfig | null {
  const secret = values.get("PARLOR_AGENT_SECRET");
  if (secret === undefined) {
    findings.problems.push(
      `${placeOf(findings.places, "agent.kind")} is "http", which needs a secret; set PARLOR_AGENT_SECRET to base64 of ` +
        `24 bytes or more, such as: openssl rand -base64 32`,
    );
  } else {
    findings.places.set("agent.secret", secret);
    checkWebhookSecret(secret, findings);
  }
  const parsed = httpAgentSchema.safeParse(given);
  if (!parsed.success) addIssues(parsed.error.issues, given, findings, ["agent"]);
  else if (!parsed.data.allowPrivate && isPrivate(new URL(parsed.data.url).hostname)) {
    findings.problems.push(
      `${placeOf(findings.places, "agent.url")} is on this machine or in a private network, which has to be allowed; ` +
        `set agent.allowPrivate to true.`,
    );
  } else if (!parsed.data.allowPrivate && new URL(parsed.data.url).protocol === "http:") {
    findings.notes.push(
      `${placeOf(findings.places, "agent.url")} is not https: what is said can be read on the way there.`,
    );
  }
  return parsed.success && secret !== undefined ? { ...parsed.data, secret: createSecret(secret.value) } : null;
}

/** What can be seen without a lookup; the rest shows when the endpoint is asked. */
function isPrivate(hostname: string): boolean {
  const host = hostname.replace(/^\[(.*)\]$/, "$1");
  return isLoopback(host) || (isIP(host) !== 0 && !isPublicAddress(host));
}
