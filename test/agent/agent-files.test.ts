import assert from "node:assert/strict";
import type { IncomingMessage, ServerResponse } from "node:http";
import { test, type TestContext } from "node:test";
import {
  createAgentFiles,
  MAX_FILE_BYTES,
  type AgentFiles,
  type AgentFilesOptions,
  type FetchedFile,
} from "../../src/agent/agent-files.ts";
import { createManualClock } from "../../src/testing/manual-clock.ts";
import { sourceOf } from "../../src/testing/sources.ts";
import { openFileServer, PNG, type FileServer } from "./file-server.ts";

const SOURCE = sourceOf({ user: "ada" });
const STILL = new AbortController().signal;

async function serve(
  t: TestContext,
  answer: (request: IncomingMessage, response: ServerResponse) => void,
): Promise<FileServer> {
  const server = await openFileServer(answer);
  t.after(() => server[Symbol.asyncDispose]());
  return server;
}

function files(options: Partial<AgentFilesOptions> = {}): AgentFiles {
  return createAgentFiles({ clock: createManualClock(0), allowPrivate: true, ...options });
}

function reasonOf(file: FetchedFile): string {
  return file.outcome === "unavailable" ? file.reason : assert.fail("it must not be there");
}

test("a file is fetched once, and is the same in later turns", async (t) => {
  const server = await serve(t, (_, response) => response.writeHead(200, { "content-type": "image/png" }).end(PNG));
  const agentFiles = files();
  const attachment = { url: `${server.url}/cat.png` };
  const [first, second] = [
    await agentFiles.fetch(attachment, SOURCE, STILL),
    await agentFiles.fetch({ ...attachment }, SOURCE, STILL),
  ];
  assert.deepEqual(first, { outcome: "fetched", bytes: PNG, mediaType: "image/png" });
  assert.deepEqual(second, first);
  assert.deepEqual(server.asked, ["/cat.png"]);
});

test("the bytes decide whether it is an image, not what was said of it", async (t) => {
  const server = await serve(t, ({ url }, response) => response.end(url === "/page" ? "<html>" : PNG));
  const agentFiles = files();
  const typeOf = async (path: string, mediaType?: string): Promise<string> => {
    const given = { url: `${server.url}${path}`, ...(mediaType === undefined ? {} : { mediaType }) };
    const file = await agentFiles.fetch(given, SOURCE, STILL);
    return file.outcome === "fetched" ? file.mediaType : file.reason;
  };
  assert.equal(await typeOf("/a", "text/plain"), "image/png");
  assert.equal(await typeOf("/b"), "image/png");
  assert.equal(await typeOf("/page", "image/png"), "application/octet-stream");
  assert.equal(await typeOf("/page", "text/html; charset=utf-8"), "text/html");
});

test("a data URL is its own file", async () => {
  const agentFiles = files();
  const image = await agentFiles.fetch({ url: `data:image/png;base64,${PNG.toString("base64")}` }, SOURCE, STILL);
  assert.deepEqual(image, { outcome: "fetched", bytes: PNG, mediaType: "image/png" });
  const text = await agentFiles.fetch({ url: "data:text/plain;charset=utf-8,caf%C3%A9" }, SOURCE, STILL);
  assert.equal(text.outcome === "fetched" ? Buffer.from(text.bytes).toString() : "", "café");
  assert.equal(reasonOf(await agentFiles.fetch({ url: "data:nothing" }, SOURCE, STILL)), "its data URL cannot be read");
  assert.equal(
    reasonOf(await agentFiles.fetch({ url: "data:,%E0%A4%A" }, SOURCE, STILL)),
    "its data URL cannot be read",
  );
});

test("addresses that are not public are refused before anything is sent, also behind a name or a redirect", async (t) => {
  const server = await serve(t, (_, response) => response.end("secret"));
  const inside = files({ allowPrivate: false });
  const reason = "its address is not a public one";
  assert.equal(reasonOf(await inside.fetch({ url: `${server.url}/a` }, SOURCE, STILL)), reason);
  const named = files({
    allowPrivate: false,
    lookup: (_, options, callback) =>
      options.all === true ? callback(null, [{ address: "10.0.0.1", family: 4 }]) : callback(null, "10.0.0.1", 4),
  });
  assert.equal(reasonOf(await named.fetch({ url: "http://files.example/a" }, SOURCE, STILL)), reason);
  assert.deepEqual(server.asked, []);
});

