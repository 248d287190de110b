import { setTimeout } from "node:timers/promises";
import type { Command } from "commander";
import { ParlorError } from "../core/errors.ts";
import type { Answer } from "./answer.ts";
import type { Cli } from "./cli.ts";
import { EXIT } from "./exit-code.ts";
import {
  type AddressOptions,
  type LevelOptions,
  type PlaceOptions,
  leafCommand,
  overridesOf,
  withAddressOptions,
  withLevelOption,
  withPlaceOptions,
} from "./leaf-command.ts";
import { planUnit } from "./plan-unit.ts";
import { probeGateway } from "./probe-gateway.ts";
import { systemctl, unitState } from "./systemctl.ts";
import { type UnitName, readUnit, unitName, writeUnit } from "./unit-file.ts";
import { type UnitOptions, withUnitOption } from "./unit-option.ts";
import { unitText } from "./unit-text.ts";

interface InstallOptions extends PlaceOptions, AddressOptions, LevelOptions, UnitOptions {
  readonly print?: boolean;
  readonly force?: boolean;
}

/** How long a gateway may take to answer after its start, in milliseconds. */
const PATIENCE_MS = 15_000;
const STEP_MS = 100;

export function installUnitCommand(cli: Cli): Command {
  const command = leafCommand("install", {
    description: "Installs a systemd unit that runs parlor start in this folder, and starts it.",
    examples: [
      ["parlor service install", "from now on, and after every login"],
      ["parlor service install --print", "only shows the unit"],
      ["parlor service install --name parlor-test --port 9000 --home ./test-data", "a second one"],
    ],
  })
    .option("--print", "print the unit and change nothing")
    .option("--force", "replace a unit that is another one");
  return withPlaceOptions(withLevelOption(withAddressOptions(withUnitOption(command)))).action(
    async (options: InstallOptions) => {
      const { facts, leftBehind } = await planUnit(cli, overridesOf(options));
      const text = unitText(facts);
      const name = unitName(cli.configHome, options.name);
      if (options.print === true) cli.print({ document: { path: name.path, unit: text }, text: () => text.trimEnd() });
      else await install(name, text, { url: facts.url, mayReplace: options.force === true });
      if (leftBehind.length > 0) {
        cli.warn(
          `The unit does not have ${leftBehind.join(", ")} of this shell; write into ${facts.folder}/.env what it needs.`,
        );
      }
      if (options.print === true) return;
      const silence = facts.url === null ? null : await silenceOf(facts.url, name);
      cli.print(answer(name, facts.url, silence));
    },
  );
}

async function install(
  name: UnitName,
  text: string,
  { url, mayReplace }: { readonly url: string | null; readonly mayReplace: boolean },
): Promise<void> {
  // First of all whether there is a systemd to talk to: nothing is written before.
  const isActive = (await unitState(name.unit)) === "active";
  const found = await readUnit(name);
  const isSame = found.state === "own" && found.text === text;
  if (found.state !== "missing" && !isSame && !mayReplace) {
    const what = found.state === "own" ? "is not what this command would write (see --print)" : "is not of Parlor";
    throw new ParlorError(
      "UNIT_FAILED",
      `${name.path} is there already and ${what}. Choose another --name, or replace it with --force.`,
    );
  }
  if (!isActive && url !== null) await refuseTaken(url);
  if (!isSame) await writeUnit(name, text);
  await systemctl("daemon-reload");
  await systemctl("enable", name.unit);
  await systemctl(isActive && !isSame ? "restart" : "start", name.unit);
}

/** A start that cannot listen would be tried ten times before anybody looks. */
async function refuseTaken(url: string): Promise<void> {
  const probe = await probeGateway(url);
  if (probe.outcome === "not-running" && probe.isFree) return;
  const reason = probe.outcome === "running" ? `a gateway answers at ${url} already` : probe.reason;
  throw new ParlorError(
    "UNIT_FAILED",
    `The unit could not listen: ${reason}. Stop what is there, or choose another --port.`,
  );
}

/** Waits for the gateway to answer, as long as systemd has not given it up; null when it does, or why it does not. */
async function silenceOf(url: string, { unit }: UnitName): Promise<string | null> {
  const endsAt = performance.now() + PATIENCE_MS;
  for (;;) {
    const probe = await probeGateway(url);
    if (probe.outcome === "running") return null;
    if ((await unitState(unit)) === "failed") return "systemd has given it up";
    if (performance.now() > endsAt) return probe.reason;
    await setTimeout(STEP_MS);
  }
}

/** @param silence - Why it does not answer; null when it does, or nobody knows where. */
function answer({ unit, path }: UnitName, url: string | null, silence: string | null): Answer {
  const log = `journalctl --user --unit ${unit}`;
  return {
    document: { path, unit, url, running: silence === null, reason: silence },
    text: () =>
      [
        `Installed ${path}.`,
        silence === null
          ? `It runs${url === null ? "" : ` at ${url}`}; a failure or a login starts it again. Its log: ${log}`
          : `It does not answer: ${silence}. Its log says why: ${log}`,
        "For it to start with the machine and to stay when you log out: loginctl enable-linger",
      ].join("\n"),
    exitCode: silence === null ? EXIT.done : EXIT.findings,
  };
}
