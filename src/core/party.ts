/** A person, or a chat that several people write in, as one account of a platform knows it. */
export interface Party {
  readonly platform: string;
  readonly account: string;
  readonly kind: "person" | "chat";
  /** The platform's id. */
  readonly id: string;
}

/** What the operator decided about a party. Blocked wins over every allowance. */
export type AccessState = "allowed" | "blocked";
