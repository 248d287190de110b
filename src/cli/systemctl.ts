import { execFile } from "node:child_process";
import { ParlorError } from "../core/errors.ts";

/**
 * Runs `systemctl --user` and resolves with what it prints.
 *
 * @throws ParlorError `UNIT_FAILED` when there is no systemd, it has no session of this user, or it refuses.
 */
export function systemctl(...args: readonly string[]): Promise<string> {
  return new Promise((resolve, reject) => {
    execFile("systemctl", ["--user", ...args], (error, stdout, stderr) => {
      if (error === null) resolve(stdout);
      else reject(new ParlorError("UNIT_FAILED", adviceFor(error.code, args, stderr), { cause: error }));
    });
  });
}

/** Whether systemd says that the unit runs, has failed, or anything else. */
export async function unitState(unit: string): Promise<string> {
  return (await unitFacts(unit)).get("ActiveState") ?? "unknown";
}

const FACTS = ["LoadState", "UnitFileState", "ActiveState", "SubState", "MainPID", "ActiveEnterTimestamp"];

/** What systemd knows of a unit, by its own names. */
export async function unitFacts(unit: string): Promise<ReadonlyMap<string, string>> {
  const lines = (await systemctl("show", unit, `--property=${FACTS.join(",")}`)).split("\n");
  return new Map(
    lines
      .filter((line) => line.includes("="))
      .map((line) => [line.slice(0, line.indexOf("=")), line.slice(line.indexOf("=") + 1)]),
  );
}

function adviceFor(code: number | string | null | undefined, args: readonly string[], stderr: string): string {
  if (code === "ENOENT") {
    return (
      "parlor service needs systemd, which this machine does not have (there is no systemctl). Let what starts programs " +
      "here run parlor start in this folder and start it again when it fails: launchd on macOS, the restart policy of " +
      "a container. docs/guide/keep-running.md shows both."
    );
  }
  const said = stderr.trim().split("\n", 1).join().slice(0, 300);
  if (/connect to bus|not been booted with systemd/i.test(said)) {
    return (
      `systemd has no session of this user (${said}). Log in as the user that is to run the gateway, by ssh or at the ` +
      "machine and not through su or sudo; in a container there is none: use its restart policy."
    );
  }
  return `systemctl --user ${args.join(" ")} failed: ${said === "" ? `exit code ${String(code)}` : said}`;
}
