import assert from "node:assert/strict";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { describe, test } from "node:test";
import { openFakeOpenAI } from "../../src/testing/fake-openai.ts";
import { createPlace, startParlor } from "./parlor.ts";

describe("parlor start beside a model on this machine", { timeout: 120_000 }, () => {
  test("says what would use it, and does not use it", async (t) => {
    await using ollama = await openFakeOpenAI({ models: ["llama3.2"] });
    const { host } = new URL(ollama.baseUrl);
    // A machine that is too busy to be answered in time says nothing; then it is asked again.
    for (;;) {
      const started = await startParlor(t, createPlace(t), [], { OLLAMA_HOST: host });
      started.kill("SIGTERM");
      const { stdout } = await started.end;
      const found = /^Found +(.+)$/m.exec(stdout)?.[1];
      if (found === undefined) continue;
      assert.match(found, /^Ollama with llama3\.2; to use it: /);
      assert.ok(found.endsWith(`OPENAI_BASE_URL=${ollama.baseUrl} PARLOR_MODEL=llama3.2 parlor start --port 0`), found);
      assert.match(stdout, /^Agent +echo/m);
      return;
    }
  });

  test("starts beside one that never answers, and says nothing of it", async (t) => {
    const silent = createServer(() => {});
    await new Promise<void>((resolve) => silent.listen(0, "127.0.0.1", resolve));
    t.after(() => {
      silent.closeAllConnections();
      silent.close();
    });
    const env = { OLLAMA_HOST: `127.0.0.1:${(silent.address() as AddressInfo).port}` };
    const started = await startParlor(t, createPlace(t), ["--json"], env);
    const facts = JSON.parse(started.output()) as { agent: string; localModels: readonly { name: string }[] };
    assert.equal(facts.agent, "echo");
    assert.ok(!facts.localModels.some(({ name }) => name === "Ollama"));
  });
});
