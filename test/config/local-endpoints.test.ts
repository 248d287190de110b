import assert from "node:assert/strict";
import { test } from "node:test";
import { load } from "./loading.ts";

const STUDIO = { name: "LM Studio", baseUrl: "http://127.0.0.1:1234/v1" };

test("local models are looked for at the ports of Ollama and LM Studio on this machine", async (t) => {
  const { localEndpoints } = await load(t);
  assert.deepEqual(localEndpoints, [{ name: "Ollama", baseUrl: "http://127.0.0.1:11434/v1" }, STUDIO]);
});

test("OLLAMA_HOST is read as Ollama reads it", async (t) => {
  for (const [value, url] of [
    ["127.0.0.1:4000", "http://127.0.0.1:4000/v1"],
    ["localhost", "http://localhost:11434/v1"],
    [":4000", "http://127.0.0.1:4000/v1"],
    ["0.0.0.0", "http://127.0.0.1:11434/v1"],
    ["[::]:4000", "http://[::1]:4000/v1"],
    ["::1", "http://[::1]:11434/v1"],
    ["127.0.0.1:80", "http://127.0.0.1:80/v1"],
    ["http://127.0.0.1", "http://127.0.0.1:80/v1"],
    ["https://localhost/", "https://localhost:443/v1"],
  ] as const) {
    const { localEndpoints } = await load(t, { env: { OLLAMA_HOST: value } });
    assert.deepEqual(localEndpoints, [{ name: "Ollama", baseUrl: url }, STUDIO], value);
  }
});

test("an OLLAMA_HOST that is another machine, or no address, is not asked", async (t) => {
  for (const value of [
    "192.168.1.9",
    "gpu.example.org:11434",
    "http://10.0.0.1",
    "127.0.0.1:99999",
    "ada@127.0.0.1",
    "::2",
  ]) {
    assert.deepEqual((await load(t, { env: { OLLAMA_HOST: value } })).localEndpoints, [STUDIO], value);
  }
});

test("whoever says which model answers, or that none does, is not told of others", async (t) => {
  for (const env of [
    { PARLOR_MODEL: "m", OPENAI_BASE_URL: "http://127.0.0.1:1/v1" },
    { OPENAI_API_KEY: "k" },
    { PARLOR_SYSTEM_PROMPT: "Be brief." },
  ]) {
    assert.deepEqual((await load(t, { env })).localEndpoints, []);
  }
  const files = { "parlor.config.js": `export default { agent: "echo" };` };
  assert.deepEqual((await load(t, { files })).localEndpoints, []);
});
