/**
 * A Central System made of the npm package `ocpp-rpc`, in strict mode: it checks every payload, its own and ours,
 * against the official JSON schemas.
 */
import https from "node:https";
import type { AddressInfo } from "node:net";
import { nextTick } from "node:process";
import type { TLSSocket } from "node:tls";
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
  close(how: { readonly code: number }): Promise<unknown>;
}

/** Somebody who wants to connect. */
export interface RpcVisitor {
  readonly identity: string;
  readonly subprotocols: ReadonlySet<string>;
  /** The bytes of it, where its user is the identity. */
  readonly password: Uint8Array | undefined;
  /** `undefined`: no TLS. */
  readonly tls: { readonly commonName: string | undefined } | undefined;
}

/** Who may connect, and how TLS is spoken. */
export interface RpcSecurity {
  /** The HTTP status that refuses; `undefined` lets in. */
  readonly admit: (visitor: RpcVisitor) => number | undefined;
  /** What it shows, and whom its peers' certificates have to lead to; PEM. */
  readonly tls: { readonly cert: string; readonly key: string; readonly ca: string };
}

/** A running server. */
export class RpcCentralSystem extends Happenings {
  readonly calls: RpcCall[] = [];
  readonly chargePoints: RpcChargePoint[] = [];
  /** Payloads of either side that broke a schema, and texts that were no frames. */
  readonly failures: string[] = [];
  #url = "";
  #tlsUrl = "";
  #close = () => Promise.resolve();
  #nextTransactionId = 1;

  /** Starts it on a free port; with security also on one for TLS. */
  static async start(answers: RpcAnswers = {}, security?: RpcSecurity): Promise<RpcCentralSystem> {
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
    if (security !== undefined) server.auth(authOf(security));
    const http = await server.listen(0, "127.0.0.1");
    started.#url = `ws://127.0.0.1:${(http.address() as AddressInfo).port}`;
    const secured = security === undefined
      ? undefined
      // Whoever shows a certificate of nobody's gets an answer, as the package gives it.
      : https.createServer({ ...security.tls, requestCert: true, rejectUnauthorized: false });
    if (secured !== undefined) {
      secured.on("upgrade", (request, stream, head) => {
        // The package ends a stream as soon as its refusal is written; on Deno TLS has not sent it by then.
        const destroy = stream.destroy.bind(stream);
        stream.destroy = (error) => stream.writableEnded ? destroy(error) : stream.end(() => destroy(error));
        server.handleUpgrade(request, stream as TLSSocket, head);
      });
      await new Promise<void>((listening) => secured.listen(0, "localhost", listening));
      started.#tlsUrl = `wss://localhost:${(secured.address() as AddressInfo).port}`;
    }
    started.#close = async () => {
      await server.close({ force: true });
      await new Promise((closed) => secured === undefined ? closed(undefined) : secured.close(closed));
    };
    return started;
  }

  get url(): string {
    return this.#url;
  }

  /** Where TLS is spoken. */
  get tlsUrl(): string {
    return this.#tlsUrl;
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

/** The package's question, as ours. */
function authOf({ admit }: RpcSecurity) {
  return (
    accept: () => void,
    reject: (status: number, message: string) => void,
    // deno-lint-ignore no-explicit-any -- the package has no types for it
    { identity, password, protocols, request }: any,
  ) => {
    const socket = request.socket as TLSSocket;
    const commonName = socket.authorized === true ? socket.getPeerCertificate()?.subject?.CN : undefined;
    const status = admit({
      ...{ identity, password, subprotocols: protocols },
      tls: socket.encrypted === true ? { commonName: commonName as string | undefined } : undefined,
    });
    if (status === undefined) accept();
    else reject(status, "you may not connect like this");
  };
}
