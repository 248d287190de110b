/** Runs what is not urgent a few at a time, so that timers and requests have their turn in between. */
export type Spread = (task: () => void) => void;

/** Tasks run in the order in which they were given, `atOnce` in each turn of the event loop. */
export function createSpread(atOnce: number): Spread {
  let tasks: (() => void)[] = [];

  const run = (): void => {
    const next = tasks.slice(0, atOnce);
    tasks = tasks.slice(atOnce);
    if (tasks.length > 0) setImmediate(run);
    for (const task of next) task();
  };

  return (task) => {
    tasks.push(task);
    if (tasks.length === 1) setImmediate(run);
  };
}
