import assert from "node:assert/strict";
import { test } from "node:test";
import { describeConfig } from "../../src/config/config-values.ts";
import { load, refusal } from "./loading.ts";

const SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";
const URL = "https://agents.example/turns";

function file(agent: string): { readonly "parlor.config.ts": string } {
  return { "parlor.config.ts": `export default { agent: ${agent} };` };
}

test("an address and a secret are enough for an agent behind an endpoint", async (t) => {
  const loaded = await load(t, {
    env: { PARLOR_AGENT_SECRET_FILE: "secret" },
    files: { ...file(`{ kind: "http", url: "${URL}" }`), secret: `${SECRET}\n` },
  });
  const { agent } = loaded.config;
  assert.ok(agent.kind === "http");
  assert.equal(agent.secret.reveal(), SECRET);
  assert.deepEqual(
    describeConfig(loaded).filter(({ key }) => key.startsWith("agent")),
    [
      { key: "agent.kind", value: "http", origin: "parlor.config.ts" },
      { key: "agent.url", value: URL, origin: "parlor.config.ts" },
      { key: "agent.allowPrivate", value: false, origin: "default" },
      { key: "agent.idleTimeoutMs", value: 60_000, origin: "default" },
      { key: "agent.totalTimeoutMs", value: 600_000, origin: "default" },
      { key: "agent.secret", value: "set", origin: "file PARLOR_AGENT_SECRET_FILE" },
    ],
  );
  assert.deepEqual(loaded.notes, []);
});

test("it is refused without a secret, with one that cannot sign, and with one in the file", async (t) => {
  const files = file(`{ kind: "http", url: "${URL}" }`);
  assert.match(
    await refusal(t, { files }),
    /^agent\.kind \(parlor\.config\.ts\) is "http", which needs a secret; set PARLOR_AGENT_SECRET to base64/,
  );
  const weak = await refusal(t, { files, env: { PARLOR_AGENT_SECRET: "c2hvcnQ=" } });
  assert.match(weak, /^PARLOR_AGENT_SECRET \(environment\) must be base64 of 24 bytes or more/);
  assert.ok(!weak.includes("c2hvcnQ="));
  const written = await refusal(t, {
    files: file(`{ kind: "http", url: "${URL}", secret: "${SECRET}" }`),
    env: { PARLOR_AGENT_SECRET: SECRET },
  });
  assert.match(written, /may not be written in a file: .*set PARLOR_AGENT_SECRET there/);
  assert.ok(!written.includes(SECRET));
});

test("an address that cannot be used is refused with everything else that is wrong", async (t) => {
  const message = await refusal(t, { files: file(`{ kind: "http", url: "agents.example", totalTimeoutMs: 0 }`) });
  for (const problem of [
    /agent\.url \(parlor\.config\.ts\) must be an http or https URL/,
    /agent\.totalTimeoutMs .* must be a whole number from 1/,
    /PARLOR_AGENT_SECRET/,
  ]) {
    assert.match(message, problem);
  }
});

test("an address of this machine or of a private network has to be allowed", async (t) => {
  const env = { PARLOR_AGENT_SECRET: SECRET };
  for (const host of ["localhost:9000", "127.0.0.1", "[::1]", "192.168.1.2", "[::ffff:10.0.0.1]", "169.254.169.254"]) {
    assert.equal(
      await refusal(t, { env, files: file(`{ kind: "http", url: "http://${host}/" }`) }),
      "agent.url (parlor.config.ts) is on this machine or in a private network, which has to be allowed; " +
        "set agent.allowPrivate to true.",
    );
    const { config } = await load(t, {
      env,
      files: file(`{ kind: "http", url: "http://${host}/", allowPrivate: true }`),
    });
    assert.ok(config.agent.kind === "http" && config.agent.allowPrivate);
  }
});

test("a public address without TLS is noted", async (t) => {
  const { notes } = await load(t, {
    env: { PARLOR_AGENT_SECRET: SECRET },
    files: file(`{ kind: "http", url: "HTTP://agents.example/" }`),
  });
  assert.deepEqual(notes, ["agent.url (parlor.config.ts) is not https: what is said can be read on the way there."]);
});

test("a variable for another agent is said not to be used", async (t) => {
  const http = await load(t, {
    env: { PARLOR_AGENT_SECRET: SECRET, PARLOR_MODEL: "m", OPENAI_API_KEY: "o" },
    files: file(`{ kind: "http", url: "${URL}" }`),
  });
  assert.equal(http.config.agent.kind, "http");
  assert.deepEqual(http.notes, ["PARLOR_MODEL is set but not used: the agent is an HTTP endpoint."]);
  const echo = await load(t, { env: { PARLOR_AGENT_SECRET: SECRET } });
  assert.deepEqual(echo.notes, [
    'PARLOR_AGENT_SECRET is set but not used: only an agent of kind "http" is sent anything signed.',
  ]);
});

test("a kind that does not exist is refused with those that do", async (t) => {
  assert.match(
    await refusal(t, { files: file(`{ kind: "htpp" }`) }),
    /agent\.kind .* must be one of echo, model, command, acp, http/,
  );
});
