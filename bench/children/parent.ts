/** The other end of `child.ts`, for the process that was started. */

/** Says that this process is ready and answers what it is asked, until its parent lets go of it. */
export function answerParent(
  ready: object,
  answer: (question: never) => Promise<object>,
  close: () => Promise<void>,
): void {
  process.on("message", (question) => {
    void answer(question as never).then(tell);
  });
  process.once("disconnect", () => void close().then(() => process.exit()));
  tell(ready);
}

function tell(message: object): void {
  if (process.send === undefined) throw new Error("This file is started by a scenario; run `npm run bench`.");
  process.send(message);
}
