/**
 * WebSockets to a Central System over the package `ws`: with pings, HTTP Basic, and TLS with roots and a client
 * certificate of one's own.
 *
 * Rules: the server's certificate and its host name are always checked; nothing here can switch that off. The
 * package is loaded when the first link is made.
 * Why not the runtime's `WebSocket` with an HTTP client of its own: that one sends no pings, hides why TLS failed
 * behind a second attempt for HTTP/2, and refuses certificates that name their host in CN alone, which is how
 * OCPP has them (Security §2.4).
 */
import type { IncomingMessage } from "node:http";
// @ts-types="@types/ws"
import type { ClientOptions, RawData, WebSocket } from "ws";
import { OCPP_SUBPROTOCOL } from "../runtime/subprotocol.ts";
import type {
  ClientHandlers,
  ClientTransport,
  Connection,
  LinkFailure,
  LinkOptions,
} from "../runtime/transport.ts";
import { CertificateProbe } from "./certificate_probe.ts";
import {
  failureOfBreak,
  failureOfClose,
  failureOfStatus,
  ignoreBinary,
  MESSAGE_BYTES_MAX,
  refusalOfSubprotocol,
} from "./link_failure.ts";
import { failureOfConnecting, failureOfOpenLink, isUnverified } from "./ws_failure.ts";
import { basicHeader, readExplanation } from "./ws_handshake.ts";

const NORMAL_CLOSURE = 1000;
/** What `ws` reports where no close frame came. */
const NO_CLOSE_FRAME = 1006;

type Ws = { readonly WebSocket: typeof WebSocket };

/** What one attempt is made from. */
interface LinkMaking {
  readonly url: string;
  readonly handlers: ClientHandlers;
  readonly options: LinkOptions;
  readonly validation: "strict" | "tolerant";
  readonly probe: CertificateProbe;
}

/** A client that asks for `ocpp1.6`; strict insists that the server chooses it. */
export class WsClient implements ClientTransport {
  readonly #validation: "strict" | "tolerant";
  readonly #probe = new CertificateProbe();
  #loading: Promise<Ws> | undefined;

  constructor({ validation }: { validation: "strict" | "tolerant" }) {
    this.#validation = validation;
  }

