import assert from "node:assert/strict";
import { test } from "node:test";
import { describeConfig } from "../../src/config/config-values.ts";
import { load, refusal } from "./loading.ts";

const MODEL = { kind: "model", provider: "openai-compatible", model: "m", baseUrl: "http://127.0.0.1:1/v1" };

function file(config: object): Record<string, string> {
  return { "parlor.config.ts": `export default ${JSON.stringify(config)};` };
}

test("a server is a program with what it is handed, or an address with its token", async (t) => {
  const loaded = await load(t, {
    env: { PATH: "/bin", NOTES: "n", PARLOR_MCP_WEB_SEARCH_TOKEN: "s3cret" },
    files: file({
      agent: { ...MODEL, tools: ["notes", "web-search", "notes"], maxSteps: 5 },
      mcp: {
        notes: { command: ["notes", "--all"], cwd: "sub", env: ["NOTES"] },
        "web-search": { url: "https://mcp.example/" },
      },
    }),
  });
  const { mcp, agent } = loaded.config;
  const { notes, "web-search": web } = mcp;
  assert.ok(notes !== undefined && "command" in notes && web !== undefined && "url" in web);
  assert.deepEqual(notes.command, ["notes", "--all"]);
  assert.match(notes.cwd, /\/sub$/);
  assert.deepEqual(
    Object.entries(notes.env).map(([name, value]) => [name, value.reveal()]),
    [
      ["PATH", "/bin"],
      ["HOME", "/home/ada"],
      ["NOTES", "n"],
    ],
  );
  assert.deepEqual([web.allowPrivate, web.token?.reveal()], [false, "s3cret"]);
  assert.deepEqual(agent.kind === "model" ? [agent.tools, agent.maxSteps] : null, [["notes", "web-search"], 5]);
  const shown = describeConfig(loaded);
  assert.ok(!JSON.stringify(shown).includes("s3cret"));
  assert.equal(shown.find(({ key }) => key === "mcp.web-search.token")?.value, "set");
  assert.equal(loaded.origins["mcp.web-search.token"], "environment");
});

test("a mistake in a server is refused with what was expected", async (t) => {
  const cases = [
    [{ mcp: { a: {} } }, /mcp\.a \(parlor\.config\.ts\) must have either a command or a url; found neither/],
    [{ mcp: { a: { command: ["x"], url: "https://x.example/" } } }, /either a command or a url; found both/],
    [{ mcp: { a: { url: "https://x.example/", cwd: "x" } } }, /has cwd or env, which only a command has use for/],
    [{ mcp: { a: { command: ["x"], allowPrivate: true } } }, /has allowPrivate, which only a url has use for/],
    [{ mcp: { a: { url: "http://127.0.0.1:1/" } } }, /which has to be allowed; set mcp\.a\.allowPrivate to true/],
    [{ mcp: { a: { url: "https://x.example/", token: "t" } } }, /set PARLOR_MCP_<NAME>_TOKEN there/],
    [{ mcp: { A_b: { command: ["x"] } } }, /mcp\.A_b .*must have a name of lower-case letters/],
    [{ mcp: { ["a".repeat(33)]: { command: ["x"] } } }, /a name of at most 32 characters; found 33/],
    [{ mcp: { a: { command: "x" } } }, /mcp\.a\.command.* must be a list of a program and its parameters/],
    [{ agent: { ...MODEL, tools: ["a"] } }, /agent\.tools .*must name servers of mcp; found "a", and mcp has none/],
    [
      { agent: { ...MODEL, tools: ["a"] }, mcp: { b: { command: ["x"] } } },
      /must name servers of mcp; found "a", and mcp has b\./,
    ],
    [{ agents: { x: { ...MODEL, tools: ["a"] } } }, /agents\.x\.tools .*must name servers of mcp/],
    [{ agent: { ...MODEL, maxSteps: 0 } }, /agent\.maxSteps .*must be a whole number from 1 to 1000/],
  ] as const;
  for (const [config, expected] of cases) {
    assert.match(await refusal(t, { files: file(config) }), expected);
  }
});

test("a token that no server has use for is noted", async (t) => {
  const { notes } = await load(t, { env: { PARLOR_MCP_GONE_TOKEN: "x" } });
  assert.match(notes.join("\n"), /PARLOR_MCP_GONE_TOKEN is set but not used: mcp names no server it could be for/);
});
