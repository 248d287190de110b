/**
 * The systemd user unit that keeps a gateway running. It holds no secret: those stay in the folder, in
 * `.env` or in files of their own, readable by their owner alone.
 */
import { ParlorError } from "../core/errors.ts";

export interface UnitFacts {
  /** The working directory, where `.env` and `parlor.config.ts` are found. */
  readonly folder: string;
  /** What is run: absolute paths first, then what it is told. */
  readonly command: readonly string[];
  /** How long a stop may take, in milliseconds. */
  readonly stopMs: number;
  /** Where the gateway keeps its data. */
  readonly dataDirectory: string;
  /** Where it answers; null: nobody knows. */
  readonly url: string | null;
}

/** The first line of every unit that Parlor has written. */
export const UNIT_MARK = "# Written by parlor service install; parlor service uninstall removes it.";

/**
 * The text of a unit.
 *
 * @throws ParlorError `UNIT_FAILED` for a path that systemd cannot be given.
 */
export function unitText({ folder, command, stopMs, dataDirectory, url }: UnitFacts): string {
  const [node = "", ...args] = command;
  checkPath(folder);
  checkPath(dataDirectory);
  checkPath(node, "$");
  return `${UNIT_MARK}
[Unit]
Description=Parlor in ${unitValue(folder)}
# Ten failures in five minutes are a mistake that another start does not mend.
StartLimitIntervalSec=300
StartLimitBurst=10

[Service]
Type=exec
WorkingDirectory=${unitValue(folder)}
ExecStart=${[unitWord(node), ...args.map(unitArgument)].join(" ")}
Restart=on-failure
RestartSec=2
# The drain time of the gateway, and what it needs besides.
TimeoutStopSec=${Math.ceil(stopMs / 1_000)}
KillMode=mixed
UMask=0077
# What works without privileges and without namespaces.
NoNewPrivileges=yes
LockPersonality=yes
RestrictRealtime=yes
RestrictSUIDSGID=yes

[Install]
WantedBy=default.target

[X-Parlor]
Data=${unitValue(dataDirectory)}
${url === null ? "" : `Url=${unitValue(url)}\n`}`;
}

/** One word of a command line, by the rules of systemd.syntax(7): quoted, and `%` is no specifier. */
function unitWord(word: string): string {
  if (/^[\w./:@+,=-]+$/.test(word)) return word;
  const quoted = word.replaceAll(/["\\]|\p{Cc}/gu, (character) =>
    character === '"' || character === "\\"
      ? `\\${character}`
      : String.raw`\u${character.charCodeAt(0).toString(16).padStart(4, "0")}`,
  );
  return `"${unitValue(quoted)}"`;
}

/** A word behind the first one, where `$` is no variable. */
function unitArgument(word: string): string {
  return unitWord(word).replaceAll("$", "$$$$");
}

/** A value that takes its whole line. */
function unitValue(text: string): string {
  return text.replaceAll("%", "%%");
}

/** The value of `unitValue`, as it was. */
export function unitValueOf(text: string, key: string): string | null {
  const value = text
    .split("\n")
    .find((line) => line.startsWith(`${key}=`))
    ?.slice(key.length + 1);
  return value === undefined ? null : value.replaceAll("%%", "%");
}

/** A value that takes its whole line knows no quotes and no escapes; the first word of a command knows no `$$`. */
function checkPath(path: string, refused: string = "\n"): void {
  if (/^\/(?:\P{Cc}*[^\p{Cc}\s\\])?$/u.test(path) && !path.includes(refused)) return;
  throw new ParlorError(
    "UNIT_FAILED",
    `systemd cannot be given the path ${JSON.stringify(path)}: it must be absolute, without control characters, must not ` +
      `end with a space or a backslash, and that of Node must have no $. Rename the folder.`,
  );
}
