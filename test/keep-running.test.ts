/** The commands of docs/guide/keep-running.md are run, in their order, with a systemd that is a script. */
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { createServer } from "node:net";
import type { AddressInfo } from "node:net";
import { delimiter, join } from "node:path";
import { test } from "node:test";
import { createFakeSystemd } from "./cli/fake-systemd.ts";
import { createShell, readGuide } from "./read-guide.ts";

test("what the guide says can be typed as it stands", async (t) => {
  const systemd = createFakeSystemd(t);
  const path = systemd.env.PATH.split(delimiter, 1);
  const { folder, run } = createShell(t, { port: await unusedPort(), path });

  const [install, look, backup, restore, nightly, outside, ...more] = readGuide("keep-running").blocks("sh");
  assert.deepEqual(more, []);
  assert.match(await run(install ?? ""), /\nIt runs at /);
  assert.match(await run(look ?? ""), /\nState +active .*\nhttp:\/\/127\.0\.0\.1:\d+\/#open=/s);
  assert.match(await run(backup ?? ""), /without a defect\.\n.*\nNo defects/s);
  assert.match(await run(restore ?? ""), /kept as .*\nNo defects/s);
  assert.ok(systemd.calls().at(-1)?.startsWith("start "));
  await run(nightly ?? "");
  const unit = readFileSync(join(folder, ".config/systemd/user/parlor-backup.service"), "utf8");
  const nightlyBackup = /^ExecStart=\/bin\/sh -c '(.*)'$/m.exec(unit)?.[1] ?? assert.fail(unit);
  assert.match(await run(`cd ~/bot\n${nightlyBackup}`), /backups\/parlor-\d+T\d+Z\.db: /);
  assert.match(await run(outside ?? ""), /^https:\/\/bot\.example\.org\/#open=/);
});

async function unusedPort(): Promise<number> {
  await using server = createServer();
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return (server.address() as AddressInfo).port;
}
