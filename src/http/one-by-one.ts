/**
 * Lets what has the same name happen one after the other, in the order it was asked for, and everything
 * else at the same time. A name is kept only while something of it runs or waits.
 */
export type OneByOne = <T>(name: string, run: () => Promise<T>) => Promise<T>;

export function createOneByOne(): OneByOne {
  const last = new Map<string, Promise<unknown>>();
  return async (name, run) => {
    const before = last.get(name);
    const running = before === undefined ? run() : before.then(run, run);
    last.set(name, running);
    try {
      return await running;
    } finally {
      if (last.get(name) === running) last.delete(name);
    }
  };
}
