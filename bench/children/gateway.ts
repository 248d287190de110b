/** A whole gateway with the echo agent, on the data directory it is given. */
import { loadConfig } from "../../src/config/load-config.ts";
import { createGateway } from "../../src/gateway/gateway.ts";
import { answerParent } from "./parent.ts";

const [home] = process.argv.slice(2);
if (home === undefined) throw new Error("Expected a data directory.");

export interface GatewayReady {
  readonly port: number;
  /** From the call of `start` to the open port. */
  readonly startMs: number;
}

const { config } = await loadConfig({ env: { PARLOR_HOME: home, PORT: "0", LOG_LEVEL: "error" }, cwd: home });
const gateway = createGateway(config);
const begun = performance.now();
const { url } = await gateway.start();
const ready: GatewayReady = { port: Number(new URL(url).port), startMs: performance.now() - begun };
answerParent(
  ready,
  () => Promise.resolve({}),
  async () => {
    await gateway.stop();
  },
);
