/** Values that may be forgotten, the ones least lately used first. */
export interface ByteCache<Value> {
  get(key: string): Value | undefined;
  set(key: string, value: Value, bytes: number): void;
}

/** Holds values of `limit` bytes in all, as they are counted by whoever puts them in. */
export function createByteCache<Value>(limit: number): ByteCache<Value> {
  const held = new Map<string, { readonly value: Value; readonly bytes: number }>();
  let total = 0;

  function drop(key: string): void {
    total -= held.get(key)?.bytes ?? 0;
    held.delete(key);
  }

  return {
    get: (key) => {
      const found = held.get(key);
      if (found === undefined) return undefined;
      held.delete(key);
      held.set(key, found);
      return found.value;
    },
    set: (key, value, bytes) => {
      drop(key);
      if (bytes > limit) return;
      held.set(key, { value, bytes });
      total += bytes;
      for (const oldest of held.keys()) {
        if (total <= limit) return;
        drop(oldest);
      }
    },
  };
}
