import type { DeliveryState } from "../core/delivery.ts";
import { ParlorError } from "../core/errors.ts";

type Refused =
  | { readonly outcome: "ambiguous" | "wordless" | "missing" }
  | { readonly outcome: "unfit"; readonly state: DeliveryState };

/** Why a delivery cannot be had, or not be `done` with what was asked. */
export function deliveryFault(refused: Refused, id: string, done: "retried" | "dropped"): ParlorError {
  switch (refused.outcome) {
    case "missing":
      return new ParlorError(
        "NOT_FOUND",
        `There is no delivery ${JSON.stringify(id)}. Give a whole id; parlor deliveries list shows them. Those of erased sessions are gone.`,
      );
    case "ambiguous":
      return new ParlorError(
        "INVALID_INPUT",
        `It is not known whether ${id} has arrived. Look at its destination; to send it again though it may arrive twice, add --yes.`,
      );
    case "wordless":
      return new ParlorError(
        "GONE",
        `The words of ${id} were not kept, as it is of no session or was to say nothing. There is nothing to send again.`,
      );
    case "unfit": {
      const fit = done === "retried" ? "failed or unknown" : "pending, failed or unknown";
      return new ParlorError(
        "INVALID_INPUT",
        `Only a delivery that is ${fit} can be ${done}; ${id} is ${refused.state}.`,
      );
    }
  }
}
