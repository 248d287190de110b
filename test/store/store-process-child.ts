/** The other end of `StoreProcess`: opens stores with the `open` of the module it is given, and plays what it is told. */
import type { Store } from "../../src/store/store.ts";
import { callStore } from "../../src/testing/forwarding-store.ts";
import { createManualClock, type ManualClock } from "../../src/testing/manual-clock.ts";
import type { OpenStore } from "../../src/testing/open-store.ts";
import { type Answer, faultOf, fromWire, type Request, toWire } from "./wire.ts";

const { open } = (await import(process.argv[2] ?? "")) as { readonly open: OpenStore };

interface Handle {
  readonly clock: ManualClock | null;
  readonly store: Store;
}

const handles = new Map<number, Handle>();

async function play(request: Request): Promise<unknown> {
  const { now } = request;
  if (request.kind === "open") {
    const clock = now === null ? null : createManualClock(now);
    const store = await open({ ...request.options, ...(clock === null ? {} : { clock }) });
    handles.set(request.handle, { clock, store });
    return undefined;
  }
  const { clock, store } = handles.get(request.handle) ?? missing(request.handle);
  if (now !== null) clock?.advanceTo(now);
  if (request.kind === "call") return await callStore(store, request.call);
  handles.delete(request.handle);
  await store[Symbol.asyncDispose]();
  return undefined;
}

function missing(handle: number): never {
  throw new Error(`No store is open under ${handle}.`);
}

function answer(content: Answer): void {
  // The test may be gone, and then nobody wants to know.
  if (process.connected) process.send?.(toWire(content));
}

process.on("message", (sent) => {
  const request = fromWire(sent) as Request;
  play(request).then(
    (value) => answer({ id: request.id, value }),
    (error: unknown) => answer({ id: request.id, fault: faultOf(error) }),
  );
});
