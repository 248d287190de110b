/** Restores a backup, tells at each step, and waits there to be killed when it is the step it is told. */
import fs from "node:fs";
import { syncBuiltinESMExports } from "node:module";

const [file = "", path = "", stopAt = ""] = process.argv.slice(2);

/** Stands for a kill just before the n-th call that changes a name. */
let calls = 0;
for (const name of ["linkSync", "renameSync", "rmSync"] as const) {
  const original = fs[name] as (...args: unknown[]) => void;
  Object.assign(fs, {
    [name]: (...args: unknown[]): void => {
      calls += 1;
      if (calls === Number(stopAt)) process.kill(process.pid, "SIGKILL");
      original(...args);
    },
  });
}
syncBuiltinESMExports();

const { openRestoration } = await import("../../../src/store/sqlite/restore.ts");
{
  await using restoration = await openRestoration(file, path, { at: 0, isInUse: () => Promise.resolve(false) });
  await restoration.put();
}
process.send?.(calls);
process.disconnect?.();
