import assert from "node:assert/strict";
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { describe, test } from "node:test";
import type { TestContext } from "node:test";
import { createFakeSystemd, type FakeSystemd } from "./fake-systemd.ts";
import { createPlace, type Ended, type Environment, parlor, parlorJson, type Place } from "./parlor.ts";

const TOKEN = "0123456789abcdef";

interface Setup {
  readonly place: Place;
  readonly systemd: FakeSystemd;
  readonly port: number;
  readonly unitPath: string;
  run(args: readonly string[], env?: Environment): Promise<Ended>;
  unit(): string;
}

async function setUp(t: TestContext, files: Readonly<Record<string, string>> = {}): Promise<Setup> {
  const port = await unusedPort();
  const place = createPlace(t, { ".env": `PORT=${port}\n`, ...files });
  const systemd = createFakeSystemd(t);
  const unitPath = join(place.folder, ".config/systemd/user/parlor.service");
  return {
    place,
    systemd,
    port,
    unitPath,
    run: (args, env = {}) => parlor(place, ["service", ...args], { ...systemd.env, ...env }),
    unit: () => readFileSync(unitPath, "utf8"),
  };
}

async function unusedPort(): Promise<number> {
  await using server = createServer();
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return (server.address() as AddressInfo).port;
}

function lineOf(text: string, start: string): string {
  return text.split("\n").find((line) => line.startsWith(start)) ?? assert.fail(`no line ${start} in ${text}`);
}

function plant(path: string, text: string): void {
  mkdirSync(join(path, ".."), { recursive: true });
  writeFileSync(path, text);
}

