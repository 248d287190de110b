/** Where a gateway that listens on a host is asked from this machine: "every address" is none to go to. */
export function reachableUrl(host: string, port: number): string {
  const name = host.replace(/^\[(.*)\]$/, "$1");
  if (name === "0.0.0.0") return `http://127.0.0.1:${port}`;
  if (name === "::") return `http://[::1]:${port}`;
  return `http://${name.includes(":") ? `[${name}]` : name}:${port}`;
}
