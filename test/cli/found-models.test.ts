import assert from "node:assert/strict";
import { test } from "node:test";
import { foundLine, foundModels } from "../../src/cli/found-models.ts";
import { startWords } from "../../src/cli/start-words.ts";

const OLLAMA = { name: "Ollama", baseUrl: "http://127.0.0.1:11434/v1", models: ["llama3.2"] };
const STUDIO = { name: "LM Studio", baseUrl: "http://127.0.0.1:1234/v1", models: ["a", "b", "c", "d", "e"] };

test("one server is one sentence with the command that uses it", () => {
  assert.equal(
    foundLine(foundModels([OLLAMA], ["npm", "start"])),
    "Ollama with llama3.2; to use it: OPENAI_BASE_URL=http://127.0.0.1:11434/v1 PARLOR_MODEL=llama3.2 npm start",
  );
});

test("of many models three are named, of several servers the first one is used", () => {
  assert.equal(
    foundLine(foundModels([STUDIO, OLLAMA], ["parlor", "start", "--home", "my data"])),
    "LM Studio with a, b, c and 2 more; Ollama with llama3.2; to use LM Studio: " +
      "OPENAI_BASE_URL=http://127.0.0.1:1234/v1 PARLOR_MODEL=a parlor start --home 'my data'",
  );
});

test("nothing found is nothing said", () => {
  assert.equal(foundLine(foundModels([], ["parlor", "start"])), null);
});

test("the gateway is started again as it was started", () => {
  const given = { port: "9000", dataDirectory: "./data" };
  assert.deepEqual(startWords(null, given), ["parlor", "start", "--port", "9000", "--home", "./data"]);
  assert.deepEqual(startWords("npx", {}), ["npx", "parlor", "start"]);
  assert.deepEqual(startWords("start", {}), ["npm", "start"]);
  assert.deepEqual(startWords("start", given), ["npm", "start", "--", "--port", "9000", "--home", "./data"]);
  assert.deepEqual(startWords("parlor", {}), ["npm", "run", "parlor", "--", "start"]);
  assert.deepEqual(startWords("bot", given), ["npm", "run", "bot"]);
});
