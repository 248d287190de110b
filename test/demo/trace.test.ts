import assert from "node:assert/strict";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { it } from "node:test";
import { replay } from "../../demo/replay.ts";
import { SILENT_SOURCES, SOURCES, createTrace } from "../../demo/trace.ts";
import { loadConfig } from "../../src/config/load-config.ts";
import { createGateway } from "../../src/gateway/gateway.ts";
import { openReader } from "../../src/gateway/open-store.ts";
import { createLog } from "../../src/telemetry/log.ts";

it("the trace of the origin leaves a row for each source that spoke, and none for the others", async (t) => {
  assert.deepEqual([SOURCES, SILENT_SOURCES], [10_985, 3_564]);
  const folder = await mkdtemp(join(tmpdir(), "parlor-trace-"));
  t.after(() => rm(folder, { recursive: true }));
  const { config } = await loadConfig({ env: { PARLOR_HOME: folder, PORT: "0" }, cwd: folder });
  await using gateway = createGateway(config, { log: createLog({ level: "silent" }) });
  await gateway.start();
  const seed = Date.now();
  t.diagnostic(`createTrace(${seed})`);
  const trace = createTrace(seed);
  const outcome = await replay(gateway, config, trace, () => {});
  const messages = [...trace.said.values()].flat().length;
  assert.deepEqual(outcome, {
    rows: 7_421,
    emptyRows: 0,
    messages,
    inOrder: messages,
    answered: messages,
    emptySessionsAvoided: `parlor_empty_sessions_avoided_total{precision="exact"} 3564`,
  });
  using reader = openReader(config);
  for (const check of await reader.verify()) assert.equal(check.defects, 0, check.name);
});
