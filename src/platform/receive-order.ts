import { ParlorError } from "../core/errors.ts";

/** Keeps the order in which events came while what it takes to read them may end in any other. */
export interface ReceiveOrder {
  /**
   * Takes the next place in a lane at once, prepares without waiting, and receives when all before it in
   * the lane were. Behind one that was not received nothing is, until the lane is empty: all of it is
   * rejected, to be sent again in order.
   */
  run<T>(lane: string, prepare: () => Promise<T>, receive: (prepared: T) => Promise<void>): Promise<void>;
}

export function createReceiveOrder(): ReceiveOrder {
  const tails = new Map<string, Promise<boolean>>();
  return {
    run: async (lane, prepare, receive) => {
      const before = tails.get(lane);
      const work = takePlace(before, prepare(), receive);
      const tail = work.then(
        () => true,
        () => false,
      );
      tails.set(lane, tail);
      try {
        await work;
      } finally {
        if (tails.get(lane) === tail) tails.delete(lane);
      }
    },
  };
}

async function takePlace<T>(
  before: Promise<boolean> | undefined,
  preparing: Promise<T>,
  receive: (prepared: T) => Promise<void>,
): Promise<void> {
  const prepared = Promise.allSettled([preparing]);
  if ((await before) === false) {
    throw new ParlorError(
      "STORE_UNAVAILABLE",
      "An event of the same chat that came before this one was not received.",
      {
        retryable: true,
      },
    );
  }
  const [result] = await prepared;
  if (result.status === "rejected") throw result.reason;
  await receive(result.value);
}
