import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { assertProblem, openApp } from "./app-setup.ts";

describe("an address that can be read in two ways is 400", () => {
  for (const path of [
    "/api/chats/%ff/session?from=ada",
    "/api/chats/%zz/session?from=ada",
    "/api/chats/%/session?from=ada",
    "/api/chats/%ED%A0%80/session?from=ada",
    "/api/chats/tea/session?from=%ff",
    "/api/sessions?platform=%",
  ]) {
    test(`${path}: what is encoded is not UTF-8`, async () => {
      await using under = await openApp();
      assertProblem(await under.call("GET", path), 400, "invalid-request");
    });
  }

  for (const path of [
    "/api/sessions?limit=1&limit=2",
    "/api/sessions?limit=1&%6cimit=1",
    "/api/chats/tea/session?from=ada&from=bob",
    "/api/search?q=tea&q=rome",
  ]) {
    test(`${path}: a parameter is given twice`, async () => {
      await using under = await openApp();
      const answer = await under.call("GET", path);
      assertProblem(answer, 400, "invalid-request");
      assert.match(answer.body.errors[0]?.path ?? "", /^query\.(?:limit|from|q)$/);
    });
  }

  test("and what is encoded well is read", async () => {
    await using under = await openApp();
    for (const chat of ["a/b", "%ff", "100 %", "é", "東京", "+"]) {
      const { status, body } = await under.call<{ source: { chat: string } }>(
        "GET",
        `/api/chats/${encodeURIComponent(chat)}/session?from=ada`,
      );
      assert.deepEqual([status, body.source.chat], [200, chat]);
    }
  });
});
