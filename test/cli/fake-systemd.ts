/** A `systemctl` that writes down what it is told, and runs a unit as simply as can be. */
import { chmodSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import type { TestContext } from "node:test";

export interface FakeSystemd {
  /** For the command under test. */
  readonly env: { readonly PATH: string };
  /** What it was told, without `--user`. */
  calls(): readonly string[];
  forgetCalls(): void;
  /** From now on it says this instead of doing what this verb says. */
  refuse(verb: string, reason: string): void;
  /** From now on what it starts fails at once. */
  breakStarts(): void;
  /** What the unit's process has written. */
  log(): string;
}

const SCRIPT = `#!/bin/sh
shift
echo "$*" >> "$FAKE/calls"
[ -e "$FAKE/refuse-$1" ] && { cat "$FAKE/refuse-$1" >&2; exit 1; }
unit="$HOME/.config/systemd/user/\${2%.service}.service"
isRunning() { [ -s "$FAKE/pid" ] && readlink "/proc/$(cat "$FAKE/pid")/exe" > "$FAKE/exe"; }
stop() {
  isRunning && kill "$(cat "$FAKE/pid")"
  while isRunning; do sleep 0.02; done
  rm -f "$FAKE/pid"
}
start() {
  isRunning && return
  [ -e "$FAKE/broken" ] && { touch "$FAKE/failed"; return; }
  cd "$(sed -n 's/^WorkingDirectory=//p' "$unit")" || exit 1
  env -i HOME="$HOME" /bin/sh -c "exec $(sed -n 's/^ExecStart=//p' "$unit")" > "$FAKE/log" 2>&1 &
  echo $! > "$FAKE/pid"
}
case "$1" in
  show)
    if isRunning; then echo ActiveState=active; echo SubState=running; echo "MainPID=$(cat "$FAKE/pid")"
    elif [ -e "$FAKE/failed" ]; then echo ActiveState=failed; echo SubState=failed; echo MainPID=0
    else echo ActiveState=inactive; echo SubState=dead; echo MainPID=0; fi
    [ -e "$FAKE/enabled" ] && echo UnitFileState=enabled || echo UnitFileState=
    isRunning && echo "ActiveEnterTimestamp=Mon 2026-11-23 00:45:38 UTC" || echo ActiveEnterTimestamp= ;;
  enable) touch "$FAKE/enabled" ;;
  start) start ;;
  stop) stop ;;
  restart) stop; start ;;
  disable) rm -f "$FAKE/enabled"; stop ;;
esac
exit 0
`;

export function createFakeSystemd(t: Pick<TestContext, "after">): FakeSystemd {
  // A folder of its own: it is still there when what the unit started has to be ended.
  const folder = mkdtempSync(join(tmpdir(), "parlor-systemd-"));
  mkdirSync(join(folder, "bin"), { recursive: true });
  const script = join(folder, "bin/systemctl");
  writeFileSync(script, SCRIPT.replace("#!/bin/sh\n", `#!/bin/sh\nFAKE='${folder}'\n`));
  chmodSync(script, 0o755);
  const read = (name: string): string =>
    existsSync(join(folder, name)) ? readFileSync(join(folder, name), "utf8") : "";
  t.after(() => {
    const pid = Number(read("pid"));
    if (pid > 0) killIfThere(pid);
    rmSync(folder, { recursive: true });
  });
  return {
    env: { PATH: [join(folder, "bin"), process.env["PATH"]].join(delimiter) },
    calls: () =>
      read("calls")
        .split("\n")
        .filter((line) => line !== ""),
    forgetCalls: () => writeFileSync(join(folder, "calls"), ""),
    refuse: (verb, reason) => writeFileSync(join(folder, `refuse-${verb}`), `${reason}\n`),
    breakStarts: () => writeFileSync(join(folder, "broken"), ""),
    log: () => read("log"),
  };
}

function killIfThere(pid: number): void {
  try {
    process.kill(pid, "SIGKILL");
  } catch {
    // It is over already.
  }
}
