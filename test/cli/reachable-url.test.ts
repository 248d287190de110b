import assert from "node:assert/strict";
import { test } from "node:test";
import { reachableUrl } from "../../src/cli/reachable-url.ts";

test("every address of the machine is asked on loopback, any other as it is", () => {
  const urls: Readonly<Record<string, string>> = {
    "127.0.0.1": "http://127.0.0.1:80",
    "0.0.0.0": "http://127.0.0.1:80",
    "::": "http://[::1]:80",
    "[::]": "http://[::1]:80",
    "fe80::1": "http://[fe80::1]:80",
    "[fe80::1]": "http://[fe80::1]:80",
    "chat.example.org": "http://chat.example.org:80",
  };
  for (const [host, url] of Object.entries(urls)) assert.equal(reachableUrl(host, 80), url);
});
