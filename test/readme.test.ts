/** Every command of the README is run, in its order, as a newcomer would; the library example too. */
import assert from "node:assert/strict";
import { type ChildProcess, execFile, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import { after, before, describe, it } from "node:test";
import { promisify } from "node:util";
import { openFakeOpenAI } from "../src/testing/fake-openai.ts";
import { openFakeTelegram } from "../src/testing/fake-telegram.ts";

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

/** The fields of an answer that are the same on every machine. */
function without(field: string, printed: string): Record<string, unknown> {
  const { [field]: _, ...answer } = JSON.parse(printed) as Record<string, unknown>;
  return answer;
}

describe("the README", () => {
  const [
    install = "",
    chat = "",
    ask = "",
    slowly = "",
    kill = "",
    again = "",
    resent = "",
    model = "",
    telegram = "",
    approve = "",
    look = "",
    ...more
  ] = blocks("sh");
  const [started = "", asked = "", found = "", stranger = ""] = blocks("text");

  it("has no command that is not run here", () => {
    assert.deepEqual(more, []);
  });

  it("shows pictures that are there", async () => {
    const pictures = [...readme.matchAll(/^!\[[^\]]+\]\(([^)]+)\)$/gm)].map(([, path = ""]) => path);
    assert.equal(pictures.length, 1);
    for (const path of pictures) assert.ok((await readFile(join(ROOT, path))).length > 10_000, path);
  });

  it("starts with two commands, and start prints what the README shows", async () => {
    assert.equal(install, "npm ci && npm start");
    const printed = await start(install.replace("npm ci && ", ""));
    const lines = printed.slice(printed.indexOf("Parlor ")).trimEnd();
    assert.equal(lines, here(started).replace("~/.local", join(home, ".local")));
  });

  it("has a page where it says", async () => {
    const page = await fetch(/^Page +(\S+)$/m.exec(here(started))?.[1] ?? "");
    assert.equal(page.status, 200);
    assert.match(await page.text(), /<title>Parlor<\/title>/);
  });

  it("answers in a terminal, and a program in the same conversation as shown", async () => {
    assert.equal(await run(`echo Hello | ${chat}`), "Hello\n");
    assert.deepEqual(without("session", await run(ask)), without("session", asked));
  });

  it("answers after a kill -9 in the middle of the reply, once", async () => {
    await start(slowly);
    assert.match(await run(kill), /"seq":5/);
    await start(again);
    const printed = await run(resent);
    assert.deepEqual(without("session", printed.split("\n")[0] ?? ""), without("session", found));
    assert.match(printed, /No defects/);
  });

  it("lets a model answer, and finds the one that runs here", async () => {
    await using endpoint = await openFakeOpenAI({ models: ["llama3.2"] });
    const { host } = new URL(endpoint.baseUrl);
    env = { ...env, OLLAMA_HOST: host };
    const line = /^Found +(.*)$/m.exec(await start(again))?.[1] ?? "";
    assert.ok(line.includes(model.replace("127.0.0.1:11434", host)), line);
    endpoint.next({ steps: [{ text: "I am a model." }] });
    const printed = await start(model.replace("127.0.0.1:11434", host));
    assert.match(printed, /^Agent +llama3\.2/m);
    const answer = await run(ask.replace('"Hello"', '"Who are you?"').replace("hello-1", "hello-2"));
    assert.match(answer, /"reply":"I am a model\."/);
  });

  it("leads to a paired Telegram bot with a local model behind it", async () => {
    await using endpoint = await openFakeOpenAI({ models: ["llama3.2"] });
    await using bot = await openFakeTelegram({ token: "123456:your-token" });
    env = { ...env, TELEGRAM_API_BASE_URL: bot.baseUrl };
    const printed = await start(telegram.replace("http://127.0.0.1:11434/v1", endpoint.baseUrl));
    assert.match(printed, /^Platforms .*telegram @parlor_bot/m);

    const from = { id: 777_001, is_bot: false, first_name: "Ada" };
    const say = (id: number, text: string): void => {
      const date = Math.floor(Date.now() / 1000);
      bot.push({ message: { message_id: id, date, from, chat: { id: from.id, type: "private" }, text } });
    };
    const pattern = /777001-[0-9A-Z]{8}$/;
    say(1, "Hello?");
    await bot.until(() => bot.sent.length === 1);
    const [{ text: line } = { text: "" }] = bot.sent;
    assert.equal(line.replace(pattern, ""), stranger.replace(pattern, ""));

    const code = pattern.exec(line)?.[0] ?? assert.fail(line);
    await run(approve.replace(pattern, code));
    endpoint.next({ steps: [{ text: "Pleased to meet you." }] });
    say(2, "And now?");
    await bot.until(() => bot.sent.length === 2);
    assert.equal(bot.sent[1]?.text, "Pleased to meet you.");
    const { TELEGRAM_API_BASE_URL: _, ...rest } = env;
    env = rest;
  });

  it("answers an OpenAI client in the conversation of the page", async () => {
    await start(again);
    const [example = ""] = blocks("ts");
    // Beside the packages, so that the client is found; JavaScript, because nothing strips types there.
    const folder = join(ROOT, "node_modules/.cache", `parlor-readme-${process.pid}`);
    await mkdir(folder, { recursive: true });
    try {
      const file = join(folder, "client.mjs");
      await writeFile(file, here(example));
      const { stdout } = await promisify(execFile)(process.execPath, [file], { env });
      assert.equal(stdout, "Hello again");
    } finally {
      await rm(folder, { recursive: true });
    }
    const { session } = JSON.parse(await run(ask)) as { readonly session: string };
    assert.ok((await run("npm run -s parlor sessions search 'hello again'")).includes(session));
  });

  it("shows what is stored", async () => {
    const printed = await run(look);
    assert.match(printed, /one two three four five/);
    assert.match(printed, /Ada/);
    assert.match(printed, /"defects":\s*0/);
  });

  it("embeds the session layer in 15 lines", async () => {
    const [, example = ""] = blocks("ts");
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
