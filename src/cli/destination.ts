import type { Destination } from "../core/delivery.ts";

/** Where a reply goes, in one line. */
export function destinationOf({ platform, account, chat, thread }: Destination): string {
  return `${platform}/${account} ${chat}${thread === null ? "" : `, thread ${thread}`}`;
}
