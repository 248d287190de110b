/** Opens the store at a path when it is told to, and says which id it gives a draft. */
import { openSqliteStore } from "../../../src/sqlite.ts";
import { sourceOf } from "../../../src/testing/sources.ts";

const [path = ""] = process.argv.slice(2);

async function open(): Promise<string> {
  await using store = await openSqliteStore({ path });
  return (await store.getOrCreate(sourceOf())).id;
}

function answer(content: { readonly id: string } | { readonly error: string }): void {
  process.send?.(content);
  process.disconnect?.();
}

process.once("message", () => {
  open().then(
    (id) => answer({ id }),
    (error: unknown) => answer({ error: String(error) }),
  );
});
process.send?.("ready");
