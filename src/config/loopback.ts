import { isIP, isIPv4 } from "node:net";

/** Whether a host name or address can only be reached from this machine: `localhost`, 127.0.0.0/8, `::1`. */
export function isLoopback(host: string): boolean {
  const name = host.toLowerCase().replace(/^\[(.*)\]$/, "$1");
  if (name === "localhost") return true;
  if (isIPv4(name)) return name.startsWith("127.");
  if (isIP(name) === 0) return false;
  const mapped = /^::ffff:(.+)$/.exec(name)?.[1];
  if (mapped !== undefined) return isLoopback(mapped);
  return new URL(`http://[${name}]`).hostname === "[::1]";
}
