/**
 * The way in of a gateway without the rest: port, route, inbox and store, but nobody takes turns.
 * `stored` is that; `not-stored` has the same port, route and validation and accepts at once;
 * `one-by-one` gives every message a transaction, and so an fsync, of its own.
 */
import { join } from "node:path";
import { createEchoAgent } from "../../src/agent/echo.ts";
import { createCommands } from "../../src/command/commands.ts";
import { draftSession } from "../../src/core/session.ts";
import { sessionKey } from "../../src/core/session-key.ts";
import { createApp } from "../../src/http/app.ts";
import type { GatewayPorts } from "../../src/http/gateway-ports.ts";
import { openServer } from "../../src/http/server.ts";
import { createInbox } from "../../src/inbox/inbox.ts";
import { systemClock } from "../../src/lib/clock.ts";
import { openSqliteStore } from "../../src/sqlite.ts";
import type { AcceptOutcome, Store } from "../../src/store/store.ts";
import { createTelemetry } from "../../src/telemetry/create-telemetry.ts";
import { createLog } from "../../src/telemetry/log.ts";
import { answerParent } from "./parent.ts";

const [kind, folder] = process.argv.slice(2);
if (folder === undefined) throw new Error("Expected a kind of server and a folder.");

const clock = systemClock;
const telemetry = createTelemetry({ log: createLog({ level: "error" }), clock });
await using store = await openSqliteStore({ path: join(folder, "parlor.db"), clock });

const app = createApp(portsOf(receiver()), { version: "0.0.0", hosts: [] });
const server = await openServer(app, { host: "127.0.0.1", port: 0, onFault: fail });
const closed = Promise.withResolvers<void>();
answerParent(
  { port: server.port },
  () => Promise.resolve({}),
  async () => {
    await server.close(0);
    closed.resolve();
  },
);
await closed.promise;

function receiver(): GatewayPorts["receive"] {
  switch (kind) {
    case "stored":
      return inboxOf(store);
    case "one-by-one":
      return inboxOf({ ...store, accept: oneByOne((message) => store.accept(message)) });
    case "not-stored":
      return ({ source }) => {
        const id = `ses_${"0".repeat(26)}`;
        const session = draftSession({ id, key: sessionKey(source), epoch: 1, source, title: null, reset: null });
        const accepted: AcceptOutcome = { outcome: "accepted", session, seq: 1, opened: false };
        return Promise.resolve(accepted);
      };
    default:
      throw new Error(`Expected stored, not-stored or one-by-one; found ${kind}.`);
  }
}

function inboxOf(accepting: Store): GatewayPorts["receive"] {
  const commands = createCommands({ store: accepting, cancel: accepting.cancelTurn, retry: accepting.retryTurn });
  const inbox = createInbox({ store: accepting, commands, telemetry, onAccepted: () => {} });
  return (event) => inbox.receive(event);
}

/** Lets one call begin when the one before it is over. */
function oneByOne(accept: Store["accept"]): Store["accept"] {
  let last: Promise<unknown> = Promise.resolve();
  return (message) => {
    const outcome = last.then(() => accept(message));
    last = outcome.catch(() => {});
    return outcome;
  };
}

function portsOf(receive: GatewayPorts["receive"]): GatewayPorts {
  const agent = createEchoAgent();
  return {
    agents: [agent],
    agentFor: () => agent,
    receive,
    look: (source) => store.getOrCreate(source),
    sessions: store,
    reader: store.reader,
    awaitReply: () => Promise.resolve(null),
    listen: () => () => {},
    events: { open: () => Promise.reject(new Error("Nobody reads events here.")) },
    counts: telemetry.counts,
    verifyHook: () => false,
    metrics: () => telemetry.metrics(),
    isReady: () => Promise.resolve(true),
    onFault: fail,
  };
}

function fail(error: unknown): void {
  console.error(error);
  process.exit(1);
}
