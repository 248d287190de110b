/**
 * Makes `dist/`, what the package ships: JavaScript and declarations from every source, and beside
 * them the files that are not TypeScript, such as migrations.
 */
import { execFileSync } from "node:child_process";
import { chmodSync, cpSync, rmSync, statSync } from "node:fs";
import { join } from "node:path";

const root = join(import.meta.dirname, "..");
const dist = join(root, "dist");

rmSync(dist, { recursive: true, force: true });
execFileSync(
  process.execPath,
  [join(root, "node_modules/typescript/bin/tsc"), "-p", join(root, "tsconfig.build.json")],
  {
    stdio: "inherit",
  },
);
cpSync(join(root, "src"), dist, {
  recursive: true,
  filter: (path) => statSync(path).isDirectory() || !path.endsWith(".ts"),
});
chmodSync(join(dist, "bin.js"), 0o755);
