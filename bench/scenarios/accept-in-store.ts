import { join } from "node:path";
import type { InboundMessage } from "../../src/core/message.ts";
import { openSqliteStore } from "../../src/sqlite.ts";
import type { Store } from "../../src/store/store.ts";
import { DATABASE } from "../filled/filled-homes.ts";
import { sourceOf } from "../filled/fill.ts";
import { createText } from "../filled/texts.ts";
import { manyCallers } from "../many-callers.ts";
import { compare, timedMs } from "../pairs.ts";
import { createRandom } from "../random.ts";
import type { Bench, Scenario } from "../scenario.ts";
import { type Statement, openReplay, record } from "../statements.ts";

const CALLERS = 128;
/** One message in so many opens a session; the others go to sessions that are there. */
const OPENS = 20;

export const acceptInStore: Scenario = {
  name: "accept-in-store",
  compares: `store.accept (${CALLERS} concurrent callers, one message in ${OPENS} opens a session) with bare node:sqlite running the very statements of it, values ready-made, as one loop`,
  run: async (bench) => {
    const { calls, pairs, fewSessions } = bench.sizes;
    const rounds = Array.from({ length: pairs + 1 }, (_, round) => messagesOf(round, calls, fewSessions));
    const { opening, statements } = await recordRounds(await copyOf(bench), rounds);
    await using store = await openSqliteStore({ path: await copyOf(bench) });
    using replay = openReplay(await copyOf(bench), opening);
    const ours = rounds.values();
    const others = statements.values();
    const found = await compare({
      name: "messages per second against the bare statements",
      unit: "/s",
      aim: { atLeast: 0.8 },
      pairs,
      ours: {
        name: "store.accept",
        run: async () => perSecond(calls, await timedMs(() => acceptAll(store, ours.next().value ?? []))),
      },
      other: {
        name: "the bare statements",
        run: async () => perSecond(calls, await timedMs(() => replay.run(others.next().value ?? []))),
      },
    });
    const perMessage = statements.flat().length / (calls * rounds.length);
    return { measures: [found], figures: [{ name: "statements for a message", value: perMessage, unit: "" }] };
  },
};

interface Recorded {
  /** What the store ran to open. */
  readonly opening: readonly Statement[];
  /** What each round made it run. */
  readonly statements: readonly (readonly Statement[])[];
}

/** Takes down what the rounds make a store run, on a copy of the database that both sides begin with. */
async function recordRounds(path: string, rounds: readonly (readonly InboundMessage[])[]): Promise<Recorded> {
  using recording = record();
  await using store = await openSqliteStore({ path });
  const opening = recording.take();
  const statements: (readonly Statement[])[] = [];
  for (const messages of rounds) {
    await acceptAll(store, messages);
    statements.push(recording.take());
  }
  return { opening, statements };
}

async function copyOf(bench: Bench): Promise<string> {
  const folder = await bench.newFolder();
  await bench.filled.copy(bench.sizes.fewSessions, folder);
  return join(folder, DATABASE);
}

function messagesOf(round: number, calls: number, sessions: number): readonly InboundMessage[] {
  const random = createRandom(round);
  return Array.from({ length: calls }, (_, index) => ({
    source: sourceOf(index % OPENS === 0 ? sessions + round * calls + index : Math.floor(random() * sessions)),
    eventId: `round-${round}-${index}`,
    text: createText(random),
  }));
}

async function acceptAll(store: Store, messages: readonly InboundMessage[]): Promise<void> {
  await manyCallers(CALLERS, messages.length, async (index) => {
    const message = messages[index];
    if (message === undefined) return;
    const { outcome } = await store.accept(message);
    if (outcome !== "accepted") throw new Error(`Expected a message to be accepted; found ${outcome}.`);
  });
}

function perSecond(calls: number, ms: number): number {
  return (calls * 1000) / ms;
}
