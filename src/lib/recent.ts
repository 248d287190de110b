/** The last few things that were added, for answers that may be forgotten. */
export interface Recent {
  has(item: string): boolean;
  add(item: string): void;
}

/** Remembers the newest `limit` items. */
export function createRecent(limit: number): Recent {
  const items = new Set<string>();
  return {
    has: (item) => items.has(item),
    add: (item) => {
      items.delete(item);
      items.add(item);
      const oldest = items.values().next();
      if (items.size > limit && oldest.done !== true) items.delete(oldest.value);
    },
  };
}
