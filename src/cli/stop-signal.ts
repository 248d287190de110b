/**
 * The signals that end a gateway.
 *
 *     waiting ──first signal──▶ stopping ──second signal──▶ (the process ends at once)
 *
 * npm passes on to its child what the terminal has sent to both, so that one Ctrl-C comes twice: under
 * npm, what follows the first within half a second is the same one.
 */
import { EXIT } from "./exit-code.ts";

export type StopSignal = "SIGINT" | "SIGTERM";

const SIGNALS: readonly StopSignal[] = ["SIGINT", "SIGTERM"];
const ECHO_MS = 500;

/** Resolves with the first signal. Every later one ends the process with 130 or 143. */
export function stopSignal({ underNpm }: { readonly underNpm: boolean }): Promise<StopSignal> {
  let firstAt: number | null = null;
  return new Promise((resolve) => {
    for (const signal of SIGNALS) {
      process.on(signal, () => {
        const now = performance.now();
        if (firstAt === null) {
          firstAt = now;
          resolve(signal);
        } else if (!underNpm || now - firstAt > ECHO_MS) {
          process.exit(signal === "SIGINT" ? EXIT.interrupted : EXIT.terminated);
        }
      });
    }
  });
}
