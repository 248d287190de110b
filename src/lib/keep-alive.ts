/** The longest a timer of Node can be set to, in milliseconds. */
const LONGEST_MS = 2 ** 31 - 1;

/** Keeps the process alive until it is disposed of: for waits that hold nothing else open. */
export function keepAlive(): Disposable {
  const timer = setInterval(() => {}, LONGEST_MS);
  return { [Symbol.dispose]: () => clearInterval(timer) };
}
