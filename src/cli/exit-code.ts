export const EXIT = { done: 0, failed: 1, findings: 2, usage: 64, interrupted: 130, terminated: 143 } as const;

export type ExitCode = (typeof EXIT)[keyof typeof EXIT];

/** What each exit code says, as help and reference have it. */
export const EXIT_MEANINGS: Readonly<Record<ExitCode, string>> = {
  0: "It did what was asked.",
  1: "A fault, or it was refused; the message says what to do.",
  2: "It looked, and found a defect, or no gateway.",
  64: "The command line could not be understood.",
  130: "SIGINT came while start was stopping already.",
  143: "SIGTERM came while start was stopping already.",
};