describe("parlor service", () => {
  test("installs a unit that answers, says how it is, and removes it again; the data stays", async (t) => {
    const { place, systemd, port, unitPath, run, unit } = await setUp(t);
    const url = `http://127.0.0.1:${port}`;
    const installed = await run(["install"]);
    assert.deepEqual({ code: installed.code, stderr: installed.stderr }, { code: 0, stderr: "" }, systemd.log());
    assert.match(
      installed.stdout,
      new RegExp(`^Installed ${unitPath}\\.\nIt runs at ${url}; .*journalctl.*\n.*enable-linger\n$`),
    );
    assert.deepEqual(
      systemd.calls().filter((call) => !call.startsWith("show")),
      ["daemon-reload", "enable parlor.service", "start parlor.service"],
    );
    assert.equal(lineOf(unit(), "WorkingDirectory="), `WorkingDirectory=${place.folder}`);
    assert.match(
      lineOf(unit(), "ExecStart="),
      new RegExp(`^ExecStart=${process.execPath} .*/src/bin\\.ts start --home ${place.home}$`),
    );
    assert.equal((await fetch(`${url}/healthz`)).status, 200);
    assert.ok(existsSync(join(place.home, "parlor.db")), "it runs in the folder and with the data of the shell");

    const status = await run(["status"]);
    assert.equal(status.code, 0);
    assert.match(
      status.stdout,
      new RegExp(
        `^Unit +${unitPath}\nStarts +with every login\nState +active \\(running\\)\nProcess +\\d+, since .*\nGateway +answers at ${url}\n$`,
      ),
    );

    const removed = await run(["uninstall"]);
    assert.equal(removed.code, 0);
    assert.equal(removed.stdout, `Stopped, and removed ${unitPath}.\nThe data stays in ${place.home}.\n`);
    assert.ok(!existsSync(unitPath));
    assert.deepEqual(systemd.calls().slice(-2), ["disable --now parlor.service", "daemon-reload"]);
    await assert.rejects(fetch(`${url}/healthz`));
    assert.ok(existsSync(join(place.home, "parlor.db")));
    assert.equal((await run(["status"])).code, 2);
  });

  test("installed again, leaves what runs alone", async (t) => {
    const { systemd, run } = await setUp(t);
    assert.equal((await run(["install"])).code, 0, systemd.log());
    const { pid } = JSON.parse((await run(["status", "--json"])).stdout) as { pid: number };
    assert.equal((await run(["install"])).code, 0);
    assert.partialDeepStrictEqual(JSON.parse((await run(["status", "--json"])).stdout), { pid, state: "active" });
    assert.ok(!systemd.calls().some((call) => call.startsWith("restart")));
  });

  test("replaces another unit when it is told to, and starts it anew", async (t) => {
    const { systemd, port, run, unit } = await setUp(t);
    assert.equal((await run(["install"])).code, 0, systemd.log());
    systemd.forgetCalls();
    const refused = await run(["install", "--log-level", "warn"]);
    assert.equal(refused.code, 1);
    assert.match(refused.stderr, /is there already and is not what this command would write .*--force/);
    assert.doesNotMatch(unit(), /warn/);
    assert.ok(systemd.calls().every((call) => call.startsWith("show")));

    const forced = await run(["install", "--log-level", "warn", "--force"]);
    assert.equal(forced.code, 0, forced.stderr + systemd.log());
    assert.match(unit(), /--log-level warn/);
    assert.ok(systemd.calls().includes("restart parlor.service"));
    assert.equal((await fetch(`http://127.0.0.1:${port}/healthz`)).status, 200);
  });

  test("leaves a unit alone that it has not written", async (t) => {
    const { systemd, unitPath, run, unit } = await setUp(t);
    const theirs = "[Service]\nExecStart=/bin/true\n";
    plant(unitPath, theirs);
    for (const verb of ["install", "uninstall"]) {
      const { code, stderr } = await run([verb]);
      assert.equal(code, 1);
      assert.match(stderr, /is not of Parlor/);
    }
    assert.equal(unit(), theirs);
    assert.deepEqual(
      systemd.calls().filter((call) => !call.startsWith("show")),
      [],
    );
    assert.match((await run(["status"])).stdout, /parlor\.service, which is not of Parlor\n/);
  });

  test("has units of several names", async (t) => {
    const { place, unitPath, systemd, run } = await setUp(t);
    const args = ["--name", "parlor-test"];
    const { code } = await run(["install", ...args, "--home", "./elsewhere"]);
    assert.equal(code, 0, systemd.log());
    const text = readFileSync(unitPath.replace("parlor.service", "parlor-test.service"), "utf8");
    assert.match(text, new RegExp(`--home ${place.folder}/elsewhere$`, "m"));
    assert.ok(!existsSync(unitPath));
    assert.ok(systemd.calls().includes("start parlor-test.service"));
    assert.match((await run(["uninstall", ...args])).stdout, /\/elsewhere\.\n$/);
    for (const name of ["../parlor", "a b", "", "-a", "a@b"]) {
      assert.equal((await run(["install", "--name", name])).code, 64, name);
    }
  });

  test("of a unit that is not there says so", async (t) => {
    const { unitPath, run } = await setUp(t);
    assert.deepEqual(await run(["uninstall"]), { code: 0, stdout: `There is no ${unitPath}.\n`, stderr: "" });
    const { code, stdout } = await run(["status"]);
    assert.equal(code, 2);
    assert.match(
      stdout,
      /^Unit +none at .*; parlor service install makes it\nStarts +not by itself \(no\)\nState +inactive \(dead\)\n$/,
    );
  });
});

