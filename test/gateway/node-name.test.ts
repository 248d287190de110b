import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { hostname } from "node:os";
import { describe, it } from "node:test";
import { createNodeName, isDeadNode } from "../../src/gateway/node-name.ts";

describe("the name of a node", () => {
  it("is another one each time", () => {
    assert.equal(new Set(Array.from({ length: 100 }, createNodeName)).size, 100);
  });

  it("does not make a node of this process dead", () => {
    assert.equal(isDeadNode(createNodeName()), false);
  });

  it("makes one dead that had the process id of this process before it", () => {
    assert.equal(isDeadNode(`${hostname()}/${process.pid}/node_1`), true);
  });

  it("makes one dead whose process has ended, and not while it runs", async () => {
    const child = spawn(process.execPath, ["-e", "process.stdin.resume()"], { stdio: ["pipe", "ignore", "ignore"] });
    const node = `${hostname()}/${child.pid}/node_1`;
    assert.equal(isDeadNode(node), false);
    const ended = once(child, "exit");
    child.stdin.end();
    await ended;
    assert.equal(isDeadNode(node), true);
  });

  it("does not make one dead whose process belongs to somebody else", () => {
    assert.equal(isDeadNode(`${hostname()}/1/node_1`), false);
  });

  it("never makes one of another host dead", () => {
    assert.equal(isDeadNode(`not-${hostname()}/${process.pid}/node_1`), false);
  });

  it("does not make one dead whose name has another form", () => {
    for (const name of [
      hostname(),
      `${hostname()}/`,
      `${hostname()}/worker/1`,
      `${hostname()}/0`,
      `${hostname()}/-1/x`,
      "",
      "/",
    ]) {
      assert.equal(isDeadNode(name), false, name);
    }
  });
});
