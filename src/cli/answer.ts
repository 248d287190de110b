import type { InspectColor } from "node:util";
import type { ExitCode } from "./exit-code.ts";

/** What a command has to say, as data for programs and as text for people. */
export interface Answer {
  /** What `--json` prints. */
  readonly document: unknown;
  /** What is printed otherwise, without the last line break. */
  readonly text: (screen: Screen) => string;
  /** Default: 0. */
  readonly exitCode?: ExitCode;
}

/** Where text is shown. */
export interface Screen {
  /** In columns. */
  readonly width: number;
  /** The text in a style, where styles are wanted: not with NO_COLOR, and not in a pipe or a file. */
  style(format: InspectColor | readonly InspectColor[], text: string): string;
}