test("a redirect is followed a few times, to addresses of the web", async (t) => {
  const server = await serve(t, ({ url }, response) => {
    if (url === "/there") response.end("text");
    else if (url === "/file") response.writeHead(302, { location: "file:///etc/passwd" }).end();
    else response.writeHead(302, { location: url === "/here" ? "/there" : "/loop" }).end();
  });
  const agentFiles = files();
  assert.equal((await agentFiles.fetch({ url: `${server.url}/here` }, SOURCE, STILL)).outcome, "fetched");
  assert.match(reasonOf(await agentFiles.fetch({ url: `${server.url}/loop` }, SOURCE, STILL)), /from place to place/);
  assert.match(reasonOf(await agentFiles.fetch({ url: `${server.url}/file` }, SOURCE, STILL)), /somewhere else/);
});

test("a file that is too large is left, and its connection closed", async (t) => {
  const closed = Promise.withResolvers<void>();
  const server = await serve(t, (_, response) => {
    response.on("close", closed.resolve);
    const more = (): void => {
      while (!response.destroyed && response.write(Buffer.alloc(1_048_576)));
      if (!response.destroyed) response.once("drain", more);
    };
    more();
  });
  assert.equal(reasonOf(await files().fetch({ url: server.url }, SOURCE, STILL)), "it is larger than 10 MiB");
  await closed.promise;
  const data = `data:,${"x".repeat(MAX_FILE_BYTES + 1)}`;
  assert.equal(reasonOf(await files().fetch({ url: data }, SOURCE, STILL)), "it is larger than 10 MiB");
});

test("what is not there is not asked for again for a while", async (t) => {
  const server = await serve(t, (_, response) => response.writeHead(404).end());
  const clock = createManualClock(0);
  const agentFiles = files({ clock });
  const ask = async (): Promise<string> => reasonOf(await agentFiles.fetch({ url: server.url }, SOURCE, STILL));
  assert.deepEqual([await ask(), await ask()], ["it answered 404", "it answered 404"]);
  assert.equal(server.asked.length, 1);
  clock.advance(300_001);
  await ask();
  assert.equal(server.asked.length, 2);
});

test("a file that does not come in time is left, and an abort is passed on", async (t) => {
  const server = await serve(t, () => {});
  const clock = createManualClock(0);
  const slow = files({ clock }).fetch({ url: server.url }, SOURCE, STILL);
  while (server.asked.length === 0) await new Promise(setImmediate);
  clock.advance(15_000);
  assert.equal(reasonOf(await slow), "it did not come in time");
  const controller = new AbortController();
  const aborted = files().fetch({ url: server.url }, SOURCE, controller.signal);
  controller.abort(new Error("stop"));
  await assert.rejects(aborted, /stop/);
});

test("what is at no address of the web is asked of the platform, with its source", async () => {
  const asked: string[] = [];
  const agentFiles = files({
    fromPlatform: (url, { platform, account }) => {
      asked.push(`${platform} ${account} ${url}`);
      return Promise.resolve({ outcome: "fetched", bytes: PNG, mediaType: "application/octet-stream" });
    },
  });
  const source = { ...SOURCE, platform: "telegram", account: "4242" };
  const file = await agentFiles.fetch({ url: "telegram:file/abc" }, source, STILL);
  assert.equal(file.outcome === "fetched" ? file.mediaType : "", "image/png");
  await agentFiles.fetch({ url: "telegram:file/abc" }, { ...source, account: "77" }, STILL);
  assert.deepEqual(asked, ["telegram 4242 telegram:file/abc", "telegram 77 telegram:file/abc"]);
  assert.equal(
    reasonOf(await files().fetch({ url: "telegram:file/abc" }, source, STILL)),
    "its address is none of the web",
  );
});
