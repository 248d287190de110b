/** Why a run is stopped before its end: the reason of its abort signal. */
export class Stopped extends Error {
  override readonly name = "Stopped";
  readonly why: "cancelled" | "interrupted" | "drained" | "lost" | "expired";

  constructor(why: Stopped["why"]) {
    super(`The turn was stopped: ${why}.`);
    this.why = why;
  }
}

/** Why the signal was aborted; null while it is not. */
export function whyStopped(signal: AbortSignal): Stopped["why"] | null {
  return signal.reason instanceof Stopped ? signal.reason.why : null;
}
