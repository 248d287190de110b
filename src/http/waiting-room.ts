import { ProblemError } from "./problem.ts";

/**
 * Counts the requests that stay open for a reply. There is a place for a fixed number; who finds none
 * is told so before anything is stored.
 */
export interface WaitingRoom {
  /**
   * Takes a place; the returned function gives it back, once.
   *
   * @throws ProblemError `too-many-waiting`
   */
  enter(): () => void;
}

export function createWaitingRoom(places: number): WaitingRoom {
  let taken = 0;
  return {
    enter() {
      if (taken >= places) {
        throw new ProblemError(
          "too-many-waiting",
          `${places} requests wait for replies already. Send the message without waiting, or try again; nothing was stored.`,
          { headers: { "retry-after": "5" } },
        );
      }
      taken += 1;
      let isOut = false;
      return () => {
        if (!isOut) taken -= 1;
        isOut = true;
      };
    },
  };
}
