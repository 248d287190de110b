import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { Webhook } from "standardwebhooks";
import { isWebhookSecret, signWebhook, verifyWebhook } from "../../src/lib/webhook-signature.ts";

const SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";
const OTHER = "whsec_C2FVsBQIhrscChlQIMV+b5sSYspob7oD";
const BODY = '{"from":"ada","text":"héllo 👋"}';
const NOW = Date.UTC(2026, 0, 5, 12);

const verify = (headers: Record<string, string>, body = BODY, nowMs = NOW) =>
  verifyWebhook(SECRET, new Headers(headers), body, nowMs);

describe("webhook signatures", () => {
  it("are those of the standard: what either side signs the other one accepts", () => {
    const now = Date.now();
    const ours = { ...signWebhook(SECRET, "msg_1", BODY, now) };
    assert.deepEqual(new Webhook(SECRET).verify(BODY, ours), JSON.parse(BODY));
    const theirs = new Webhook(SECRET).sign("msg_1", new Date(now), BODY);
    const headers = { ...ours, "webhook-signature": theirs };
    assert.deepEqual(verify(headers, BODY, now), { outcome: "verified", id: "msg_1" });
  });

  it("agree with the example of the specification", () => {
    const { "webhook-signature": signature } = signWebhook(
      SECRET,
      "msg_p5jXN8AQM9LWM0D4loKWxJek",
      '{"test": 2432232314}',
      1_614_265_330_000,
    );
    assert.equal(signature, "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=");
  });

  it("hold for the id, the time and the body they were made for", () => {
    const headers = { ...signWebhook(SECRET, "msg_1", BODY, NOW) };
    const bad = { outcome: "rejected", reason: "bad_signature" };
    assert.deepEqual(verify(headers, `${BODY} `), bad);
    assert.deepEqual(verify({ ...headers, "webhook-id": "msg_2" }), bad);
    assert.deepEqual(verify({ ...headers, "webhook-timestamp": String(NOW / 1_000 - 1) }), bad);
    assert.deepEqual(verify({ ...signWebhook(OTHER, "msg_1", BODY, NOW) }), bad);
    assert.deepEqual(verify({ ...headers, "webhook-signature": "v1," }), bad);
    assert.deepEqual(
      verify({ ...headers, "webhook-signature": headers["webhook-signature"].replace("v1,", "v1a,") }),
      bad,
    );
  });

  it("are accepted when one of several is right, as while a secret is being changed", () => {
    const headers = { ...signWebhook(SECRET, "msg_1", BODY, NOW) };
    const other = signWebhook(OTHER, "msg_1", BODY, NOW)["webhook-signature"];
    const both = { ...headers, "webhook-signature": `${other} ${headers["webhook-signature"]}` };
    assert.equal(verify(both).outcome, "verified");
  });

  it("expire after 300 s, and come from no further ahead", () => {
    const headers = { ...signWebhook(SECRET, "msg_1", BODY, NOW) };
    assert.equal(verify(headers, BODY, NOW + 300_000).outcome, "verified");
    assert.deepEqual(verify(headers, BODY, NOW + 300_001), { outcome: "rejected", reason: "expired" });
    assert.equal(verify(headers, BODY, NOW - 300_000).outcome, "verified");
    assert.deepEqual(verify(headers, BODY, NOW - 300_001), { outcome: "rejected", reason: "expired" });
  });

  it("need all three headers, and a time that is a number", () => {
    const headers = { ...signWebhook(SECRET, "msg_1", BODY, NOW) };
    for (const name of Object.keys(headers)) {
      assert.deepEqual(verify({ ...headers, [name]: "" }), { outcome: "rejected", reason: "missing_headers" });
    }
    for (const timestamp of ["soon", "-1", "1e9", "99999999999999999999"]) {
      const reason = { outcome: "rejected", reason: "bad_timestamp" };
      assert.deepEqual(verify({ ...headers, "webhook-timestamp": timestamp }), reason);
    }
  });

  it("need a secret in base 64, and an error never quotes it", () => {
    assert.equal(isWebhookSecret(SECRET), true);
    for (const secret of ["", "whsec_", "not base 64!"]) {
      assert.equal(isWebhookSecret(secret), false);
      assert.throws(
        () => signWebhook(secret, "msg_1", BODY, NOW),
        (error: Error) => error instanceof TypeError && !error.message.includes("not base 64!"),
      );
    }
  });
});
