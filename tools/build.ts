/**
 * Makes what the package ships: `dist/`, which is JavaScript and declarations from every source and
 * beside them the files that are not TypeScript, such as migrations; and `web/dist/`, which is the page.
 */
import { execFileSync } from "node:child_process";
import { chmodSync, cpSync, rmSync, statSync } from "node:fs";
import { join } from "node:path";

const root = join(import.meta.dirname, "..");
const dist = join(root, "dist");

rmSync(dist, { recursive: true, force: true });
run("typescript/bin/tsc", "-p", join(root, "tsconfig.build.json"));
cpSync(join(root, "src"), dist, {
  recursive: true,
  filter: (path) => statSync(path).isDirectory() || !path.endsWith(".ts"),
});
chmodSync(join(dist, "bin.js"), 0o755);
run("vite/bin/vite.js", "build", "--config", join(root, "web/vite.config.ts"), "--logLevel", "warn");

function run(script: string, ...args: readonly string[]): void {
  execFileSync(process.execPath, [join(root, "node_modules", script), ...args], { stdio: "inherit" });
}
