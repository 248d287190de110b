import type { AgentPart } from "./agent.ts";

/** What an agent has said and nobody has read yet. */
export interface PartQueue {
  push(part: AgentPart): void;
  /** No part comes after those that are there. */
  end(): void;
  /** The same; then the error is thrown. The first end counts. */
  fail(error: unknown): void;
  /** The next part; null at the end. Only one call at a time. */
  next(): Promise<AgentPart | null>;
}

export function createPartQueue(): PartQueue {
  const parts: AgentPart[] = [];
  let ended: { readonly error?: unknown } | null = null;
  let changed = Promise.withResolvers<void>();

  function finish(how: { readonly error?: unknown }): void {
    ended ??= how;
    changed.resolve();
  }

  return {
    push: (part) => {
      if (ended !== null) return;
      parts.push(part);
      changed.resolve();
    },
    end: () => finish({}),
    fail: (error) => finish({ error }),
    next: async () => {
      for (;;) {
        const part = parts.shift();
        if (part !== undefined) return part;
        if (ended !== null) {
          if ("error" in ended) throw ended.error;
          return null;
        }
        changed = Promise.withResolvers();
        await changed.promise;
      }
    },
  };
}
