import { builtinModules } from "node:module";
import { basename } from "node:path/posix";
import { EMPTY_WORDS, ENTRY_POINTS, MAX_LINES, PACKAGES, PAGE_PACKAGES, READS_ENVIRONMENT, ROOMS } from "./rooms.ts";
import { readSourceFile, type Import, type SourceFile } from "./source-file.ts";

/** Every breach of the table and of the shape of files, as sentences. `files` are texts by path from the root. */
export function findViolations(files: ReadonlyMap<string, string>): readonly string[] {
  const all = [...files].map(([path, text]) => readSourceFile(path, text));
  const source = all.filter(({ path }) => path.startsWith("src/"));
  const page = all.filter(({ path }) => path.startsWith("web/src/"));
  return [
    ...all.flatMap(tooLong),
    ...source.flatMap((file) => [...misplaced(file), ...misnamed(file), ...illExporting(file), ...overreaching(file)]),
    ...page.flatMap((file) => [...misnamed(file), ...illExporting(file), ...leavingThePage(file)]),
    ...cycles([...source, ...page]),
  ];
}

/** The row of the table a file belongs to: an entry point, a room inside a room, or a room. */
function placeOf(path: string): string {
  const [, first = "", second, ...rest] = path.split("/");
  return rest.length > 0 && `${first}/${second}` in ROOMS ? `${first}/${second}` : first;
}

function rowOf(place: string): readonly string[] | undefined {
  return place.endsWith(".ts") ? ENTRY_POINTS[place] : ROOMS[place];
}

function misplaced({ path }: SourceFile): string[] {
  const place = placeOf(path);
  return rowOf(place) === undefined ? [`${path} is in "${place}", which the table of rooms does not list.`] : [];
}

function overreaching(file: SourceFile): string[] {
  const place = placeOf(file.path);
  const found = new Set(file.imports.flatMap((wanted) => refusal(place, wanted) ?? []));
  if (file.readsEnvironment && !READS_ENVIRONMENT.includes(place)) {
    found.add(`reads process.env, which only ${list(READS_ENVIRONMENT)} may.`);
  }
  return [...found].map((sentence) => `${file.path} ${sentence}`);
}

function refusal(place: string, { target }: Import): string | undefined {
  if (target.startsWith("src/")) {
    const room = placeOf(target);
    const row = rowOf(place) ?? [];
    if (room === place || row.includes(room)) return undefined;
    return `imports ${target}; "${place}" may import ${list(row)}.`;
  }
  // Files beside src/, such as package.json and the built page, are data.
  if (target.endsWith(".json") || /^web\/dist(?:\/|$)/.test(target)) return undefined;
  const rooms = PACKAGES[target];
  if (rooms?.includes(place) === true) return undefined;
  if (rooms === undefined && (target.startsWith("node:") || builtinModules.includes(target))) return undefined;
  return `imports ${target}, which ${rooms === undefined ? "no room" : `only ${list(rooms)}`} may.`;
}

/** The page talks to the gateway by HTTP alone: it shares no code with it. */
function leavingThePage({ path, imports }: SourceFile): string[] {
  const refused = imports.filter(({ target }) => !target.startsWith("web/src/") && !PAGE_PACKAGES.includes(target));
  return refused.map(({ target }) => `${path} imports ${target}, which the page may not.`);
}

function tooLong({ path, lines }: SourceFile): string[] {
  return lines > MAX_LINES ? [`${path} has ${lines} lines; a file has at most ${MAX_LINES}.`] : [];
}

function misnamed({ path }: SourceFile): string[] {
  const name = basename(path).replace(/\.tsx?$/, "");
  const found = name.split("-").find((word) => EMPTY_WORDS.includes(word));
  if (found !== undefined) return [`${path} is named "${found}"; name it after what it holds.`];
  return name === "index" && path !== "src/index.ts" ? [`${path} is an index; a room has none.`] : [];
}

function illExporting({ path, exportsDefault, reexports }: SourceFile): string[] {
  const inRoom = !(placeOf(path) in ENTRY_POINTS);
  return [
    ...(exportsDefault ? [`${path} has a default export; give it its name.`] : []),
    ...(reexports && inRoom ? [`${path} re-exports another file; only entry points do.`] : []),
  ];
}

/** Each cycle of imports that exist when the program runs, once. */
function cycles(files: readonly SourceFile[]): string[] {
  const edges = new Map(
    files.map(({ path, imports }) => [path, imports.filter(({ typeOnly }) => !typeOnly).map(({ target }) => target)]),
  );
  const found: string[] = [];
  const done = new Set<string>();
  const visit = (path: string, way: readonly string[]): void => {
    const start = way.indexOf(path);
    if (start >= 0) found.push(`${[...way.slice(start), path].join(" → ")} is a cycle of imports.`);
    if (start >= 0 || done.has(path)) return;
    for (const target of edges.get(path) ?? []) visit(target, [...way, path]);
    done.add(path);
  };
  for (const path of edges.keys()) visit(path, []);
  return found;
}

function list(names: readonly string[]): string {
  return names.length === 0 ? "no other room" : names.join(", ");
}
