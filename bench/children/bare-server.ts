/** The least that `node:http` can do: it reads the body and answers a small JSON. */
import { createServer } from "node:http";
import { once } from "node:events";
import type { AddressInfo } from "node:net";
import { answerParent } from "./parent.ts";

const ANSWER = JSON.stringify({ session: `ses_${"0".repeat(26)}`, seq: 1 });
const HEADERS = { "content-type": "application/json", "content-length": Buffer.byteLength(ANSWER) };

const server = createServer((request, response) => {
  const chunks: Buffer[] = [];
  request.on("data", (chunk: Buffer) => chunks.push(chunk));
  request.on("end", () => {
    response.writeHead(202, HEADERS);
    response.end(ANSWER);
  });
});
server.listen(0, "127.0.0.1");
await once(server, "listening");

answerParent(
  { port: (server.address() as AddressInfo).port },
  () => Promise.resolve({}),
  async () => {
    server.closeAllConnections();
    server.close();
    await once(server, "close");
  },
);
