/**
 * A Charge Point made of the npm package `ocpp-rpc`, in strict mode: it checks every payload, its own and ours,
 * against the official JSON schemas.
 */
import assert from "node:assert/strict";
import { needs } from "./needs.ts";
import { startServer, type TestServer, type TestServerOptions } from "./server.ts";

/** For tests with `ocpp-rpc`: it and its dependencies look into environment and files when imported. */
export const foreign = needs("net", "read", "env", "sys");

/** What it says of itself at boot. */
export const BOOT = { chargePointVendor: "Foreign", chargePointModel: "ocpp-rpc" };

/** One Charge Point of `ocpp-rpc`, what it sent and received, and what broke a schema. */
export async function connect(
  server: TestServer,
  identity: string,
  options: { callConcurrency?: number; strictMode?: boolean } = {},
) {
  const { RPCClient } = await import("ocpp-rpc");
  const client = new RPCClient(
    {
      endpoint: server.url,
      identity,
      protocols: ["ocpp1.6"],
      strictMode: true,
      reconnect: false,
      pingIntervalMs: 0,
      callTimeoutMs: 15_000,
      ...options,
    } as ConstructorParameters<typeof RPCClient>[0],
  );
  const failures: string[] = [];
  const messages: { text: string; outbound: boolean }[] = [];
  client.on("strictValidationFailure", ({ method, error }) => failures.push(`${method}: ${error.message}`));
  client.on("badMessage", ({ error }) => failures.push(`bad message: ${error.message}`));
  client.on("message", ({ message, outbound }) => messages.push({ text: String(message), outbound }));
  await client.connect();
  return {
    client,
    failures,
    messages,
    // deno-lint-ignore no-explicit-any -- tests look into payloads freely
    call: (action: string, payload: unknown): Promise<any> => client.call(action, payload as never),
    /** uniqueIds in the order in which they were answered. */
    answered: () =>
      messages.filter(({ outbound }) => !outbound).map(({ text }) => JSON.parse(text)[1] as string),
    [Symbol.asyncDispose]: async () => {
      await client.close({});
    },
  };
}

/** A Central System, one Charge Point at it, and at the end no schema failure on either side. */
export function interop(
  name: string,
  fn: (server: TestServer, chargePoint: Awaited<ReturnType<typeof connect>>) => Promise<void>,
  options: { server?: TestServerOptions; client?: Parameters<typeof connect>[2] } = {},
) {
  Deno.test({
    ...foreign(name),
    async fn() {
      await using server = startServer({ ...options.server });
      await using chargePoint = await connect(server, "RPC1", options.client);
      await fn(server, chargePoint);
      assert.deepEqual(chargePoint.failures, []);
    },
  });
}
