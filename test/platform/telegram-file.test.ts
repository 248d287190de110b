import assert from "node:assert/strict";
import { test } from "node:test";
import type { PlatformFile } from "../../src/platform/platform.ts";
import { setUpTelegram } from "./telegram-setup.ts";

const LIMITS = { maxBytes: 1_048_576, signal: new AbortController().signal };

test("a file is asked for and fetched", async () => {
  await using rig = await setUpTelegram();
  rig.api.addFile("abc-1", Buffer.from("bytes"));
  const file = await rig.platform.fetchFile?.("telegram:file/abc-1", LIMITS);
  assert.deepEqual(file, {
    outcome: "fetched",
    bytes: Buffer.from("bytes"),
    mediaType: "application/octet-stream",
  });
  assert.deepEqual(rig.api.calls.slice(-2), ["getFile", "file"]);
});

test("what is not to be had is told in words without the address, which holds the token", async () => {
  await using rig = await setUpTelegram();
  const reasonOf = async (url: string): Promise<string> => {
    const file: PlatformFile | undefined = await rig.platform.fetchFile?.(url, LIMITS);
    return file?.outcome === "unavailable" ? file.reason : assert.fail("it must not be there");
  };
  assert.equal(await reasonOf("telegram:file/none"), "Telegram does not give it (400)");
  assert.equal(await reasonOf("telegram:file/../../etc"), "its address is none of Telegram's");
  rig.api.addFile("big", Buffer.alloc(LIMITS.maxBytes + 1));
  assert.equal(await reasonOf("telegram:file/big"), "it is larger than 1 MiB");
  assert.equal(rig.api.calls.includes("file"), false, "one that is said to be too large is not fetched");
  rig.api.addFile("abc", Buffer.from("bytes"));
  rig.api.next("getFile", "cut");
  assert.equal(await reasonOf("telegram:file/abc"), "Telegram cannot be reached");
});

test("an abort is passed on", async () => {
  await using rig = await setUpTelegram();
  rig.api.next("getFile", "hang");
  rig.api.addFile("abc", Buffer.from("bytes"));
  const controller = new AbortController();
  const file = rig.platform.fetchFile?.("telegram:file/abc", { ...LIMITS, signal: controller.signal });
  await rig.api.until(() => rig.api.calls.includes("getFile"));
  controller.abort(new Error("stop"));
  await assert.rejects(file ?? Promise.resolve(), /stop/);
});
