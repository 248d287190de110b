import type { Config } from "../config/config.ts";
import type { GatewayPorts } from "../http/gateway-ports.ts";
import type { Clock } from "../lib/clock.ts";
import { verifyWebhook } from "../lib/webhook-signature.ts";
import type { Platform } from "../platform/platform.ts";
import { createWebhookPlatform } from "../platform/webhook.ts";

export interface Webhooks {
  /** Sends the replies of the webhooks that want them sent. */
  readonly platform: Platform;
  /** Whether there is a webhook of this name that the call was signed for. */
  readonly verifyHook: GatewayPorts["verifyHook"];
}

/** The webhooks of a configuration, both ways. */
export function createWebhooks({ webhooks }: Pick<Config, "webhooks">, clock: Clock): Webhooks {
  const replies = Object.entries(webhooks).flatMap(([name, { replyUrl, secret }]) =>
    replyUrl === null ? [] : [[name, { replyUrl, secret: secret.reveal() }] as const],
  );
  return {
    platform: createWebhookPlatform({ hooks: new Map(replies), clock }),
    verifyHook: (name, headers, rawBody) => {
      const webhook = Object.hasOwn(webhooks, name) ? webhooks[name] : undefined;
      if (webhook === undefined) return false;
      return verifyWebhook(webhook.secret.reveal(), headers, rawBody, clock.now()).outcome === "verified";
    },
  };
}
