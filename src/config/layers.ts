import type { ConfigFile } from "./config-file.ts";
import type { Place } from "./findings.ts";
import { VARIABLES, type Variables } from "./variables.ts";

/** What the command line can say; texts as they were typed. */
export interface ConfigOverrides {
  readonly host?: string | undefined;
  readonly port?: string | number | undefined;
  readonly dataDirectory?: string | undefined;
  readonly logLevel?: string | undefined;
  /** Another configuration file than the one in the working directory. */
  readonly configFile?: string | undefined;
}

/** Settings before validation. */
export type Tree = Readonly<Record<string, unknown>>;

const OPTIONS = [
  { option: "--host", key: "server.host", from: "host" },
  { option: "--port", key: "server.port", from: "port" },
  { option: "--home", key: "dataDirectory", from: "dataDirectory" },
  { option: "--log-level", key: "logLevel", from: "logLevel" },
] as const satisfies readonly { option: string; key: string; from: keyof ConfigOverrides }[];

/** One tree of unchecked settings: the file's, under the variables, under the command line; `places` learns where each came from. */
export function layerSettings(
  layers: {
    readonly file: ConfigFile | null;
    readonly values: Variables["values"];
    readonly overrides: ConfigOverrides;
  },
  places: Map<string, Place>,
): Tree {
  const { file, values, overrides } = layers;
  let tree: Tree = file?.value ?? {};
  if (file !== null) {
    for (const key of leaves(tree)) places.set(key, { name: key, origin: file.name });
  }
  for (const { name, key, secret } of VARIABLES) {
    const value = values.get(name);
    if (value === undefined || key === null || secret || key.startsWith("agent.")) continue;
    tree = withValue(tree, key.split("."), fromText(key, value.value));
    places.set(key, value);
  }
  for (const { option, key, from } of OPTIONS) {
    const value = overrides[from];
    if (value === undefined) continue;
    tree = withValue(tree, key.split("."), typeof value === "string" ? fromText(key, value) : value);
    places.set(key, { name: option, origin: "command line" });
  }
  return tree;
}

/** Everything typed is text; among it one setting is a number and one a list. */
function fromText(key: string, text: string): string | number | readonly string[] {
  if (key === "access.allow") return text.split(",").flatMap((entry) => entry.trim() || []);
  return key === "server.port" && /^\d+$/.test(text) ? Number(text) : text;
}

/** The keys of everything that is not itself a plain object. */
function leaves(value: Tree, prefix = ""): string[] {
  return Object.entries(value).flatMap(([key, inner]) =>
    isPlain(inner) && Object.keys(inner).length > 0 ? leaves(inner, `${prefix}${key}.`) : [`${prefix}${key}`],
  );
}

function withValue(tree: Tree, path: readonly string[], value: unknown): Tree {
  const [key = "", ...rest] = path;
  if (rest.length === 0) return { ...tree, [key]: value };
  const inner = tree[key] ?? {};
  // What is not an object is left for the schema to refuse.
  return isPlain(inner) ? { ...tree, [key]: withValue(inner, rest, value) } : tree;
}

function isPlain(value: unknown): value is Tree {
  return typeof value === "object" && value !== null && Object.getPrototypeOf(value) === Object.prototype;
}
