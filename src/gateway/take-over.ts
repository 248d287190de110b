import type { Store } from "../store/store.ts";
import { isDeadNode } from "./node-name.ts";

/**
 * Ends the leases of processes of this machine that are gone, so that what they left half done is
 * taken up at once. A process that may still be alive keeps its leases until they run out.
 */
export async function takeOver(store: Pick<Store, "leaseholders" | "releaseNode">): Promise<void> {
  const dead = (await store.leaseholders()).filter((node) => isDeadNode(node));
  await Promise.all(dead.map((node) => store.releaseNode(node)));
}
