import assert from "node:assert/strict";
import { test } from "node:test";
import { createFileBlocks } from "../../src/agent/acp-files.ts";
import { createAgentFiles } from "../../src/agent/agent-files.ts";
import { createManualClock } from "../../src/testing/manual-clock.ts";
import { agentTurn } from "./agent-turn.ts";

const PNG = Buffer.from("89504e470d0a1a0a0000000d49484452", "hex");
const files = createAgentFiles({
  clock: createManualClock(0),
  fromPlatform: (url) => {
    const bytes = url.endsWith("large") ? Buffer.concat([PNG, Buffer.alloc(15 * 1_048_576)]) : PNG;
    return Promise.resolve({ outcome: "fetched", bytes, mediaType: "image/png" });
  },
});
const { source } = agentTurn();
const blocks = (
  images: boolean,
  signal: AbortSignal = new AbortController().signal,
): ReturnType<typeof createFileBlocks> => createFileBlocks({ files, images, source, signal });

const picture = { url: "telegram:file/1", name: "cat.png", mediaType: "image/png" };
const link = { type: "resource_link", uri: picture.url, name: "cat.png", mimeType: "image/png" };

test("an agent that takes images gets them as they are, whatever they are said to be", async () => {
  const image = { type: "image", data: PNG.toString("base64"), mimeType: "image/png" };
  for (const mediaType of ["image/png", "image/jpeg"]) {
    assert.deepEqual(await blocks(true)({ ...picture, mediaType }), image);
  }
  assert.deepEqual(await blocks(true)({ url: `data:image/png;base64,${PNG.toString("base64")}` }), image);
});

test("everything else is a link: for an agent that takes none, what is none, and what is not to be had", async () => {
  assert.deepEqual(await blocks(false)(picture), link);
  assert.equal((await blocks(true)({ ...picture, mediaType: "application/pdf" })).type, "resource_link");
  assert.equal(
    (await blocks(true)({ url: "http://127.0.0.1:9/cat.png", mediaType: "image/png" })).type,
    "resource_link",
  );
});

test("a data URL is a whole file, which is named and not linked", async () => {
  const url = `data:image/png,not%20an%20image${"x".repeat(10_000)}`;
  const text = 'Attachment: "plan.png" "data:image/png"';
  assert.deepEqual(await blocks(true)({ url, name: "plan.png" }), { type: "text", text });
  assert.deepEqual(await blocks(false)({ url, name: "plan.png" }), { type: "text", text });
});

test("the images of a prompt have a bound, and what is behind it is linked", async () => {
  const block = blocks(true);
  const large = { ...picture, url: "telegram:file/large" };
  const types = await Promise.all([large, large, picture].map(async (each) => (await block(each)).type));
  assert.deepEqual(types, ["image", "resource_link", "image"]);
});

test("fetching ends with the turn", async () => {
  await assert.rejects(blocks(true, AbortSignal.abort(new Error("stop")))(picture), /stop/);
});
