import type { FetchFromPlatform } from "../agent/agent-files.ts";
import type { Platforms } from "./platforms.ts";

/** The files of platforms, for agents, which are there before the platforms are. */
export interface PlatformFiles {
  readonly fetch: FetchFromPlatform;
  /** From now on these are asked. */
  connect(platforms: Pick<Platforms, "fetchFile">): void;
}

export function createPlatformFiles(): PlatformFiles {
  let connected: Pick<Platforms, "fetchFile"> | null = null;
  return {
    fetch: async (url, source, limits) =>
      (await connected?.fetchFile(url, source, limits)) ?? {
        outcome: "unavailable",
        reason: "its platform is not there",
      },
    connect: (platforms) => void (connected = platforms),
  };
}
