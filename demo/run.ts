/** `npm run demo`: the trace of the origin, on a database in a temporary folder. */
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { loadConfig } from "../src/config/load-config.ts";
import { createGateway } from "../src/gateway/gateway.ts";
import { replay } from "./replay.ts";
import { SILENT_SOURCES, SOURCES, createTrace } from "./trace.ts";

const BAR = 40;
const folder = await mkdtemp(join(tmpdir(), "parlor-demo-"));
try {
  const { config } = await loadConfig({
    env: { PARLOR_HOME: folder, PORT: "0", LOG_LEVEL: "error" },
    cwd: folder,
  });
  const trace = createTrace(1);
  console.log(`${SOURCES} sources, ${SILENT_SOURCES} of them never say a word; everything else is delivered twice.`);
  await using gateway = createGateway(config);
  await gateway.start();
  const outcome = await replay(gateway, config, trace, (done) => {
    if (!process.stdout.isTTY && done < trace.steps.length) return;
    const filled = Math.round((done / trace.steps.length) * BAR);
    const bar = "█".repeat(filled) + "░".repeat(BAR - filled);
    process.stdout.write(`\r${bar} ${done} of ${trace.steps.length} events${done === trace.steps.length ? "\n" : ""}`);
  });
  console.log(`sessions stored         ${outcome.rows}   (a gateway that stores at first contact: ${SOURCES})`);
  console.log(
    `empty sessions          ${outcome.emptyRows}   (there: ${SILENT_SOURCES}, ${((100 * SILENT_SOURCES) / SOURCES).toFixed(1)} %)`,
  );
  console.log(`messages in order, once ${outcome.inOrder} of ${outcome.messages}`);
  console.log(`messages answered       ${outcome.answered} of ${outcome.messages}`);
  console.log(outcome.emptySessionsAvoided);
  const kept =
    outcome.rows === SOURCES - SILENT_SOURCES &&
    outcome.emptyRows === 0 &&
    outcome.inOrder === outcome.messages &&
    outcome.answered === outcome.messages;
  if (!kept) process.exitCode = 1;
} finally {
  await rm(folder, { recursive: true });
}
