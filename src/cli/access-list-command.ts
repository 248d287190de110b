import type { Command } from "commander";
import { parseAllowEntry } from "../config/allow-entry.ts";
import type { Config } from "../config/config.ts";
import type { AccessList, AccessRequest, AccessDecision } from "../store/access-store.ts";
import type { Answer, Screen } from "./answer.ts";
import type { Cli } from "./cli.ts";
import { type PlaceOptions, leafCommand, overridesOf, withPlaceOptions } from "./leaf-command.ts";
import { count, localMinute } from "./quantity.ts";
import { formatTable } from "./table.ts";
import { withReader } from "./with-store.ts";

interface ListOptions extends PlaceOptions {
  readonly platform?: string;
}

export function accessListCommand(cli: Cli): Command {
  const command = leafCommand("list", {
    description: "Lists who is allowed, who is blocked, and who asks to be let in, the newest first.",
    examples: [
      ["parlor access list", "everyone"],
      ["parlor access list --platform telegram --json", "those of a platform, for a program"],
    ],
  }).option("--platform <name>", "only those of this platform");
  return withPlaceOptions(command).action(async (options: ListOptions) => {
    const { config } = await cli.loadStoreConfig(overridesOf(options));
    const { decisions, requests } = await withReader(config, (reader) => reader.accessList());
    const isMeant = ({ platform }: { readonly platform: string }): boolean =>
      options.platform === undefined || platform === options.platform;
    const list = { decisions: decisions.filter(isMeant), requests: requests.filter(isMeant) };
    const configured = config.access.allow.filter((entry) => isMeant(parseAllowEntry(entry) ?? { platform: "" }));
    cli.print(answer(list, configured, config.access.dm));
  });
}

function answer(list: AccessList, configured: readonly string[], dm: Config["access"]["dm"]): Answer {
  const allowed = list.decisions.filter(({ state }) => state === "allowed");
  const blocked = list.decisions.filter(({ state }) => state === "blocked");
  return {
    document: { directMessages: dm, configured, allowed, blocked, asking: list.requests },
    text: (screen) => {
      const rows = [
        ...configured.map(configuredRow),
        ...allowed.map((decision) => row("allowed", decision, decision.decidedAt)),
        ...blocked.map((decision) => row("blocked", decision, decision.decidedAt)),
        ...list.requests.map((request) => row("asks", request, request.askedAt)),
      ];
      return [...(rows.length === 0 ? ["Nobody is known yet."] : [table(screen, rows)]), "", stranger(dm, list)].join(
        "\n",
      );
    },
  };
}

function table(screen: Screen, rows: readonly (readonly string[])[]): string {
  return formatTable(
    screen,
    [
      { title: "STATE" },
      { title: "PLATFORM", maxWidth: 12 },
      { title: "KIND" },
      { title: "ID", maxWidth: 64 },
      { title: "ACCOUNT", maxWidth: 16 },
      { title: "SINCE" },
      { title: "NAME", flexible: true },
    ],
    rows,
  );
}

function row(
  state: string,
  { platform, account, kind, id, name }: AccessDecision | AccessRequest,
  at: number,
): string[] {
  return [state, platform, kind, id, account, localMinute(at), name ?? ""];
}

function configuredRow(entry: string): string[] {
  const { platform = "", id = entry } = parseAllowEntry(entry) ?? {};
  return ["allowed", platform, "", id, "", "configured", ""];
}

const STRANGERS: Readonly<Record<Config["access"]["dm"], string>> = {
  pairing: "Anyone else who writes a direct message is given a code.",
  closed: "Anyone else meets silence.",
  open: "Anyone else may write direct messages, too.",
};

function stranger(dm: Config["access"]["dm"], { requests }: AccessList): string {
  const [newest] = requests;
  if (newest === undefined) return STRANGERS[dm];
  const flag = newest.kind === "chat" ? "--chat " : "";
  const line = `parlor access approve ${newest.platform} ${flag}<id>`;
  return `${STRANGERS[dm]} ${count(requests.length, "request")}: let one in with ${line}`;
}
