import type { TimeLimit } from "./time-limit.ts";

/**
 * Which time counts against an agent: silence only while something of it is waited for, and none while a person is
 * asked something on its behalf.
 */
export interface AcpWatch {
  /** Something of the agent is waited for, from now. */
  wait(): void;
  /** Nothing of it is waited for. */
  rest(): void;
  /** It has shown that it is alive. */
  sign(): void;
  /** A person is asked, until this is disposed of. */
  asking(): Disposable;
}

export function createAcpWatch(idle: TimeLimit, total: TimeLimit): AcpWatch {
  let isWaiting = false;
  let questions = 0;

  function apply(): void {
    if (isWaiting && questions === 0) idle.restart();
    else idle.pause();
  }

  return {
    wait: () => {
      isWaiting = true;
      apply();
    },
    rest: () => {
      isWaiting = false;
      apply();
    },
    sign: apply,
    asking: () => {
      questions += 1;
      total.pause();
      apply();
      return {
        [Symbol.dispose]: () => {
          questions -= 1;
          if (questions === 0) total.resume();
          apply();
        },
      };
    },
  };
}
