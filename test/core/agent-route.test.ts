import assert from "node:assert/strict";
import { test } from "node:test";
import { type AgentRoute, agentNameFor, DEFAULT_AGENT } from "../../src/core/agent-route.ts";
import { createSource, type SourceInput } from "../../src/core/source.ts";

/** By whom a source is answered under routes that are each called after what they are for. */
function answers(routes: readonly Omit<AgentRoute, "agent">[], input: Partial<SourceInput> = {}): string {
  const source = createSource({ platform: "telegram", user: "ada", chat: "club", chatType: "group", ...input });
  const named = routes.map((route) => ({ ...route, agent: Object.keys(route).join("+") }));
  return agentNameFor(named, source);
}

const BY_PERSON = { platform: "telegram", user: "ada" };
const BY_CHAT = { platform: "telegram", chat: "club" };
const BY_BOTH = { platform: "telegram", chatType: "group" } as const;
const BY_PLATFORM = { platform: "telegram" };
const BY_TYPE = { chatType: "group" } as const;

test("the most exact route wins, wherever it stands: person, chat, platform and chat type, platform, chat type", () => {
  const order = [BY_PERSON, BY_CHAT, BY_BOTH, BY_PLATFORM, BY_TYPE];
  for (let least = order.length; least > 0; least -= 1) {
    const routes = order.slice(order.length - least);
    const best = Object.keys(routes[0] ?? {}).join("+");
    assert.equal(answers(routes), best);
    assert.equal(answers(routes.toReversed()), best);
  }
});

test("a route that says more is more exact than the same one that says less", () => {
  assert.equal(answers([BY_PERSON, { ...BY_PERSON, chatType: "group" }]), "platform+user+chatType");
  assert.equal(answers([{ ...BY_PERSON, ...BY_CHAT }, BY_PERSON]), "platform+user+chat");
});

test("of two that are equally exact the first one wins", () => {
  const source = createSource({ platform: "telegram", user: "ada" });
  const routes = ["one", "two"].map((agent) => ({ platform: "telegram", agent }));
  assert.equal(agentNameFor(routes, source), "one");
});

test("where no route matches, the default agent answers", () => {
  assert.equal(answers([]), DEFAULT_AGENT);
  assert.equal(answers([BY_PERSON, BY_CHAT], { user: "eve", chat: "pub" }), DEFAULT_AGENT);
  assert.equal(answers([BY_PLATFORM, BY_BOTH, BY_PERSON], { platform: "slack" }), DEFAULT_AGENT);
  assert.equal(answers([{ ...BY_PERSON, chatType: "dm" }]), DEFAULT_AGENT);
});
