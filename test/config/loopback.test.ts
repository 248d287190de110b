import assert from "node:assert/strict";
import { test } from "node:test";
import { isLoopback } from "../../src/config/loopback.ts";

test("loopback is localhost, 127.0.0.0/8 and ::1, however they are written", () => {
  for (const host of [
    "localhost",
    "LOCALHOST",
    "127.0.0.1",
    "127.255.0.9",
    "::1",
    "[::1]",
    "0:0:0:0:0:0:0:1",
    "::ffff:127.0.0.1",
  ]) {
    assert.ok(isLoopback(host), host);
  }
});

test("everything else can be reached by others", () => {
  for (const host of [
    "0.0.0.0",
    "::",
    "[::]",
    "10.0.0.1",
    "127.example.org",
    "localhost.example.org",
    "example.org",
    "::ffff:10.0.0.1",
    "::2",
    "",
  ]) {
    assert.ok(!isLoopback(host), host);
  }
});
