/** The commands of docs/guide/busy.md are run, in their order; the one that starts the gateway stays until the end. */
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import type { Readable } from "node:stream";
import { test } from "node:test";
import { createShell, readGuide } from "./read-guide.ts";

test("what the guide says can be typed as it stands", async (t) => {
  const shell = createShell(t);
  let url = "";
  const run = (code: string): Promise<string> => shell.run(code.replaceAll("http://127.0.0.1:8787", url));

  const [configure = "", start = "", interrupt = "", stop = "", ...more] = readGuide("busy").blocks("sh");
  assert.deepEqual(more, []);
  assert.match(await run(configure), /busy\.mode +default +collect\n.*busy\.debounceMs +parlor\.config\.ts +1500\n/s);

  // In the place of the shell, so that what is ended is the gateway.
  const gateway = spawn("bash", ["-ec", start.replace("parlor start", "exec parlor start")], {
    cwd: shell.folder,
    env: shell.env,
    stdio: ["ignore", "pipe", "ignore"],
  });
  const ended = new Promise((resolve) => gateway.once("exit", resolve));
  try {
    url = await listeningUrl(gateway.stdout);
    const heard = await run(interrupt);
    const reply = heard.split("\n").find((line) => line.includes('"reply"')) ?? assert.fail(heard);
    assert.match(reply, /"state":"answered"/);
    assert.match(reply, /long story.*A short one, please/s);
    assert.match(heard, /\binterrupted\b/);
    assert.match(heard, /\bdone\b/);
    const say = interrupt.slice(0, interrupt.indexOf("}\n") + 2);
    assert.match(await run(say + stop), /"command":"stop","reply":"(?:Stopped the answer to|Dropped) 1 message/);
  } finally {
    gateway.kill("SIGTERM");
    await ended;
  }
});

/** Reads on after it is found, so that the gateway can go on writing. */
function listeningUrl(output: Readable): Promise<string> {
  let text = "";
  return new Promise((resolve, reject) => {
    output.setEncoding("utf8").on("data", (chunk: string) => {
      text += chunk;
      const url = /http:\/\/127\.0\.0\.1:\d+/.exec(text)?.[0];
      if (url !== undefined) resolve(url);
    });
    output.once("end", () => reject(new Error(`The gateway has not said where it listens: ${text}`)));
  });
}
