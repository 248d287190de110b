/**
 * Numbers the calls of a turn from 0. Whoever meets a call first gives it its number: the stream that is
 * shown to people, or the call itself, whose number the tool gets. A model may call by one id again in
 * another step, so an id is one call within a step.
 */
export interface CallNumbers {
  /** A step begins to be shown. */
  nextShown(): void;
  /** The number of a call that is shown, in the step that is shown. */
  ofShown(callId: string): number;
  /** A step begins to run. */
  nextRun(): void;
  /** The number of a call that runs, in the step that runs. */
  ofCall(callId: string): number;
}

export function createCallNumbers(): CallNumbers {
  const numbers = new Map<string, number>();
  let shown = 0;
  let run = 0;

  function numberOf(step: number, callId: string): number {
    const key = `${step} ${callId}`;
    const number = numbers.get(key) ?? numbers.size;
    numbers.set(key, number);
    return number;
  }

  return {
    nextShown: () => void (shown += 1),
    ofShown: (callId) => numberOf(shown, callId),
    nextRun: () => void (run += 1),
    ofCall: (callId) => numberOf(run, callId),
  };
}
