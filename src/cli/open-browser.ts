import { spawn } from "node:child_process";

/** What opens an address, by platform. */
const OPENERS: Readonly<Partial<Record<NodeJS.Platform, readonly [command: string, ...args: string[]]>>> = {
  darwin: ["open"],
  // Not `start`: a shell would read the address.
  win32: ["rundll32", "url.dll,FileProtocolHandler"],
};

/** Opens an address in the person's browser; resolves with why it could not, or null once the opener runs. */
export function openBrowser(url: string): Promise<string | null> {
  const [command, ...args] = OPENERS[process.platform] ?? ["xdg-open"];
  return new Promise((resolve) => {
    const opener = spawn(command, [...args, url], { stdio: "ignore", detached: true });
    opener.once("error", (error: NodeJS.ErrnoException) => {
      resolve(error.code === "ENOENT" ? `${command} is not there` : `${command}: ${error.message}`);
    });
    opener.once("spawn", () => {
      opener.unref();
      resolve(null);
    });
  });
}
