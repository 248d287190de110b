/** The commands of docs/guide/keep-running.md are run, in their order, with a systemd that is a script. */
import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { chmodSync, readFileSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import type { AddressInfo } from "node:net";
import { delimiter, dirname, join } from "node:path";
import { test } from "node:test";
import { promisify } from "node:util";
import { createFakeSystemd } from "./cli/fake-systemd.ts";
import { createPlace } from "./cli/parlor.ts";

const ROOT = join(import.meta.dirname, "..");
const guide = readFileSync(join(ROOT, "docs/guide/keep-running.md"), "utf8");

/** The shell blocks, in order; what cannot be run anywhere has its reason in a comment above it. */
const blocks = [...guide.matchAll(/^(<!-- not run: [^\n]+ -->\n\n)?```sh\n(.*?)^```$/gms)].map(
  ([, reason, code = ""]) => ({
    isRun: reason === undefined,
    code,
  }),
);

test("what the guide says can be typed as it stands", async (t) => {
  const place = createPlace(t);
  const systemd = createFakeSystemd(t);
  const parlor = join(dirname(systemd.env.PATH.split(delimiter, 1).join()), "bin/parlor");
  writeFileSync(parlor, `#!/bin/sh\nexec '${process.execPath}' '${join(ROOT, "src/bin.ts")}' "$@"\n`);
  chmodSync(parlor, 0o755);
  const env = { ...systemd.env, HOME: place.folder, PORT: String(await unusedPort()) };
  const run = async (code: string): Promise<string> => {
    const { stdout } = await promisify(execFile)("bash", ["-ec", code], { cwd: place.folder, env });
    return stdout;
  };

  const [install, look, backup, restore, nightly, outside, ...more] = blocks.filter(({ isRun }) => isRun);
  assert.deepEqual(more, []);
  assert.match(await run(install?.code ?? ""), /\nIt runs at /);
  assert.match(await run(look?.code ?? ""), /\nState +active .*\nhttp:\/\/127\.0\.0\.1:\d+\/#open=/s);
  assert.match(await run(backup?.code ?? ""), /without a defect\.\n.*\nNo defects/s);
  assert.match(await run(restore?.code ?? ""), /kept as .*\nNo defects/s);
  assert.ok(systemd.calls().at(-1)?.startsWith("start "));
  await run(nightly?.code ?? "");
  const unit = readFileSync(join(place.folder, ".config/systemd/user/parlor-backup.service"), "utf8");
  const nightlyBackup = /^ExecStart=\/bin\/sh -c '(.*)'$/m.exec(unit)?.[1] ?? assert.fail(unit);
  assert.match(await run(`cd ~/bot\n${nightlyBackup}`), /backups\/parlor-\d+T\d+Z\.db: /);
  assert.match(await run(outside?.code ?? ""), /^https:\/\/bot\.example\.org\/#open=/);
});

async function unusedPort(): Promise<number> {
  await using server = createServer();
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return (server.address() as AddressInfo).port;
}
