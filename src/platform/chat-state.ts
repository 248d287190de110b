/**
 * What adapters of the Chat SDK keep between events: claims, caches. It is in memory, so that a crash
 * forgets every claim and the platform's redelivery is taken; the receipts of the store are what makes an
 * event count once. It is bounded: the entries that were written longest ago make room.
 */
import type { Lock, QueueEntry, StateAdapter } from "chat";
import { randomId } from "../lib/id.ts";

interface Kept {
  readonly value: unknown;
  /** Epoch milliseconds. */
  readonly endsAt: number;
}

export interface ChatStateOptions {
  /** How many entries are kept. Default: 10,000. */
  readonly limit?: number;
  /** Epoch milliseconds. Default: the machine's clock. */
  readonly now?: () => number;
}

export function createChatState({ limit = 10_000, now = Date.now }: ChatStateOptions = {}): StateAdapter {
  const entries = new Map<string, Kept>();

  const read = (key: string): unknown => {
    const kept = entries.get(key);
    if (kept === undefined) return null;
    if (kept.endsAt > now()) return kept.value;
    entries.delete(key);
    return null;
  };
  const write = (key: string, value: unknown, ttlMs = Number.POSITIVE_INFINITY): void => {
    entries.delete(key);
    entries.set(key, { value, endsAt: now() + ttlMs });
    const oldest = entries.keys().next();
    if (entries.size > limit && oldest.done !== true) entries.delete(oldest.value);
  };
  const list = (key: string): unknown[] => {
    const value = read(key);
    return Array.isArray(value) ? (value as unknown[]) : [];
  };
  const holds = (lock: Lock): boolean => (read(lockKey(lock.threadId)) as Lock | null)?.token === lock.token;

  return {
    connect: async () => {},
    disconnect: async () => entries.clear(),
    get: async <T>(key: string) => read(key) as T | null,
    set: async (key, value, ttlMs) => write(key, value, ttlMs),
    setIfNotExists: async (key, value, ttlMs) => {
      if (read(key) !== null) return false;
      write(key, value, ttlMs);
      return true;
    },
    delete: async (key) => void entries.delete(key),
    getList: async <T>(key: string) => list(key) as T[],
    appendToList: async (key, value, { maxLength = limit, ttlMs } = {}) =>
      write(key, [...list(key), value].slice(-maxLength), ttlMs),
    enqueue: async (threadId, entry, maxSize) => {
      const queue = [...list(queueKey(threadId)), entry].slice(-maxSize);
      write(queueKey(threadId), queue);
      return queue.length;
    },
    dequeue: async (threadId) => {
      const [first, ...rest] = list(queueKey(threadId)) as QueueEntry[];
      write(queueKey(threadId), rest);
      return first ?? null;
    },
    queueDepth: async (threadId) => list(queueKey(threadId)).length,
    acquireLock: async (threadId, ttlMs) => {
      if (read(lockKey(threadId)) !== null) return null;
      const lock: Lock = { threadId, token: randomId("lck"), expiresAt: now() + ttlMs };
      write(lockKey(threadId), lock, ttlMs);
      return lock;
    },
    extendLock: async (lock, ttlMs) => {
      const isHeld = holds(lock);
      if (isHeld) write(lockKey(lock.threadId), { ...lock, expiresAt: now() + ttlMs }, ttlMs);
      return isHeld;
    },
    releaseLock: async (lock) => {
      if (holds(lock)) entries.delete(lockKey(lock.threadId));
    },
    forceReleaseLock: async (threadId) => void entries.delete(lockKey(threadId)),
    subscribe: async (threadId) => write(subscriptionKey(threadId), true),
    unsubscribe: async (threadId) => void entries.delete(subscriptionKey(threadId)),
    isSubscribed: async (threadId) => read(subscriptionKey(threadId)) !== null,
  };
}

const lockKey = (threadId: string): string => `lock:${threadId}`;
const queueKey = (threadId: string): string => `queue:${threadId}`;
const subscriptionKey = (threadId: string): string => `subscription:${threadId}`;
