/** Data directories with many sessions in them, each filled once and then shared. Whoever writes takes a copy. */
import { existsSync } from "node:fs";
import { constants, copyFile, mkdir, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { fill } from "./fill.ts";

export interface FilledHomes {
  /** A data directory to read from, with this many sessions, each of one answered message. */
  of(sessions: number): Promise<string>;
  /** The same as a file to write to: copies it into the folder, which becomes a data directory. */
  copy(sessions: number, folder: string): Promise<void>;
}

/** The name the gateway gives its database. */
export const DATABASE = "parlor.db";

/** Keeps them in `folder`; those that are there already are taken as they are. */
export function createFilledHomes(folder: string, say: (line: string) => void): FilledHomes {
  const homes = new Map<number, Promise<string>>();

  async function make(sessions: number): Promise<string> {
    const home = join(folder, `filled-${sessions}`);
    const done = join(home, "complete");
    if (existsSync(done)) return home;
    await rm(home, { recursive: true, force: true });
    await mkdir(home, { recursive: true });
    say(`filling a database with ${sessions.toLocaleString("en")} sessions …`);
    await fill(join(home, DATABASE), sessions);
    await writeFile(done, "");
    return home;
  }

  const of = (sessions: number): Promise<string> => {
    const home = homes.get(sessions) ?? make(sessions);
    homes.set(sessions, home);
    return home;
  };
  return {
    of,
    copy: async (sessions, target) => {
      await copyFile(join(await of(sessions), DATABASE), join(target, DATABASE), constants.COPYFILE_FICLONE);
    },
  };
}
