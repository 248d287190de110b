/** Starts a gateway on a port that is in use, then one that answers and is stopped; ends by itself. */
import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { ParlorError } from "../../src/core/errors.ts";
import { loadConfig } from "../../src/config/load-config.ts";
import { createGateway } from "../../src/gateway/gateway.ts";

const home = process.argv[2] ?? "";
const { config } = await loadConfig({ env: { PARLOR_HOME: home, PORT: "0", LOG_LEVEL: "silent" }, cwd: home });

const other = createServer();
await once(other.listen(0, "127.0.0.1"), "listening");
const { port } = other.address() as AddressInfo;
try {
  await createGateway({ ...config, server: { ...config.server, port } }).start();
} catch (error) {
  process.stdout.write(`${error instanceof ParlorError ? error.code : String(error)}\n`);
}
other.close();

const gateway = createGateway(config);
const { url } = await gateway.start();
const response = await fetch(`${url}/api/chats/lobby/messages?wait=30`, {
  method: "POST",
  headers: { "content-type": "application/json" },
  body: JSON.stringify({ from: "ada", text: "hello" }),
});
process.stdout.write(`${((await response.json()) as { readonly state: string }).state}\n`);
await gateway.fetch(new Request("http://localhost/api/search?q=hello"));
await gateway.stop();
process.stdout.write("stopped\n");
