import type { VNode } from "preact";
import { lastSaid } from "../chat/last-said.ts";
import type { Desk } from "../desk.ts";
import type { Simulation } from "../numbers/simulate.ts";
import { Icon } from "./icon.tsx";

const SIMULATIONS: readonly (readonly [simulation: Simulation, name: string, what: string])[] = [
  ["ping", "Ping", "A probe from a chat nobody knew"],
  ["join", "Join", "Someone joins and says nothing"],
  ["redelivery", "Redelivery", "Your last message arrives again"],
  ["burst", "20 at once", "Twenty pings from twenty new chats"],
];

const OUTCOMES = ["accepted", "duplicate", "command", "signal", "rejected", "failed"] as const;

export function NumbersPanel({ desk }: { readonly desk: Desk }): VNode {
  const { numbers, drawer } = desk;
  const { stats, sentence, isSimulating } = numbers;
  return (
    <aside class="numbers" aria-label="Numbers" inert={drawer.value === "sessions"}>
      <button
        type="button"
        class="quiet close-drawer"
        aria-label="Close the numbers"
        onClick={() => (drawer.value = null)}
      >
        <Icon name="close" />
      </button>
      <dl class="figures">
        <div>
          <dt>
            rows <span>one for each conversation with something in it</span>
          </dt>
          <dd data-figure="rows">{figure(stats.value?.sessions)}</dd>
        </div>
        <div class="avoided">
          <dt>
            empty sessions avoided <span>pings, joins, probes: answered, not stored</span>
          </dt>
          <dd data-figure="avoided">{figure(stats.value?.emptySessionsAvoided)}</dd>
        </div>
      </dl>
      <section class="simulate" aria-label="Simulate">
        <h2>Simulate</h2>
        <ul>
          {SIMULATIONS.map(([simulation, name, what]) => {
            const isMissing = simulation === "redelivery" && lastSaid.value === null;
            return (
              <li key={simulation}>
                <button
                  type="button"
                  class="simulation"
                  data-simulation={simulation}
                  disabled={isMissing}
                  aria-disabled={isSimulating.value}
                  onClick={() => void numbers.simulate(simulation)}
                >
                  <span class="name">{name}</span>
                  <span class="what">{isMissing ? "Say something first" : what}</span>
                </button>
              </li>
            );
          })}
        </ul>
        <p class="sentence" role="status">
          {sentence.value ?? "None of these writes a session. See for yourself."}
        </p>
      </section>
      <section class="received" aria-label="Events received since the start">
        <h2>Received since the start</h2>
        <dl>
          {OUTCOMES.map((outcome) => (
            <div key={outcome}>
              <dt>{outcome}</dt>
              <dd data-received={outcome}>{figure(stats.value?.received[outcome])}</dd>
            </div>
          ))}
        </dl>
      </section>
    </aside>
  );
}

function figure(value: number | undefined): string {
  return value === undefined ? "–" : value.toLocaleString("en");
}
