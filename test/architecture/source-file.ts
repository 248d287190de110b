import { Visitor, parseSync } from "oxc-parser";
import { dirname, join } from "node:path/posix";

/** What the architecture wants to know of one file. */
export interface SourceFile {
  /** From the root of the repository, such as `src/core/source.ts`. */
  readonly path: string;
  readonly lines: number;
  readonly imports: readonly Import[];
  readonly exportsDefault: boolean;
  readonly reexports: boolean;
  readonly readsEnvironment: boolean;
}

export interface Import {
  /** A path from the root of the repository, or the name of a package. */
  readonly target: string;
  /** Erased by the compiler: it cannot be part of a cycle that anyone would notice. */
  readonly typeOnly: boolean;
}

/** Reads the text of a file: `import`, `export … from`, `import()`, `import.meta.resolve` and `new URL(…, import.meta.url)`. */
export function readSourceFile(path: string, text: string): SourceFile {
  const { program, module, errors } = parseSync(path, text);
  if (errors[0] !== undefined) throw new Error(`${path} cannot be parsed: ${errors[0].message}`);

  const imports: Import[] = [];
  const add = (specifier: string, typeOnly: boolean): void => {
    const target = specifier.startsWith(".") ? join(dirname(path), specifier) : packageName(specifier);
    imports.push({ target, typeOnly });
  };
  for (const { moduleRequest, entries } of module.staticImports) {
    add(moduleRequest.value, entries.length > 0 && entries.every((entry) => entry.isType));
  }
  const exported = module.staticExports.flatMap(({ entries }) => entries);
  for (const { moduleRequest, isType } of exported) {
    if (moduleRequest !== null) add(moduleRequest.value, isType);
  }

  let exportsDefault = false;
  let readsEnvironment = false;
  new Visitor({
    ImportDeclaration(node) {
      if (!/^(node:)?process$/.test(node.source.value)) return;
      readsEnvironment ||= node.specifiers.some((part) => /\benv\b/.test(text.slice(part.start, part.end)));
    },
    ImportExpression(node) {
      if (node.source.type === "Literal" && typeof node.source.value === "string") add(node.source.value, false);
    },
    CallExpression(node) {
      const [first] = node.arguments;
      const called = text.slice(node.callee.start, node.callee.end);
      if (called !== "import.meta.resolve" || first?.type !== "Literal") return;
      if (typeof first.value === "string") add(first.value, false);
    },
    NewExpression(node) {
      const [first, second] = node.arguments;
      if (second === undefined || text.slice(second.start, second.end) !== "import.meta.url") return;
      if (first?.type === "Literal" && typeof first.value === "string") add(relative(first.value), false);
    },
    ExportDefaultDeclaration() {
      exportsDefault = true;
    },
    ExportSpecifier(node) {
      exportsDefault ||= node.exported.type === "Identifier" && node.exported.name === "default";
    },
    MemberExpression(node) {
      if (node.object.type !== "Identifier" || node.object.name !== "process") return;
      readsEnvironment ||= /^(env|"env"|'env')$/.test(text.slice(node.property.start, node.property.end));
    },
    VariableDeclarator(node) {
      if (node.init?.type !== "Identifier" || node.init.name !== "process") return;
      readsEnvironment ||= /\benv\b/.test(text.slice(node.id.start, node.id.end));
    },
  }).visit(program);

  return {
    path,
    lines: text.replace(/\n$/, "").split("\n").length,
    imports,
    exportsDefault,
    reexports: exported.some(({ moduleRequest }) => moduleRequest !== null),
    readsEnvironment,
  };
}

/** `hono/streaming` is part of `hono`, `@ai-sdk/anthropic/x` of `@ai-sdk/anthropic`. */
function packageName(specifier: string): string {
  if (specifier.startsWith("node:")) return specifier;
  return specifier.split("/", specifier.startsWith("@") ? 2 : 1).join("/");
}

/** A URL needs no `./` to be relative. */
function relative(url: string): string {
  return url.startsWith(".") ? url : `./${url}`;
}
