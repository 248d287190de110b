import { closest } from "../lib/closest.ts";
import { placeOf, type Findings } from "./findings.ts";

/** The platforms that messages come from; a program that hands over events of its own may have more. */
export const PLATFORM_NAMES: readonly string[] = ["telegram", "api", "webhook"];

/** Notes a platform that no message comes from: what is said about it would never hold. */
export function notePlatform(platform: string | undefined, key: string, { places, notes }: Findings): void {
  if (platform === undefined || PLATFORM_NAMES.includes(platform)) return;
  const meant = closest(platform, PLATFORM_NAMES);
  const hint = meant === null ? `platforms are ${PLATFORM_NAMES.join(", ")}.` : `did you mean "${meant}"?`;
  notes.push(`${placeOf(places, key)} is ${JSON.stringify(platform)}, which no message comes from; ${hint}`);
}
