import { Visitor, parseSync } from "oxc-parser";

/**
 * What an engine of 2019 cannot read in a module, as the pieces of code themselves. `import()` is not
 * counted: engines had it before the standard did. Static imports are, because they run first.
 */
export function newerThan2019(code: string): readonly string[] {
  const { program, errors } = parseSync("module.js", code, { sourceType: "module" });
  if (errors[0] !== undefined) throw new Error(errors[0].message);

  const found: string[] = [];
  const note = (node: { readonly start: number; readonly end: number }): void => {
    found.push(code.slice(node.start, node.end));
  };
  let depth = 0;
  const enter = (): void => {
    depth += 1;
  };
  const leave = (): void => {
    depth -= 1;
  };

  new Visitor({
    FunctionDeclaration: enter,
    "FunctionDeclaration:exit": leave,
    FunctionExpression: enter,
    "FunctionExpression:exit": leave,
    ArrowFunctionExpression: enter,
    "ArrowFunctionExpression:exit": leave,
    AwaitExpression: (node) => void (depth === 0 && note(node)),
    ForOfStatement: (node) => void (depth === 0 && node.await && note(node)),
    ImportDeclaration: note,
    ExportAllDeclaration: note,
    MetaProperty: (node) => void (node.meta.name === "import" && note(node)),
    ChainExpression: note,
    LogicalExpression: (node) => void (node.operator === "??" && note(node)),
    AssignmentExpression: (node) => void (["??=", "||=", "&&="].includes(node.operator) && note(node)),
    Literal: (node) => void (isNewLiteral(code.slice(node.start, node.end), node.value) && note(node)),
    PropertyDefinition: note,
    StaticBlock: note,
    PrivateIdentifier: note,
    VariableDeclaration: (node) => void (node.kind.includes("using") && note(node)),
  }).visit(program);
  return found;
}

/** Big integers, numbers with separators, and expressions with a flag of later years. */
function isNewLiteral(raw: string, value: unknown): boolean {
  if (typeof value === "bigint") return true;
  if (typeof value === "number") return raw.includes("_");
  return raw.startsWith("/") && /[dv]/.test(raw.slice(raw.lastIndexOf("/")));
}
