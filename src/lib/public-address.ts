import { BlockList, isIP } from "node:net";

/** IANA's special-purpose registry, and beyond it what stands for the own machine or its host. */
const NOT_PUBLIC_IPV4 = [
  ["0.0.0.0", 8],
  ["10.0.0.0", 8],
  ["100.64.0.0", 10],
  ["127.0.0.0", 8],
  ["169.254.0.0", 16],
  ["172.16.0.0", 12],
  ["192.0.0.0", 24],
  ["192.0.2.0", 24],
  ["192.88.99.0", 24],
  ["192.168.0.0", 16],
  ["198.18.0.0", 15],
  ["198.51.100.0", 24],
  ["203.0.113.0", 24],
  ["224.0.0.0", 4],
  ["240.0.0.0", 4],
  // Outside the registry: Azure's host answers every one of its machines here.
  ["168.63.129.16", 32],
] as const;

/** Within 2000::/3, outside of which nothing is public: Teredo and its neighbours, examples, 6to4, examples. */
const NOT_PUBLIC_IPV6 = [
  ["2001::", 23],
  ["2001:db8::", 32],
  ["2002::", 16],
  ["3fff::", 20],
] as const;

const refused = new BlockList();
for (const [net, prefix] of NOT_PUBLIC_IPV4) refused.addSubnet(net, prefix, "ipv4");
for (const [net, prefix] of NOT_PUBLIC_IPV6) refused.addSubnet(net, prefix, "ipv6");

const unicast = new BlockList();
unicast.addSubnet("2000::", 3, "ipv6");

/**
 * Whether an address is one of the public internet: not loopback, not private or local to a link, not of a
 * cloud's metadata, not multicast, not reserved. An IPv6 address that stands for an IPv4 one (mapped, or
 * translated by 64:ff9b::/96) is judged by that. What is no address is not public.
 */
export function isPublicAddress(address: string): boolean {
  const family = isIP(address);
  if (family === 4) return !refused.check(address, "ipv4");
  // A zone (`%eth0`) is of this machine.
  if (family !== 6 || address.includes("%")) return false;
  const embedded = embeddedIPv4(address);
  if (embedded !== null) return isPublicAddress(embedded);
  return unicast.check(address, "ipv6") && !refused.check(address, "ipv6");
}

function embeddedIPv4(address: string): string | null {
  // The one canonical form that URLs have: lower case, hexadecimal, the longest run of zeros left out.
  const canonical = new URL(`http://[${address}]`).hostname.slice(1, -1);
  const tail = /^(?:::ffff:|64:ff9b::)(?:([0-9a-f]+):)?([0-9a-f]+)$/.exec(canonical);
  if (tail === null) return null;
  const [high, low] = [tail[1] ?? "0", tail[2] ?? "0"].map((group) => Number.parseInt(group, 16));
  return [high, low].flatMap((group = 0) => [group >> 8, group & 0xff]).join(".");
}
