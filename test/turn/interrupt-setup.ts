import type { BusyPolicy } from "../../src/core/busy-policy.ts";
import type { Store } from "../../src/store/store.ts";
import type { FakeAgentRun } from "../../src/testing/fake-agent.ts";
import { settle } from "./eventually.ts";
import { type Said, setUpTurns, type TurnSetup, type TurnSetupOptions } from "./turn-setup.ts";

/** A runner over a store in which a newer message interrupts. */
export function setUpInterrupting(setup: TurnSetupOptions = {}, policy: Partial<BusyPolicy> = {}): Promise<TurnSetup> {
  const busy = { default: { mode: "interrupt", debounceMs: 0, maxWaiting: 100, ...policy } } as const;
  return setUpTurns({ ...setup, store: { ...setup.store, busy } });
}

/** Starts the runner with a message, and lets its agent say what it says before it waits. */
export async function begin({ runner, say, agent }: TurnSetup, text = "one"): Promise<Said> {
  runner.start();
  const said = await say(text);
  await agent.started(1);
  await settle();
  return said;
}

/** What an agent was to answer, as `role: text`. */
export function asked(run: FakeAgentRun | undefined): string[] {
  return run?.turn.messages.map(({ role, text }) => `${role}: ${text}`) ?? [];
}

/** A store of which one verb is called as `instead` says. */
export function replacing<Verb extends keyof Store>(
  verb: Verb,
  instead: (own: Store[Verb]) => Store[Verb],
): (store: Store) => Store {
  return (store: Store): Store => ({ ...store, [verb]: instead(store[verb]) });
}