  connect(url: string, handlers: ClientHandlers, options: LinkOptions): () => void {
    const link = new WsLink({ url, handlers, options, validation: this.#validation, probe: this.#probe });
    // @ts-types="@types/ws"
    this.#loading ??= import("ws");
    this.#loading.then((ws) => link.begin(ws)).catch((error) => link.fail(error));
    return () => link.giveUp();
  }
}

/** One attempt, and the connection that comes of it. */
class WsLink implements Connection {
  readonly #making: LinkMaking;
  #socket: WebSocket | undefined;
  #isOver = false;
  #wasOpen = false;
  /** Whether the TLS handshake was completed, as far as our end is concerned. */
  #hasTls = false;
  /** What the server chose, before `ws` looks at it. */
  #subprotocol = "";
  #error: unknown;
  #pingTimer: ReturnType<typeof setInterval> | undefined;
  #isPongDue = false;

  constructor(making: LinkMaking) {
    this.#making = making;
  }

  begin({ WebSocket }: Ws): void {
    if (this.#isOver) return;
    const socket = new WebSocket(this.#making.url, [OCPP_SUBPROTOCOL], this.#clientOptions());
    this.#socket = socket;
    socket.on("upgrade", (response) => this.#takeSubprotocol(response));
    socket.on("open", () => this.#opened());
    socket.on("message", (data, isBinary) => this.#received(data, isBinary));
    socket.on("pong", () => this.#isPongDue = false);
    socket.on("unexpected-response", (_request, response) => this.#refused(response));
    socket.on("error", (error) => this.#error = error);
    socket.on("close", (code, reason) => this.#closed({ code, reason: reason.toString() }));
  }

  /** The attempt could not even be made. */
  fail(error: unknown): void {
    this.#end(failureOfConnecting(error, { hasTls: false, hasClientCertificate: false }));
  }

  giveUp(): void {
    this.#isOver = true;
    this.#stopPings();
    this.#socket?.terminate();
  }

  send(text: string): void {
    if (this.#socket?.readyState === this.#socket?.OPEN) this.#socket?.send(text);
  }

  close(code: number, reason: string): void {
    this.#socket?.close(code, reason);
  }

  setPing(intervalSeconds: number): void {
    this.#stopPings();
    if (intervalSeconds <= 0 || this.#isOver) return;
    this.#isPongDue = false;
    this.#pingTimer = setInterval(() => this.#ping(intervalSeconds), intervalSeconds * 1_000);
  }

  #clientOptions(): ClientOptions {
    const { credentials, tls } = this.#making.options;
    return {
      maxPayload: MESSAGE_BYTES_MAX,
      perMessageDeflate: false,
      ...(credentials === undefined ? {} : { headers: { authorization: basicHeader(credentials) } }),
      // An empty list would mean to trust nobody; without one it is whom the system trusts.
      ...(tls === undefined || tls.roots.length === 0 ? {} : { ca: [...tls.roots] }),
      ...(tls?.clientCertificate === undefined
        ? {}
        : { cert: tls.clientCertificate.chain, key: tls.clientCertificate.privateKey }),
      finishRequest: (request) => {
        request.on("socket", (socket) => socket.once("secureConnect", () => this.#hasTls = true));
        request.end();
      },
    };
  }

  /** `ws` itself refuses what tolerant validation takes, so it is told what it wants to hear. */
  #takeSubprotocol({ headers }: IncomingMessage): void {
    this.#subprotocol = headers["sec-websocket-protocol"] ?? "";
    headers["sec-websocket-protocol"] = OCPP_SUBPROTOCOL;
  }

  #opened(): void {
    if (this.#isOver) return;
    const refusal = refusalOfSubprotocol(this.#subprotocol, this.#making.validation);
    if (refusal !== undefined) {
      this.#socket?.close(NORMAL_CLOSURE, `subprotocol ${OCPP_SUBPROTOCOL} was not chosen`);
      return this.#end(refusal);
    }
    this.#wasOpen = true;
    this.setPing(this.#making.options.pingIntervalSeconds);
    this.#making.handlers.onOpen(this);
  }

  #received(data: RawData, isBinary: boolean): void {
    if (this.#isOver) return;
    // With the default `binaryType` a message is one Buffer.
    if (isBinary) ignoreBinary((data as Uint8Array).byteLength);
    else this.#making.handlers.onText(data.toString());
  }

  #ping(intervalSeconds: number): void {
    const socket = this.#socket;
    if (socket?.readyState !== socket?.OPEN) return;
    if (!this.#isPongDue) {
      this.#isPongDue = true;
      return socket?.ping();
    }
    this.#end(failureOfBreak(`no answer to a ping within ${intervalSeconds} s`));
    socket?.terminate();
  }

  #stopPings(): void {
    clearInterval(this.#pingTimer);
    this.#pingTimer = undefined;
  }

  /** An answer in plain HTTP: what it says is often the reason. */
  #refused(response: IncomingMessage): void {
    readExplanation(response, this.#making.options.credentials, (explanation) => {
      this.#end(failureOfStatus(response.statusCode ?? 0, { explanation }));
      this.#socket?.terminate();
    });
  }

  #closed({ code, reason }: { code: number; reason: string }): void {
    if (this.#isOver) return;
    if (this.#wasOpen) {
      if (this.#error !== undefined) return this.#end(failureOfOpenLink(this.#error));
      return this.#end(code === NO_CLOSE_FRAME ? failureOfBreak("") : failureOfClose({ code, reason }));
    }
    const { url, options, probe } = this.#making;
    const failure = failureOfConnecting(this.#error, {
      hasTls: this.#hasTls,
      hasClientCertificate: options.tls?.clientCertificate !== undefined,
    });
    if (!isUnverified(this.#error)) return this.#end(failure);
    probe.explain(url, options.tls?.roots ?? []).then((better) => this.#end(better ?? failure));
  }

  #end(failure: LinkFailure): void {
    if (this.#isOver) return;
    this.#isOver = true;
    this.#stopPings();
    this.#making.handlers.onClose(failure);
  }
}
