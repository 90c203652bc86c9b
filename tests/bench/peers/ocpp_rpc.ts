/**
 * The peer: an `ocpp-rpc` server with strict validation, which answers and stores nothing.
 */
import { RPCServer } from "ocpp-rpc";

const server = new RPCServer({ protocols: ["ocpp1.6"], strictMode: true });
// deno-lint-ignore no-explicit-any -- the package has no types for its clients
server.on("client", (client: any) => {
  const currentTime = () => new Date().toISOString();
  client.handle(
    "BootNotification",
    () => ({ status: "Accepted", interval: 300, currentTime: currentTime() }),
  );
  client.handle("Heartbeat", () => ({ currentTime: currentTime() }));
  client.handle("StartTransaction", () => ({ transactionId: 1, idTagInfo: { status: "Accepted" } }));
  client.handle("MeterValues", () => ({}));
});
const httpServer = await server.listen(0, "127.0.0.1");
console.log(`port ${(httpServer.address() as { port: number }).port}`);
