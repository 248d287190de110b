/**
 * Makes `parlor` mean the running package in a configuration file, from whatever folder it is loaded:
 * there need be no `node_modules` beside it, and if there is one, a second copy must not be loaded.
 *
 * The hook stays for the life of the process, so that an `import()` in a handler finds it too.
 */
import { registerHooks } from "node:module";

/** The entry points of the package, in `src/` of a checkout or in `dist/` when built. */
const ENTRIES: Readonly<Record<string, string>> = {
  parlor: "index",
  "parlor/sqlite": "sqlite",
  "parlor/testing": "testing",
};
const extension = import.meta.url.endsWith(".ts") ? "ts" : "js";
const configFiles = new Set<string>();

/** From now on, `parlor` is this package, and the file at `configUrl` is a module whatever its folder says. */
export function resolveOwnPackage(configUrl: string): void {
  if (configFiles.size === 0) register();
  configFiles.add(configUrl);
}

function register(): void {
  registerHooks({
    resolve: (specifier, context, next) => {
      const entry = ENTRIES[specifier];
      if (entry !== undefined) {
        return { url: new URL(`../${entry}.${extension}`, import.meta.url).href, shortCircuit: true };
      }
      // TypeScript's parser reads JavaScript as well, and says at which line it failed.
      if (configFiles.has(specifier)) return { url: specifier, format: "module-typescript", shortCircuit: true };
      return next(specifier, context);
    },
  });
}
