/** The commands of docs/guide/busy.md are run, in their order; the one that starts the gateway stays until the end. */
import assert from "node:assert/strict";
import { execFile, spawn } from "node:child_process";
import { chmodSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { delimiter, dirname, join } from "node:path";
import type { Readable } from "node:stream";
import { test } from "node:test";
import { promisify } from "node:util";
import { createPlace } from "./cli/parlor.ts";

const ROOT = join(import.meta.dirname, "..");
const guide = readFileSync(join(ROOT, "docs/guide/busy.md"), "utf8");
const blocks = [...guide.matchAll(/^```sh\n(.*?)^```$/gms)].map(([, code = ""]) => code);

test("what the guide says can be typed as it stands", async (t) => {
  const place = createPlace(t);
  const bin = join(place.folder, "bin");
  mkdirSync(bin);
  writeFileSync(join(bin, "parlor"), `#!/bin/sh\nexec '${process.execPath}' '${join(ROOT, "src/bin.ts")}' "$@"\n`);
  chmodSync(join(bin, "parlor"), 0o755);
  const env = {
    PATH: [bin, dirname(process.execPath), process.env["PATH"]].join(delimiter),
    HOME: place.folder,
    PORT: "0",
  };
  let url = "";
  const run = async (code: string): Promise<string> => {
    const here = code.replaceAll("http://127.0.0.1:8787", url);
    const { stdout } = await promisify(execFile)("bash", ["-ec", here], { cwd: place.folder, env });
    return stdout;
  };

  const [configure = "", start = "", interrupt = "", stop = "", ...more] = blocks;
  assert.deepEqual(more, []);
  assert.match(await run(configure), /busy\.mode +default +collect\n.*busy\.debounceMs +parlor\.config\.ts +1500\n/s);

  // In the place of the shell, so that what is ended is the gateway.
  const gateway = spawn("bash", ["-ec", start.replace("parlor start", "exec parlor start")], {
    cwd: place.folder,
    env,
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
