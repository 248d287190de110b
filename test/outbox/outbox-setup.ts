import type { Delivery, DeliveryAccount } from "../../src/core/delivery.ts";
import type { Platform, SendOutcome } from "../../src/platform/platform.ts";
import type { Outbox, OutboxOptions } from "../../src/outbox/outbox.ts";
import { openSqliteStore } from "../../src/sqlite.ts";
import type { DeliveryStore, Store } from "../../src/store/store.ts";
import { createManualClock, type ManualClock } from "../../src/testing/manual-clock.ts";
import { sourceOf } from "../../src/testing/sources.ts";
import { createRecordingTelemetry, type RecordingTelemetry } from "../turn/recording-telemetry.ts";
import { createOutboxUnderTest } from "./outbox-under-test.ts";

export const NEVER: Promise<never> = new Promise<never>(() => {});

type Answer = SendOutcome | Promise<SendOutcome> | Error;

interface OutboxSetup {
  readonly idempotent?: boolean;
  readonly options?: Partial<OutboxOptions>;
  readonly settleDelivery?: DeliveryStore["settleDelivery"];
}

export interface OutboxRig extends AsyncDisposable {
  readonly store: Store;
  readonly clock: ManualClock;
  readonly telemetry: RecordingTelemetry;
  readonly outbox: Outbox;
  /** What the platform was given, every attempt of it. */
  readonly sent: readonly Delivery[];
  readonly signals: readonly AbortSignal[];
  /** How often the store was asked for deliveries. */
  takes(): number;
  /** Adds a reply that the platform answers like this, attempt by attempt; without one it takes it. */
  add(text: string, chat: string, answered?: Answer[], place?: Partial<DeliveryAccount>): Promise<void>;
  texts(): string[];
  /** What became of every attempt so far, such as `sent 1`. */
  settled(): string[];
}

/** An outbox over a store in memory, and a platform that answers what it is told. */
export async function setUpOutbox(setup: OutboxSetup = {}): Promise<OutboxRig> {
  const clock = createManualClock(Date.UTC(2026, 0, 5, 12));
  const store = await openSqliteStore({ path: ":memory:", clock });
  const telemetry = createRecordingTelemetry();
  const sent: Delivery[] = [];
  const signals: AbortSignal[] = [];
  /** What the platform answers, by text; without one it takes the reply. */
  const answers = new Map<string, Answer[]>();
  const platform: Platform = {
    name: "test",
    idempotent: setup.idempotent ?? false,
    maxLength: null,
    delivers: () => true,
    send: async (delivery, signal) => {
      sent.push(delivery);
      signals.push(signal);
      const answer = await (answers.get(delivery.text)?.shift() ?? { outcome: "sent", remoteId: "m1" });
      if (answer instanceof Error) throw answer;
      return answer;
    },
  };
  let takes = 0;
  const { outbox, settled, close } = createOutboxUnderTest({
    platform,
    telemetry,
    clock,
    options: setup.options,
    store: {
      reader: store.reader,
      addDelivery: (reply) => store.addDelivery(reply),
      takeDeliveries: (request) => {
        takes += 1;
        return store.takeDeliveries(request);
      },
      settleDelivery: setup.settleDelivery ?? ((taken, result) => store.settleDelivery(taken, result)),
    },
  });
  return {
    store,
    clock,
    telemetry,
    outbox,
    sent,
    signals,
    takes: () => takes,
    add: async (text: string, chat: string, answered: Answer[] = [], place: Partial<DeliveryAccount> = {}) => {
      answers.set(text, answered);
      const source = sourceOf({ platform: "test", chatType: "group", chat, ...place });
      await store.addDelivery({ destination: source, text, key: null });
      outbox.wake();
    },
    texts: () => sent.map(({ text }) => text),
    settled,
    [Symbol.asyncDispose]: async () => {
      await close();
      await store[Symbol.asyncDispose]();
    },
  };
}
