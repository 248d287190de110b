/** A gateway that is started with the command people use, and killed. */
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";

const BIN = new URL("../../src/bin.ts", import.meta.url).pathname;

export interface GatewayChild {
  readonly url: string;
  /** Sends it SIGSTOP or SIGCONT. */
  signal(signal: "SIGSTOP" | "SIGCONT"): void;
  kill(signal: NodeJS.Signals): Promise<void>;
}

/** Starts `parlor start` on a free port, in a folder of its own, and waits until it says where it listens. */
export async function startGateway(home: string, env: Readonly<Record<string, string>> = {}): Promise<GatewayChild> {
  const child = spawn(process.execPath, [BIN, "start"], {
    cwd: home,
    env: { PATH: process.env["PATH"], PARLOR_HOME: home, PORT: "0", LOG_LEVEL: "warn", ...env },
    stdio: ["ignore", "pipe", "pipe"],
  });
  const url = await listening(child);
  return {
    url,
    signal: (signal) => void child.kill(signal),
    kill: async (signal) => {
      const exited = once(child, "exit");
      child.kill(signal);
      await exited;
    },
  };
}

function listening(child: ChildProcess): Promise<string> {
  return new Promise((resolve, reject) => {
    let printed = "";
    let errors = "";
    child.stdout?.setEncoding("utf8").on("data", (text: string) => {
      printed += text;
      const url = /http:\/\/127\.0\.0\.1:\d+/.exec(printed)?.[0];
      if (url !== undefined) resolve(url);
    });
    child.stderr?.setEncoding("utf8").on("data", (text: string) => (errors += text));
    child.once("exit", () => reject(new Error(`the gateway ended before it listened: ${printed}${errors}`)));
  });
}
