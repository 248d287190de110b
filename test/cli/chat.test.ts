import assert from "node:assert/strict";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { describe, type TestContext, test } from "node:test";
import { type Ended, type Environment, type Place, createPlace, ended, spawnParlor, startParlor } from "./parlor.ts";

const TOKEN = "0123456789abcdef";

/** Runs `parlor chat` with this on its standard input. */
async function chat(place: Place, input: string, args: readonly string[] = [], env: Environment = {}): Promise<Ended> {
  const child = spawnParlor(place, ["chat", ...args], env);
  child.stdin?.end(input);
  return await ended(child);
}

/** An agent of a configuration file: its body of `run`. */
function agentFile(body: string): Readonly<Record<string, string>> {
  const agent = `{ name: "own", async *run(turn, signal) { ${body} } }`;
  return { "parlor.config.ts": `export default { agent: ${agent}, turn: { maxAttempts: 1 } };\n` };
}

function portOf(url: string): string {
  return new URL(url).port;
}

/** A program that answers everything with this status and JSON; its port. */
async function otherProgram(t: TestContext): Promise<string> {
  const server = createServer((_, response) => void response.end("<h1>It works!</h1>"));
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  t.after(() => {
    server.closeAllConnections();
    server.close();
  });
  return String((server.address() as AddressInfo).port);
}

/** A port that nothing listens on. */
async function freePort(): Promise<string> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return String(port);
}

interface Document {
  readonly session: string | null;
  readonly seq: number | null;
  readonly state: string | null;
  readonly reply: string | null;
}

describe("parlor chat in a pipe", { timeout: 120_000 }, () => {
  test("prints the reply alone, of a gateway of its own where none runs", async (t) => {
    const place = createPlace(t);
    const first = await chat(place, "Hello\nthere\n", ["--port", await freePort()]);
    assert.deepEqual(first, {
      code: 0,
      stdout: "Hello\nthere\n",
      stderr: "No gateway was running, so this one answers until you leave.\n",
    });
    const second = await chat(place, "Again", ["--port", "0", "--json"]);
    assert.deepEqual({ code: second.code, stderr: second.stderr }, { code: 0, stderr: "" });
    const document = JSON.parse(second.stdout) as Document;
    assert.partialDeepStrictEqual(document, { seq: 3, state: "answered", reply: "Again" });
  });

  test("talks to the gateway that runs, in the session of the API's chat main", async (t) => {
    const place = createPlace(t);
    const { url } = await startParlor(t, place, [], { PARLOR_TOKEN: TOKEN });
    const port = portOf(url);
    const { code, stdout, stderr } = await chat(place, "Hello", ["--port", port, "--json"], { PARLOR_TOKEN: TOKEN });
    assert.deepEqual({ code, stderr }, { code: 0, stderr: "" });
    const { session } = JSON.parse(stdout) as Document;
    const response = await fetch(`${url}/api/chats/main/session?from=operator`, {
      headers: { authorization: `Bearer ${TOKEN}` },
    });
    assert.equal(((await response.json()) as { id: string }).id, session);
    const other = await chat(place, "Hello", ["travel", "--from", "ada", "--port", port, "--json"], {
      PARLOR_TOKEN: TOKEN,
    });
    assert.notEqual((JSON.parse(other.stdout) as Document).session, session);
  });

  test("says that it needs the token", async (t) => {
    const place = createPlace(t);
    const port = portOf((await startParlor(t, place, [], { PARLOR_TOKEN: TOKEN })).url);
    for (const env of [{}, { PARLOR_TOKEN: "another-token-0123" }]) {
      const { code, stdout, stderr } = await chat(place, "Hello", ["--port", port], env);
      assert.deepEqual({ code, stdout }, { code: 1, stdout: "" });
      assert.match(
        stderr,
        /^The gateway at http:\/\/127\.0\.0\.1:\d+ wants its token\. Set PARLOR_TOKEN to the one .*\n$/,
      );
    }
  });

  test("says that another program is at the address, and starts nothing", async (t) => {
    const { code, stdout, stderr } = await chat(createPlace(t), "Hello", ["--port", await otherProgram(t)]);
    assert.deepEqual({ code, stdout }, { code: 1, stdout: "" });
    assert.match(stderr, /found: another program answers at http:\/\/127\.0\.0\.1:\d+\. Set PORT or HOST/);
  });

  test("carries commands out, and prints what they say", async (t) => {
    const { code, stdout } = await chat(createPlace(t), "/help", ["--port", "0"]);
    assert.equal(code, 0);
    assert.match(stdout, /^\/new - /);
  });

  test("exits with 1 when the turn failed, with what the person is told", async (t) => {
    const place = createPlace(t, agentFile(`throw new Error("no");`));
    const { code, stdout } = await chat(place, "Hello", ["--port", "0"]);
    assert.equal(code, 1);
    assert.match(stdout, /^Sorry, /);
    const asDocument = await chat(place, "Hello", ["--port", "0", "--json"]);
    assert.equal(asDocument.code, 1);
    assert.partialDeepStrictEqual(JSON.parse(asDocument.stdout), { state: "dead" });
  });

  test("shows escape sequences of the agent as text", async (t) => {
    const place = createPlace(
      t,
      agentFile(String.raw`yield { type: "text", text: "\u001b[31mred" }; yield { type: "finish", reason: "done" };`),
    );
    assert.equal((await chat(place, "Hello", ["--port", "0"])).stdout, `${String.raw`\x1b[31mred`}\n`);
  });

  test("stops the turn with SIGINT", async (t) => {
    const body = `console.error("RUNNING"); await new Promise((r) => signal.addEventListener("abort", r)); throw signal.reason;`;
    const place = createPlace(t, agentFile(body));
    const child = spawnParlor(place, ["chat", "--port", "0"]);
    child.stderr?.on("data", (chunk: Buffer) => {
      if (chunk.toString().includes("RUNNING")) child.kill("SIGINT");
    });
    child.stdin?.end("Hello");
    const { code, stdout } = await ended(child);
    assert.deepEqual({ code, stdout }, { code: 1, stdout: "(cancelled)\n" });
  });

  test("says that there is no message, and starts nothing", async (t) => {
    const { code, stdout, stderr } = await chat(createPlace(t), " \n", ["--port", "0"]);
    assert.deepEqual({ code, stdout }, { code: 1, stdout: "" });
    assert.match(stderr, /^Expected a message on standard input; found nothing\./);
  });
});
