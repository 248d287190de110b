import { Child } from "../children/child.ts";
import type { GatewayReady } from "../children/gateway.ts";
import { type Contestant, compare } from "../pairs.ts";
import type { Scenario } from "../scenario.ts";

const AIM = { atMost: 2 };

type Clock = (home: string) => Promise<number>;

export const startUp: Scenario = {
  name: "start-up",
  compares: "starting a gateway on many stored sessions with starting one on a database without any",
  run: async (bench) => {
    const { manySessions, pairs } = bench.sizes;
    const many = await bench.filled.of(manySessions);
    const none = await bench.newFolder();
    const contest = (name: string, clock: Clock) => {
      const contestant = (label: string, home: string): Contestant => ({ name: label, run: () => clock(home) });
      return compare({
        name,
        ours: contestant(`with ${manySessions.toLocaleString("en")} sessions`, many),
        other: contestant("with none", none),
        unit: "ms",
        aim: AIM,
        pairs,
      });
    };
    return {
      measures: [
        await contest("from the start of the process until it accepts", untilReady),
        await contest("the start of the gateway alone, without loading the program", gatewayAlone),
      ],
      figures: [],
    };
  },
};

async function untilReady(home: string): Promise<number> {
  const begun = performance.now();
  await using gateway = (await start(home)).child;
  return gateway === undefined ? Number.NaN : performance.now() - begun;
}

async function gatewayAlone(home: string): Promise<number> {
  const { child, ready } = await start(home);
  await using _gateway = child;
  return ready.startMs;
}

function start(home: string): Promise<{ readonly child: Child; readonly ready: GatewayReady }> {
  return Child.start<GatewayReady>(new URL("../children/gateway.ts", import.meta.url), { arguments: [home] });
}
