import assert from "node:assert/strict";
import { test } from "node:test";
import { createOneByOne } from "../../src/http/one-by-one.ts";
import { settle } from "../turn/eventually.ts";

test("what has the same name happens one after the other, and a failure holds up nobody", async () => {
  const oneByOne = createOneByOne();
  const steps: string[] = [];
  const first = Promise.withResolvers<void>();
  const run =
    (step: string, wait: Promise<void> = Promise.resolve()): (() => Promise<string>) =>
    async () => {
      steps.push(`${step} begins`);
      await wait;
      steps.push(`${step} ends`);
      return step;
    };
  const one = oneByOne("tea", run("one", first.promise));
  const two = oneByOne("tea", run("two"));
  const three = oneByOne("tea", run("three"));
  const other = oneByOne("coffee", run("other"));
  assert.equal(await other, "other");
  await settle();
  assert.deepEqual(steps, ["one begins", "other begins", "other ends"]);
  first.reject(new Error("no"));
  await assert.rejects(one, /no/);
  assert.deepEqual(await Promise.all([two, three]), ["two", "three"]);
  assert.deepEqual(steps.slice(3), ["two begins", "two ends", "three begins", "three ends"]);
});
