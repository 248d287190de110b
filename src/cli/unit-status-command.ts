import type { Command } from "commander";
import type { Answer } from "./answer.ts";
import type { Cli } from "./cli.ts";
import { EXIT } from "./exit-code.ts";
import { leafCommand } from "./leaf-command.ts";
import { type Probe, probeGateway } from "./probe-gateway.ts";
import { unitFacts } from "./systemctl.ts";
import { formatFacts } from "./table.ts";
import { type UnitFile, readUnit, unitName } from "./unit-file.ts";
import { type UnitOptions, withUnitOption } from "./unit-option.ts";

export function unitStatusCommand(cli: Cli): Command {
  const command = leafCommand("status", {
    description: "Says whether the unit is installed, whether systemd runs it, and whether the gateway answers.",
    examples: [["parlor service status", "exits with 2 when it does not run"]],
  });
  return withUnitOption(command).action(async (options: UnitOptions) => {
    const name = unitName(cli.configHome, options.name);
    const [file, facts] = await Promise.all([readUnit(name), unitFacts(name.unit)]);
    const url = file.state === "own" ? file.url : null;
    const probe = url === null ? null : await probeGateway(url);
    cli.print(answer({ path: name.path, file, facts, url, probe }));
  });
}

interface UnitStatus {
  readonly path: string;
  readonly file: UnitFile;
  /** By the names of systemd. */
  readonly facts: ReadonlyMap<string, string>;
  readonly url: string | null;
  /** Null where nobody knows the address. */
  readonly probe: Probe | null;
}

function answer({ path, file, facts, url, probe }: UnitStatus): Answer {
  const state = facts.get("ActiveState") ?? "unknown";
  const subState = facts.get("SubState") ?? "";
  const enabled = facts.get("UnitFileState") || "no";
  const since = facts.get("ActiveEnterTimestamp") || null;
  const pid = Number(facts.get("MainPID") ?? 0) || null;
  const isSound = file.state !== "missing" && state === "active" && probe?.outcome !== "not-running";
  return {
    document: {
      path,
      file: file.state,
      enabled,
      state,
      subState,
      pid,
      since,
      url,
      answers: probe === null ? null : probe.outcome === "running",
    },
    text: (screen) =>
      formatFacts(screen, [
        ["Unit", FILES[file.state](path)],
        ["Starts", enabled === "enabled" ? "with every login" : `not by itself (${enabled})`],
        ["State", `${state}${subState === "" || subState === state ? "" : ` (${subState})`}`],
        ...(pid === null ? [] : [["Process", `${pid}${since === null ? "" : `, since ${since}`}`] as const]),
        ...(probe === null
          ? []
          : [["Gateway", probe.outcome === "running" ? `answers at ${url ?? ""}` : probe.reason] as const]),
      ]),
    exitCode: isSound ? EXIT.done : EXIT.findings,
  };
}

const FILES: Readonly<Record<UnitFile["state"], (path: string) => string>> = {
  missing: (path) => `none at ${path}; parlor service install makes it`,
  own: (path) => path,
  foreign: (path) => `${path}, which is not of Parlor`,
};
