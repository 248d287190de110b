import type { Delivery, Destination } from "../core/delivery.ts";
import type { Platform, Reconciled, SendOutcome, Streaming } from "../platform/platform.ts";

export interface FakePlatform extends Platform {
  /** What was sent, in order, every attempt of it. */
  readonly sent: readonly Delivery[];
  /** The deliveries it was asked about, in order. */
  readonly asked: readonly Delivery[];
  /** What people see: the messages by their ids, in the order they were posted. */
  readonly shown: ReadonlyMap<string, string>;
  /** Every text that was streamed, in order, tried or shown. */
  readonly streamed: readonly string[];
  /** How the next attempts end, in order; after them, each is sent. A promise holds the attempt up. */
  next(...outcomes: readonly (SendOutcome | Promise<SendOutcome>)[]): void;
  /** The same for what is streamed. */
  nextStreamed(...outcomes: readonly (SendOutcome | Promise<SendOutcome>)[]): void;
  /** What the next questions are answered, in order; after them, whether it was sent. */
  nextAnswer(...answers: readonly (Reconciled | Promise<Reconciled>)[]): void;
  /** A message stands there already, or looks like this now. */
  show(remoteId: string, text: string): void;
  /** Somebody deletes a message. */
  remove(remoteId: string): void;
}

export interface FakePlatformOptions {
  /** Default: `fake`. */
  readonly name?: string;
  /** Default: true. */
  readonly idempotent?: boolean;
  /** Default: null, any length. */
  readonly maxLength?: number | null;
  /** Whether its messages can be edited, and at what pace, in milliseconds. Default: null, they cannot. */
  readonly intervalMs?: number | null;
  /** Whether it can be asked what became of a delivery. Default: false. */
  readonly canBeAsked?: boolean;
}

/** A platform in memory that takes every reply, or answers as it was told. What it was told to answer it has not shown. */
export function createFakePlatform({
  name = "fake",
  idempotent = true,
  maxLength = null,
  intervalMs = null,
  canBeAsked = false,
}: FakePlatformOptions = {}): FakePlatform {
  const sent: Delivery[] = [];
  const asked: Delivery[] = [];
  const streamed: string[] = [];
  const shown = new Map<string, string>();
  const ids = new Map<string, string>();
  const script: (SendOutcome | Promise<SendOutcome>)[] = [];
  const streamScript: typeof script = [];
  const answers: (Reconciled | Promise<Reconciled>)[] = [];
  let posts = 0;

  const post = (text: string): SendOutcome => {
    const remoteId = `remote-${(posts += 1)}`;
    shown.set(remoteId, text);
    return { outcome: "sent", remoteId };
  };
  const edit = (remoteId: string, text: string): SendOutcome => {
    if (!shown.has(remoteId)) return { outcome: "gone", error: "the message is gone" };
    shown.set(remoteId, text);
    return { outcome: "sent", remoteId };
  };
  const streaming = (atMs: number): Streaming => ({
    intervalMs: () => atMs,
    post: async (_destination: Destination, text) => {
      streamed.push(text);
      return (await streamScript.shift()) ?? post(text);
    },
    edit: async (_destination: Destination, remoteId, text) => {
      streamed.push(text);
      return (await streamScript.shift()) ?? edit(remoteId, text);
    },
  });

  return {
    name,
    idempotent,
    maxLength,
    sent,
    asked,
    shown,
    streamed,
    next: (...outcomes) => script.push(...outcomes),
    nextStreamed: (...outcomes) => streamScript.push(...outcomes),
    nextAnswer: (...more) => answers.push(...more),
    show: (remoteId, text) => void shown.set(remoteId, text),
    remove: (remoteId) => void shown.delete(remoteId),
    delivers: ({ platform }) => platform === name,
    send: async (delivery) => {
      sent.push(delivery);
      const told = await script.shift();
      if (told !== undefined) return told;
      const { id, remoteId, text } = delivery;
      const outcome = remoteId === null || intervalMs === null ? post(text) : edit(remoteId, text);
      if (outcome.outcome === "sent") ids.set(id, outcome.remoteId ?? "");
      return outcome;
    },
    ...(intervalMs === null ? {} : { streaming: streaming(intervalMs) }),
    ...(canBeAsked
      ? {
          reconcile: async (delivery: Delivery): Promise<Reconciled> => {
            asked.push(delivery);
            const remoteId = ids.get(delivery.id);
            return (
              (await answers.shift()) ??
              (remoteId === undefined ? { outcome: "absent" } : { outcome: "sent", remoteId })
            );
          },
        }
      : {}),
  };
}