describe("the unit", () => {
  test("is only shown with --print, which needs no systemd", async (t) => {
    const { place, unitPath, run } = await setUp(t);
    const { code, stdout, stderr } = await run(["install", "--print"], { PATH: "/nowhere", OPENAI_API_KEY: "x" });
    assert.equal(code, 0);
    assert.match(stderr, /^The unit does not have OPENAI_API_KEY of this shell;/);
    assert.match(stdout, /^# Written by parlor service install/);
    const document = await parlorJson<{ path: string; unit: string }>(place, ["service", "install", "--print"]);
    assert.deepEqual(document, { path: unitPath, unit: stdout });
    assert.ok(!existsSync(unitPath));
  });

  test("runs with what this shell says, but for its secrets, which are named", async (t) => {
    const { place, unit, run, systemd } = await setUp(t, { "other.config.ts": "export default {};\n" });
    const port = await unusedPort();
    const { code, stderr } = await run(["install"], {
      PORT: String(port),
      LOG_LEVEL: "warn",
      PARLOR_CONFIG: "other.config.ts",
      PARLOR_TOKEN: TOKEN,
      PARLOR_WEBHOOK_CRM_SECRET: "MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3",
    });
    assert.equal(code, 0, stderr + systemd.log());
    assert.equal(
      stderr,
      `The unit does not have PARLOR_TOKEN, PARLOR_WEBHOOK_CRM_SECRET of this shell; write into ${place.folder}/.env what it needs.\n`,
    );
    assert.ok(
      lineOf(unit(), "ExecStart=").endsWith(
        ` start --port ${port} --log-level warn --home ${place.home} --config ${place.folder}/other.config.ts`,
      ),
      unit(),
    );
    assert.doesNotMatch(unit(), new RegExp(`${TOKEN}|MDEyMzQ1`));
  });

  test("is not installed where it could not start without this shell", async (t) => {
    const { place, systemd, unitPath, run } = await setUp(t);
    writeFileSync(join(place.folder, ".env"), "HOST=0.0.0.0\n");
    const { code, stderr } = await run(["install"], { PARLOR_TOKEN: TOKEN });
    assert.equal(code, 1);
    assert.match(stderr, /^The unit would not start, as it does not have .* Write PARLOR_TOKEN into .*\/\.env\./);
    assert.match(stderr, /which others can reach/);
    assert.ok(!existsSync(unitPath));
    assert.deepEqual(systemd.calls(), []);
  });

  test("takes the folder's word for where the data is", async (t) => {
    const { place, unit, run, systemd } = await setUp(t);
    writeFileSync(join(place.folder, ".env"), `PORT=${await unusedPort()}\nPARLOR_HOME=./here\n`);
    assert.equal((await run(["install"], { PARLOR_HOME: "" })).code, 0, systemd.log());
    assert.doesNotMatch(unit(), /--home/);
    assert.match(unit(), new RegExp(`^Data=${place.folder}/here$`, "m"));
  });

  test("outlasts the drain time of the gateway when it is stopped", async (t) => {
    const { place, run } = await setUp(t, { "parlor.config.ts": "export default { server: { drainMs: 60_000 } };\n" });
    assert.match((await run(["install", "--print"])).stdout, /^TimeoutStopSec=75$/m, place.folder);
  });
});

describe("what is in the way is one sentence:", () => {
  test("no systemd", async (t) => {
    const { unitPath, run } = await setUp(t);
    for (const args of [["install"], ["status"]]) {
      const { code, stdout, stderr } = await run(args, { PATH: "/nowhere" });
      assert.deepEqual({ code, stdout }, { code: 1, stdout: "" });
      assert.match(stderr, /^parlor service needs systemd, which this machine does not have .*launchd/);
    }
    assert.ok(!existsSync(unitPath));
  });

  test("no session of this user", async (t) => {
    const { systemd, unitPath, run } = await setUp(t);
    systemd.refuse("show", "Failed to connect to bus: No medium found");
    const { code, stderr } = await run(["install"]);
    assert.equal(code, 1);
    assert.match(stderr, /^systemd has no session of this user .*ssh/);
    assert.ok(!existsSync(unitPath));
  });

  test("a refusal of systemd", async (t) => {
    const { systemd, run } = await setUp(t);
    systemd.refuse("enable", "Failed to enable unit: Access denied");
    const { code, stdout } = await run(["install", "--json"]);
    assert.equal(code, 1);
    assert.deepEqual(JSON.parse(stdout), {
      error: {
        code: "UNIT_FAILED",
        message: "systemctl --user enable parlor.service failed: Failed to enable unit: Access denied",
      },
    });
  });

  test("a gateway that does not come up", async (t) => {
    const { systemd, run } = await setUp(t);
    systemd.breakStarts();
    const { code, stdout } = await run(["install"]);
    assert.equal(code, 2);
    assert.match(
      stdout,
      /\nIt does not answer: systemd has given it up\. Its log says why: journalctl --user --unit parlor\.service\n/,
    );
  });

  test("somebody else at the address", async (t) => {
    const { port, systemd, unitPath, run } = await setUp(t);
    await using server = createServer((socket) => socket.resume().end("220 smtp\r\n"));
    await new Promise<void>((resolve) => server.listen(port, "127.0.0.1", resolve));
    const { code, stderr } = await run(["install"]);
    assert.equal(code, 1);
    assert.match(stderr, /^The unit could not listen: .*choose another --port\.\n$/);
    assert.ok(!existsSync(unitPath));
    assert.ok(systemd.calls().every((call) => call.startsWith("show")));
  });
});
