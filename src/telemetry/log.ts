import { pino, type DestinationStream, type Logger } from "pino";
import { prettyLine } from "./pretty-line.ts";

export type Log = Logger;

export interface LogOptions {
  /** The least severe lines to write: fatal, error, warn, info, debug, trace or silent. */
  readonly level: string;
  /** Lines for a person instead of JSON. Default: false. */
  readonly pretty?: boolean;
  /** Default: the standard error stream, so that standard output stays free for results. */
  readonly destination?: DestinationStream;
}

/** What must never be in a log, wherever it stands in a line. */
const SECRET_FIELDS = ["token", "secret", "apiKey", "authorization", "cookie", "password", "text"];

/** Structured log lines, written before the call returns: no worker thread, nothing lost in a crash. */
export function createLog(options: LogOptions): Log {
  const destination = options.destination ?? standardError();
  const stream =
    options.pretty === true ? { write: (line: string) => destination.write(prettyLine(line)) } : destination;
  return pino(
    {
      level: options.level,
      base: null,
      timestamp: pino.stdTimeFunctions.isoTime,
      formatters: { level: (level) => ({ level }) },
      redact: { paths: SECRET_FIELDS.flatMap((name) => [name, `*.${name}`, `*.*.${name}`]), censor: "[hidden]" },
    },
    stream,
  );
}

/** Whoever read the lines may go away (`parlor start 2>&1 | head`); that must not take the gateway along. */
function standardError(): DestinationStream {
  const destination = pino.destination({ fd: 2, sync: true });
  destination.on("error", (error: NodeJS.ErrnoException) => {
    if (error.code !== "EPIPE") throw error;
  });
  return destination;
}
