/** A call that did not come out as hoped. `message` says what to do, for a person to read. */
export class ApiFailure extends Error {
  override readonly name = "ApiFailure";
  /** The status of the answer; 0 when there was none. */
  readonly status: number;

  constructor(status: number, message: string, options?: ErrorOptions) {
    super(message, options);
    this.status = status;
  }

  /** Whether there is no room for more just now: what was said can be sent again, but not by itself. */
  get isRefusedForNow(): boolean {
    return this.status === 429;
  }

  /** Whether the same call may come out otherwise later; the message then is sent again with its id. */
  get isPassing(): boolean {
    return this.status === 0 || this.status === 429 || this.status >= 500;
  }
}

/** What to tell of anything that was caught. */
export function failureText(error: unknown): string {
  return error instanceof ApiFailure ? error.message : "Something went wrong in this page; reload it.";
}
