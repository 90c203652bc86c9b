/**
 * A Central System made of the npm package `ocpp-rpc`, in strict mode: it checks every payload, its own and ours,
 * against the official JSON schemas.
 */
import type { AddressInfo } from "node:net";
import { nextTick } from "node:process";
import { needs } from "./needs.ts";
import { Happenings } from "./within.ts";

/** For tests with `ocpp-rpc` and the program: the package looks into environment and files when imported. */
export const foreignServer = needs("net", "read", "env", "sys", "run");

/** A Call that came. */
export interface RpcCall {
  readonly identity: string;
  readonly action: string;
  // deno-lint-ignore no-explicit-any -- tests look into payloads freely
  readonly payload: any;
}

/** Answers by Action; what is missing gets the friendly default. */
export type RpcAnswers = Readonly<Record<string, (call: RpcCall) => object>>;

/** What tests use of a connected Charge Point. */
export interface RpcChargePoint {
  readonly identity: string;
  // deno-lint-ignore no-explicit-any -- tests look into payloads freely
  call(action: string, payload: object): Promise<any>;
}

/** A running server. */
export class RpcCentralSystem extends Happenings {
  readonly calls: RpcCall[] = [];
  readonly chargePoints: RpcChargePoint[] = [];
  /** Payloads of either side that broke a schema, and texts that were no frames. */
  readonly failures: string[] = [];
  #url = "";
  #close = () => Promise.resolve();
  #nextTransactionId = 1;

  /** Starts it on a free port. */
  static async start(answers: RpcAnswers = {}): Promise<RpcCentralSystem> {
    const { RPCServer } = await import("ocpp-rpc");
    const server = new RPCServer({ protocols: ["ocpp1.6"], strictMode: true, callTimeoutMs: 15_000 });
    const started = new RpcCentralSystem();
    server.on("client", (client) => {
      // The package listens for messages from the next tick on; on Deno the first may be there before that.
      client._ws.pause();
      nextTick(() => client._ws.resume());
      client.on("strictValidationFailure", ({ method, error }: { method: string; error: Error }) => {
        started.failures.push(`${method}: ${error.message}`);
      });
      client.on("badMessage", ({ error }: { error: Error }) => {
        started.failures.push(`bad message: ${error.message}`);
      });
      client.handle(({ method, params }: { method: string; params: object }) => {
        const call = { identity: client.identity as string, action: method, payload: params };
        started.calls.push(call);
        started.happened();
        return answers[method]?.(call) ?? started.#friendly(method);
      });
      started.chargePoints.push(client);
      started.happened();
    });
    const http = await server.listen(0, "127.0.0.1");
    started.#url = `ws://127.0.0.1:${(http.address() as AddressInfo).port}`;
    started.#close = () => server.close({ force: true });
    return started;
  }

  get url(): string {
    return this.#url;
  }

  #friendly(action: string): object {
    const now = new Date().toISOString();
    switch (action) {
      case "BootNotification":
        return { status: "Accepted", currentTime: now, interval: 300 };
      case "Heartbeat":
        return { currentTime: now };
      case "Authorize":
      case "StopTransaction":
        return { idTagInfo: { status: "Accepted" } };
      case "StartTransaction":
        return { transactionId: this.#nextTransactionId++, idTagInfo: { status: "Accepted" } };
      case "DataTransfer":
        return { status: "UnknownVendorId" };
      case "SignCertificate":
        return { status: "Accepted" };
      default:
        return {};
    }
  }

  /** Calls of one Action so far. */
  of(action: string): RpcCall[] {
    return this.calls.filter((call) => call.action === action);
  }

  /** Resolves with a Call that matches, which may have come already. */
  async received(action: string, matches: (call: RpcCall) => boolean = () => true): Promise<RpcCall> {
    const find = () => this.of(action).find(matches);
    await this.until(
      () => find() !== undefined,
      () =>
        `${action}; last came: ${
          this.calls.slice(-8).map(({ action, payload }) => `${action} ${JSON.stringify(payload)}`).join(" ")
        }`,
    );
    return find()!;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#close();
  }
}
