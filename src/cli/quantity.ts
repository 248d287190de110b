/** Numbers as people read them. */

/** `1 message`, `2 messages`. */
export function count(number: number, one: string, several: string = `${one}s`): string {
  return `${number} ${number === 1 ? one : several}`;
}

/** The counts that are not 0, such as `3 answered, 1 waiting`. */
export function tally(counts: Readonly<Record<string, number>>): string {
  const found = Object.entries(counts).filter(([, number]) => number > 0);
  return found.length === 0 ? "none" : found.map(([name, number]) => `${number} ${name}`).join(", ");
}

/** Such as `1.5 MiB`. */
export function byteSize(bytes: number): string {
  let [size, unit] = [bytes, "bytes"];
  for (const larger of ["KiB", "MiB", "GiB", "TiB"]) {
    if (size < 1024) break;
    [size, unit] = [size / 1024, larger];
  }
  return `${unit === "bytes" ? size : size.toFixed(1)} ${unit}`;
}

/** A minute in the zone of this machine, such as `2026-11-22 22:14`. */
export function localMinute(epochMs: number): string {
  const date = new Date(epochMs);
  const [year, month, day, hour, minute] = [
    date.getFullYear(),
    date.getMonth() + 1,
    date.getDate(),
    date.getHours(),
    date.getMinutes(),
  ].map((part) => String(part).padStart(2, "0"));
  return `${year}-${month}-${day} ${hour}:${minute}`;
}
