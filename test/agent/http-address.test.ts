import assert from "node:assert/strict";
import type { LookupAddress } from "node:dns";
import type { LookupFunction } from "node:net";
import { describe, test } from "node:test";
import type { Agent } from "../../src/agent/agent.ts";
import { createHttpAgent } from "../../src/agent/http.ts";
import { agentTurn, partsOf, textOf } from "./agent-turn.ts";
import { json, openEndpoint, SECRET } from "./http-endpoint-server.ts";

function agentAt(url: string, lookup?: LookupFunction, allowPrivate = false): Agent {
  return createHttpAgent({
    endpoint: { url, secret: SECRET, allowPrivate },
    ...(lookup === undefined ? {} : { lookup }),
  });
}

/** A name server of one name, in the two ways Node asks. */
function resolvingTo(...addresses: readonly string[]): LookupFunction & { readonly asked: string[] } {
  const asked: string[] = [];
  const lookup: LookupFunction = (hostname, options, callback) => {
    asked.push(hostname);
    const found: LookupAddress[] = addresses.map((address) => ({ address, family: address.includes(":") ? 6 : 4 }));
    if (options.all === true) callback(null, found);
    else callback(null, found[0]?.address ?? "", found[0]?.family);
  };
  return Object.assign(lookup, { asked });
}

describe("an address that is not public", () => {
  test("is refused before a connection is made, however it is written", async () => {
    await using server = await openEndpoint(json({ text: "Hi." }));
    for (const host of ["127.0.0.1", "0x7f.1", "2130706433", "0.0.0.0", "[::ffff:127.0.0.1]", "[::ffff:7f00:1]"]) {
      const url = `http://${host}:${server.port}/turns`;
      await assert.rejects(partsOf(agentAt(url), agentTurn("hello")), {
        name: "AgentError",
        message: /is not a public address\. If that is meant, set agent\.allowPrivate to true\.$/,
        retryable: false,
      });
    }
    assert.equal(server.connections(), 0);
  });

  test("is refused when it is of a cloud's metadata or of a private network", async () => {
    for (const host of ["169.254.169.254", "10.0.0.1", "192.168.1.1", "[fd00:ec2::254]", "[fe80::1]", "[::1]"]) {
      await assert.rejects(partsOf(agentAt(`http://${host}/turns`), agentTurn("hello")), /is not a public address/);
    }
  });

  test("is refused when a name stands for it: localhost, by the system's own lookup", async () => {
    await using server = await openEndpoint(json({ text: "Hi." }));
    const url = `http://localhost:${server.port}/turns`;
    await assert.rejects(partsOf(agentAt(url), agentTurn("hello")), /is at (127\.0\.0\.1|::1), which is not a public/);
    assert.equal(server.connections(), 0);
  });

  test("is refused over TLS as well", async () => {
    await using server = await openEndpoint(json({ text: "Hi." }));
    for (const host of ["127.0.0.1", "localhost"]) {
      const agent = agentAt(`https://${host}:${server.port}/turns`);
      await assert.rejects(partsOf(agent, agentTurn("hello")), /which is not a public address/);
    }
    assert.equal(server.connections(), 0);
    // An allowed one is spoken to in TLS, which this server does not know.
    const allowed = agentAt(`https://127.0.0.1:${server.port}/turns`, undefined, true);
    await assert.rejects(partsOf(allowed, agentTurn("hello")), { message: /no agreement on TLS/, retryable: true });
    assert.equal(server.asked.length, 0);
  });

  test("is refused when any of a name's addresses is such a one", async () => {
    await using server = await openEndpoint(json({ text: "Hi." }));
    const url = `http://agents.example:${server.port}/turns`;
    for (const addresses of [["127.0.0.1"], ["1.1.1.1", "127.0.0.1"], ["2606:4700:4700::1111", "::ffff:127.0.0.1"]]) {
      const lookup = resolvingTo(...addresses);
      await assert.rejects(partsOf(agentAt(url, lookup), agentTurn("hello")), {
        message: `http://agents.example:${server.port} is at ${addresses.at(-1)}, which is not a public address. If that is meant, set agent.allowPrivate to true.`,
        retryable: false,
      });
      // The address that was judged is the one of this attempt: no second lookup is made.
      assert.deepEqual(lookup.asked, ["agents.example"]);
    }
    assert.equal(server.connections(), 0);
  });

  test("is refused on the attempt on which the name begins to stand for it", async () => {
    await using server = await openEndpoint(json({ text: "Hi." }));
    const left = new AbortController();
    let answers = 0;
    // The first answer is public; the run is ended before a packet leaves.
    const lookup: LookupFunction = (hostname, options, callback) => {
      answers += 1;
      if (answers === 1) left.abort(new Error("stop"));
      resolvingTo(answers === 1 ? "1.1.1.1" : "127.0.0.1")(hostname, options, callback);
    };
    const agent = agentAt(`http://agents.example:${server.port}/turns`, lookup);
    await assert.rejects(partsOf(agent, agentTurn("hello"), left.signal), /stop/);
    await assert.rejects(partsOf(agent, agentTurn("hello")), /is at 127\.0\.0\.1, which is not a public address/);
    assert.deepEqual([answers, server.connections()], [2, 0]);
  });
});

describe("an address of this machine that is allowed", () => {
  test("is asked by its number", async () => {
    await using server = await openEndpoint(json({ text: "Hi." }));
    assert.equal(textOf(await partsOf(agentAt(server.url, undefined, true), agentTurn("hello"))), "Hi.");
  });

  test("is asked by a name, which is looked up once and sent along", async () => {
    await using server = await openEndpoint(json({ text: "Hi." }));
    const lookup = resolvingTo("127.0.0.1");
    const url = `http://agents.example:${server.port}/turns`;
    assert.equal(textOf(await partsOf(agentAt(url, lookup, true), agentTurn("hello"))), "Hi.");
    assert.deepEqual(lookup.asked, ["agents.example"]);
    assert.equal(server.asked[0]?.headers.get("host"), `agents.example:${server.port}`);
  });
});

describe("an endpoint that cannot be used", () => {
  test("is refused when the agent is made, without what it holds", () => {
    const cases = [
      ["ftp://agents.example/", SECRET],
      ["agents.example", SECRET],
      ["https://ann:hunter2@agents.example/", SECRET],
      ["https://agents.example/", "hunter2!"],
      ["https://agents.example/", ""],
    ] as const;
    for (const [url, secret] of cases) {
      assert.throws(
        () => createHttpAgent({ endpoint: { url, secret } }),
        (error: Error) => error.name === "ParlorError" && !error.message.includes("hunter2"),
      );
    }
  });

  test("is shown without its path and query, which may hold a secret", async () => {
    await using server = await openEndpoint((response) => void response.writeHead(500).end());
    const agent = agentAt(`${server.url}?code=hunter2`, undefined, true);
    await assert.rejects(partsOf(agent, agentTurn("hello")), {
      message: `http://127.0.0.1:${server.port} failed (500).`,
    });
    assert.equal(server.asked[0]?.path, "/turns?code=hunter2");
  });
});
