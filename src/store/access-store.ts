/** Who may speak, as it is stored: what the operator decided, and who asked. */
import type { AccessState, Party } from "../core/party.ts";
import type { Source } from "../core/source.ts";

/** The most requests that are kept of each account of a platform. */
export const MAX_REQUESTS = 100;

export interface AccessStore {
  /**
   * Notes that a party would like to be let in, under the name it goes by, and gives the code that lets it in.
   * `told`: it was given one within the last hour, which is still good; nothing is written. The newest 100
   * requests of an account are kept; a code is good whether or not its request is.
   */
  requestAccess(party: Party, name: string | null): Promise<RequestOutcome>;

  /** Lets in whose code this is, at any of these accounts. Again: the same answer, nothing is written. */
  approveAccess(approval: {
    readonly platform: string;
    readonly accounts: readonly string[];
    readonly code: string;
  }): Promise<ApproveOutcome>;

  /**
   * Records a decision in place of any before. Without a name the party keeps the one it is known by. Returns
   * what was decided before.
   *
   * @throws ParlorError `INVALID_INPUT` for an id that no source can have.
   */
  decideAccess(party: Party, state: AccessState, name?: string): Promise<AccessState | null>;

  /** Takes a decision back: the party is unknown again, and is told so when it next writes. Returns what was decided. */
  revokeAccess(party: Party): Promise<AccessState | null>;
}

export type RequestOutcome =
  | { readonly outcome: "asked"; readonly code: string }
  | { readonly outcome: "told" }
  /** It was decided meanwhile. */
  | { readonly outcome: "decided"; readonly state: AccessState };

export type ApproveOutcome =
  | {
      readonly outcome: "approved";
      readonly party: Party;
      readonly name: string | null;
      readonly before: "allowed" | null;
    }
  /** The code is right, and its party was blocked: who blocked it takes that back first. */
  | { readonly outcome: "blocked"; readonly party: Party }
  /** Not a code, one of another installation, or one whose time is over. */
  | { readonly outcome: "wrong" };

export interface AccessReader {
  /** What was decided about a person and about the chat they write in, by any process, up to now. */
  standing(place: AccessPlace): Promise<Standing>;

  /** Everything decided and everyone who asks, the newest first. */
  accessList(): Promise<AccessList>;
}

/** Where a person writes. */
export type AccessPlace = Pick<Source, "platform" | "account" | "user" | "chat">;

export interface Standing {
  readonly person: AccessState | null;
  readonly chat: AccessState | null;
}

export interface AccessList {
  readonly decisions: readonly AccessDecision[];
  readonly requests: readonly AccessRequest[];
}

export interface AccessDecision extends Party {
  readonly name: string | null;
  readonly state: AccessState;
  /** Epoch milliseconds. */
  readonly decidedAt: number;
}

export interface AccessRequest extends Party {
  readonly name: string | null;
  /** Epoch milliseconds. */
  readonly askedAt: number;
}
