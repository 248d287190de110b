import type { DeliveryAccount } from "../../core/delivery.ts";

/** The condition that a delivery is sent by none of some accounts, which `accountList` makes a parameter of. */
export const OTHER_ACCOUNTS = `(platform, account) NOT IN (SELECT value ->> 0, value ->> 1 FROM json_each(?))`;

export function accountList(accounts: readonly DeliveryAccount[] = []): string {
  return JSON.stringify(accounts.map(({ platform, account }) => [platform, account]));
}
