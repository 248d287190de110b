/** Every command of the README is run, in its order, as a newcomer would; the library example too. */
import assert from "node:assert/strict";
import { type ChildProcess, execFile, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import { after, before, describe, it } from "node:test";
import { promisify } from "node:util";
import { openFakeOpenAI } from "../src/testing/fake-openai.ts";

const ROOT = join(import.meta.dirname, "..");
const readme = await readFile(join(ROOT, "README.md"), "utf8");

/** The code blocks of a language, in order. */
function blocks(language: string): string[] {
  return [...readme.matchAll(new RegExp(`^\`\`\`${language}\\n(.*?)^\`\`\`$`, "gms"))].map(([, code = ""]) =>
    code.trim(),
  );
}

let home: string;
let env: NodeJS.ProcessEnv;
let port: number;
let running: { readonly pid: number; readonly npm: ChildProcess } | undefined;

before(async () => {
  home = await mkdtemp(join(tmpdir(), "parlor-readme-"));
  port = await freePort();
  env = {
    PATH: [join(ROOT, "node_modules/.bin"), process.env["PATH"]].join(delimiter),
    HOME: home,
    PORT: String(port),
    LOG_LEVEL: "warn",
  };
});

after(async () => {
  await stop("SIGKILL");
  await rm(home, { recursive: true });
});

async function freePort(): Promise<number> {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  server.close();
  await once(server, "close");
  return typeof address === "object" && address !== null ? address.port : 0;
}

/** A command with what differs on this machine filled in: the port, the process, an endpoint for a model. */
function here(command: string): string {
  return command.replaceAll("8787", String(port)).replaceAll("4242", String(running?.pid ?? "no process"));
}

/** Runs a block that starts the gateway, until it has said how to stop it; returns what it printed. */
async function start(command: string): Promise<string> {
  await stop("SIGTERM");
  const npm = spawn("sh", ["-c", here(command)], { cwd: ROOT, env, stdio: ["ignore", "pipe", "inherit"] });
  let printed = "";
  for await (const chunk of npm.stdout.setEncoding("utf8")) {
    printed += String(chunk);
    const pid = /^Stop .* kill (\d+)$/m.exec(printed)?.[1];
    if (pid === undefined) continue;
    running = { pid: Number(pid), npm };
    return printed;
  }
  throw new Error(`${command} ended before it had started: ${printed}`);
}

async function stop(signal: NodeJS.Signals): Promise<void> {
  if (running === undefined) return;
  const { pid, npm } = running;
  running = undefined;
  if (npm.exitCode !== null) return;
  const exited = once(npm, "exit");
  if (isAlive(pid)) process.kill(pid, signal);
  await exited;
}

function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
}

/** Runs a block to its end, stopping at the first command that fails; returns what it printed. */
async function run(block: string): Promise<string> {
  const { stdout } = await promisify(execFile)("bash", ["-ec", here(block)], { cwd: ROOT, env });
  return stdout;
}

describe("the README", () => {
  const [
    install = "",
    ask = "",
    ping = "",
    slowly = "",
    kill = "",
    again = "",
    resent = "",
    model = "",
    look = "",
    ...more
  ] = blocks("sh");

  it("has no command that is not run here", () => {
    assert.deepEqual(more, []);
  });

  it("starts with two commands, and start prints what the README shows", async () => {
    assert.equal(install, "npm ci && npm start");
    const printed = await start(install.replace("npm ci && ", ""));
    const shown = blocks("text")[0] ?? "";
    const lines = printed.slice(printed.indexOf("Parlor ")).trimEnd();
    const expected = here(shown).replace("~/.local", join(home, ".local"));
    assert.equal(lines, expected);
    assert.ok(lines.split("\n").length <= 8);
  });

  it("answers the first message as shown, and a ping leaves no session", async () => {
    const [, shown = ""] = blocks("text");
    const { session: _, ...answer } = JSON.parse(shown) as Record<string, unknown>;
    const { session, ...answered } = JSON.parse(await run(ask)) as Record<string, unknown>;
    assert.deepEqual(answered, answer);
    assert.match(String(session), /^ses_/);
    const printed = await run(ping);
    assert.match(printed, /\{"signal":true\}/);
    assert.match(printed, /^Sessions +1\b/m);
  });

  it("answers after a kill -9 in the middle of the reply, once", async () => {
    await start(slowly);
    assert.match(await run(kill), /"seq":3/);
    await start(again);
    const printed = await run(resent);
    const [, , shown = ""] = blocks("text");
    const { session: _, ...answer } = JSON.parse(shown) as Record<string, unknown>;
    const { session: __, ...answered } = JSON.parse(printed.split("\n")[0] ?? "") as Record<string, unknown>;
    assert.deepEqual(answered, answer);
    assert.match(printed, /No defects/);
  });

  it("shows what is stored", async () => {
    const printed = await run(look);
    assert.match(printed, /one two three four five/);
    assert.match(printed, /"defects":\s*0/);
  });

  it("lets a model answer", async () => {
    await using endpoint = await openFakeOpenAI({ models: ["llama3.2"] });
    endpoint.next({ steps: [{ text: "I am a model." }] });
    const printed = await start(model.replace("http://127.0.0.1:11434/v1", endpoint.baseUrl));
    assert.match(printed, /^Agent +llama3\.2/m);
    const answer = await run(ask.replace('"Hello"', '"Who are you?"'));
    assert.match(answer, /"reply":"I am a model\."/);
    await stop("SIGTERM");
  });

  it("embeds the session layer in 15 lines", async () => {
    const [example = ""] = blocks("ts");
    assert.ok(example.split("\n").length <= 15, `${example.split("\n").length} lines`);
    const file = join(home, "bot.ts");
    await writeFile(
      file,
      example.replace('"parlor"', JSON.stringify(join(ROOT, "src/index.ts"))).replace("bot.db", join(home, "bot.db")),
    );
    const { stdout } = await promisify(execFile)(process.execPath, [file]);
    assert.equal(stdout, "You said: Hello\n");
  });
});
