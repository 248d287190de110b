/** Collects what comes faster than a screen can show it. */
export interface FrameQueue<T> {
  /** Keeps the item for the next frame. */
  push(item: T): void;
  /** Hands over now what was kept. */
  flush(): void;
}

export function createFrameQueue<T>(take: (items: readonly T[]) => void): FrameQueue<T> {
  const items: T[] = [];
  const flush = (): void => {
    if (items.length > 0) take(items.splice(0));
  };
  return {
    push(item) {
      if (items.push(item) === 1) requestAnimationFrame(flush);
    },
    flush,
  };
}
