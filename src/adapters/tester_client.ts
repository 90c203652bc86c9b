/**
 * The tester's link to a Central System under test, over the package `ws`: it offers whatever subprotocols a case says,
 * shows whatever credentials and certificate a case says, and tells exactly what came of it.
 *
 * Rules: the server's certificate and its host name are always checked; nothing here can switch that off. Only the newest
 * connection is told of. What a case wants and nobody has given, e.g. another Charge Point's certificate, is a link that
 * cannot be reached: it says nothing about the system under test.
 */
import type { IncomingMessage } from "node:http";
import type { TLSSocket } from "node:tls";
// @ts-types="@types/ws"
import type { ClientOptions, RawData, WebSocket } from "ws";
import type { ConnectRequest, TesterLink, TesterLinkHandlers } from "../runtime/tester_link.ts";
import type { LinkFailure, LinkFailureReason } from "../runtime/transport.ts";
import { CertificateProbe } from "./certificate_probe.ts";
import { failed, failureOfStatus, MESSAGE_BYTES_MAX } from "./link_failure.ts";
import { failureOfConnecting, isUnverified } from "./ws_failure.ts";
import { basicHeader, type Credentials, readExplanation } from "./ws_handshake.ts";

const NORMAL_CLOSURE = 1000;

/** How long a server may take to answer a close frame of ours. Units: ms. */
const CLOSE_MAX_MS = 2_000;

/** Nobody was there: neither an answer nor a refusal. */
const UNREACHABLE: ReadonlySet<LinkFailureReason> = new Set<LinkFailureReason>([
  ...["refused", "unknownHost", "unreachable", "noAnswer", "notPermitted"] as const,
]);

/** A certificate with its chain and its key, PEM. */
export interface ShownCertificate {
  readonly chain: string;
  readonly privateKey: string;
}

/** Where the Central System is, whom the tester trusts, and what it can show. */
export interface TesterClientOptions {
  /** Where Charge Points connect, without an identity; at least one of them. */
  readonly urls: { readonly plain?: string; readonly tls?: string };
  /** PEM; none: whom the system trusts. */
  readonly roots: readonly string[];
  readonly certificates: {
    readonly own?: ShownCertificate;
    readonly another?: ShownCertificate;
    readonly untrusted?: ShownCertificate;
  };
}

type Ws = { readonly WebSocket: typeof WebSocket };

/** The link of a tester that plays Charge Points. */
export class TesterClient implements TesterLink {
  readonly #options: TesterClientOptions;
  readonly #probe = new CertificateProbe();
  readonly #attempts = new Set<Attempt>();
  #handlers: TesterLinkHandlers | undefined;
  #newest: Attempt | undefined;
  #loading: Promise<Ws> | undefined;

  constructor(options: TesterClientOptions) {
    this.#options = options;
  }

  attach(handlers: TesterLinkHandlers): void {
    this.#handlers = handlers;
  }

  send(text: string, { isBinary = false } = {}): void {
    this.#newest?.send(isBinary ? new TextEncoder().encode(text) : text);
  }

  close(reason: string): void {
    this.#newest?.close(reason);
    this.#newest = undefined;
  }

  connect(request: ConnectRequest): void {
    this.close("another connection takes its place");
    const attempt = new Attempt(request, {
      options: this.#options,
      probe: this.#probe,
      tell: (what) => this.#handlers === undefined ? undefined : what(this.#handlers),
      ended: () => this.#attempts.delete(attempt),
    });
    this.#newest = attempt;
    this.#attempts.add(attempt);
    // @ts-types="@types/ws"
    this.#loading ??= import("ws");
    this.#loading.then((ws) => attempt.begin(ws)).catch((error) => attempt.fail(error));
  }

  async stop(): Promise<void> {
    this.close("the test is over");
    await Promise.all([...this.#attempts].map(({ gone }) => gone));
  }
}

/** What one attempt is made in. */
interface AttemptWorld {
  readonly options: TesterClientOptions;
  readonly probe: CertificateProbe;
  readonly tell: (what: (handlers: TesterLinkHandlers) => void) => void;
  readonly ended: () => void;
}

/** One attempt to connect, and the connection that comes of it. */
class Attempt {
  readonly #request: ConnectRequest;
  readonly #world: AttemptWorld;
  readonly #gone = Promise.withResolvers<void>();
  #socket: WebSocket | undefined;
  #isClosed = false;
  #isTold = false;
  #wasOpen = false;
  #hasTls = false;
  /** What the server chose, before `ws` looks at it. */
  #subprotocol: string | undefined;
  #error: unknown;
  #closeTimer: ReturnType<typeof setTimeout> | undefined;

  constructor(request: ConnectRequest, world: AttemptWorld) {
    this.#request = request;
    this.#world = world;
  }

  /** Resolves when nothing of it is left. */
  get gone(): Promise<void> {
    return this.#gone.promise;
  }

  begin({ WebSocket }: Ws): void {
    if (this.#isClosed) return this.#leave();
    const ready = this.#ready();
    if (typeof ready === "string") {
      this.#fail({ ...failed("other", ready), isUnreachable: true });
      return this.#leave();
    }
    const socket = new WebSocket(ready.url, [...this.#request.subprotocols], ready.options);
    this.#socket = socket;
    socket.on("upgrade", (response) => this.#takeSubprotocol(response));
    socket.on("open", () => this.#opened());
    socket.on("message", (data, isBinary) => this.#received(data, isBinary));
    socket.on("unexpected-response", (_request, response) => this.#refused(response));
    socket.on("error", (error) => this.#error = error);
    socket.on("close", () => this.#socketClosed());
  }

  /** The attempt could not even be made. */
  fail(error: unknown): void {
    this.#fail(failureOfConnecting(error, { hasTls: false, hasClientCertificate: false }));
    this.#leave();
  }

  send(message: string | Uint8Array): void {
    if (this.#socket?.readyState === this.#socket?.OPEN) this.#socket?.send(message);
  }

  /** An orderly end where it is open, else an end. */
  close(reason: string): void {
    this.#isClosed = true;
    const socket = this.#socket;
    if (socket === undefined) return; // it has not begun, and will not
    if (!this.#wasOpen) return socket.terminate();
    socket.close(NORMAL_CLOSURE, reason);
    this.#closeTimer ??= setTimeout(() => socket.terminate(), CLOSE_MAX_MS);
  }

  /** Where to and with what; or what is missing. */
  #ready(): { readonly url: string; readonly options: ClientOptions } | string {
    const { identity, tls } = this.#request;
    const { urls, roots, certificates } = this.#world.options;
    const base = tls === undefined ? urls.plain : urls.tls;
    if (base === undefined) {
      return tls === undefined ? "no URL is known for a link without TLS" : "no URL is known for TLS";
    }
    const shown = tls?.certificate === undefined ? undefined : certificates[tls.certificate];
    if (tls?.certificate !== undefined && shown === undefined) {
      return `the tester has no ${CERTIFICATE_NAMES[tls.certificate]} to show`;
    }
    const credentials = this.#credentials;
    return {
      url: urlFor(base, identity),
      options: {
        maxPayload: MESSAGE_BYTES_MAX,
        perMessageDeflate: false,
        ...(credentials === undefined ? {} : { headers: { authorization: basicHeader(credentials) } }),
        // An empty list would mean to trust nobody; without one it is whom the system trusts.
        ...(tls === undefined || roots.length === 0 ? {} : { ca: [...roots] }),
        ...(shown === undefined ? {} : { cert: shown.chain, key: shown.privateKey }),
        finishRequest: (request) => {
          request.on("socket", (socket) => socket.once("secureConnect", () => this.#hasTls = true));
          request.end();
        },
      },
    };
  }

  get #credentials(): Credentials | undefined {
    const { credentials } = this.#request;
    if (credentials === undefined) return undefined;
    return { user: credentials.user, password: Uint8Array.fromHex(credentials.passwordHex) };
  }

  /** `ws` itself refuses what was not offered, in words of its own, so it is told what it wants to hear. */
  #takeSubprotocol({ headers }: IncomingMessage): void {
    this.#subprotocol = headers["sec-websocket-protocol"];
    headers["sec-websocket-protocol"] = this.#request.subprotocols[0];
  }

  #opened(): void {
    const { subprotocols, tls } = this.#request;
    const subprotocol = this.#subprotocol;
    if (this.#isClosed) return this.#socket?.terminate();
    this.#wasOpen = true;
    // OCPP-J 1.6 §3.1.2, RFC 6455 §4.1: a client ends a connection whose subprotocol it has not offered.
    if (subprotocol === undefined || !subprotocols.includes(subprotocol)) {
      const chosen = subprotocol === undefined ? "no subprotocol" : `the subprotocol ${subprotocol}`;
      const offered = subprotocols.join(", ");
      this.#fail(failed("subprotocol", `the server chose ${chosen}; ${offered} was offered`));
      return this.close(`none of ${offered} was chosen`);
    }
    const agreed = tls === undefined ? {} : { tls: agreedTls(this.#socket!) };
    this.#tell((handlers) => handlers.onUp({ subprotocol, ...agreed }));
  }

  #received(data: RawData, isBinary: boolean): void {
    // With the default `binaryType` a message is one Buffer.
    const bytes = data as Uint8Array;
    this.#tell((handlers) =>
      isBinary ? handlers.onBinary(bytes.byteLength) : handlers.onText(bytes.toString())
    );
  }

  #refused(response: IncomingMessage): void {
    readExplanation(response, this.#credentials, (explanation) => {
      this.#fail(failureOfStatus(response.statusCode ?? 0, { explanation }));
      this.#socket?.terminate();
    });
  }

  #socketClosed(): void {
    clearTimeout(this.#closeTimer);
    if (this.#wasOpen) {
      this.#tell((handlers) => handlers.onDown());
      return this.#leave();
    }
    if (this.#isTold || this.#isClosed) return this.#leave();
    const failure = failureOfConnecting(this.#error, {
      hasTls: this.#hasTls,
      hasClientCertificate: this.#request.tls?.certificate !== undefined,
    });
    const { probe, options: { urls, roots } } = this.#world;
    if (!isUnverified(this.#error) || urls.tls === undefined) {
      this.#fail(failure);
      return this.#leave();
    }
    probe.explain(urls.tls, roots).then((better) => {
      this.#fail(better ?? failure);
      this.#leave();
    });
  }

  #fail(failure: LinkFailure & { readonly isUnreachable?: boolean }): void {
    if (this.#isTold) return;
    this.#isTold = true;
    const { reason, message, httpStatus: status, isUnreachable = UNREACHABLE.has(reason) } = failure;
    this.#tell((handlers) =>
      handlers.onFailed({ cause: message, isUnreachable, ...(status === undefined ? {} : { status }) })
    );
  }

  /** Nothing more is told of what was closed here: another connection may have taken its place. */
  #tell(what: (handlers: TesterLinkHandlers) => void): void {
    if (!this.#isClosed) this.#world.tell(what);
  }

  #leave(): void {
    this.#world.ended();
    this.#gone.resolve();
  }
}

const CERTIFICATE_NAMES = {
  own: "certificate of its own",
  another: "certificate of another Charge Point",
  untrusted: "certificate of nobody's authority",
} as const;

/** The URL of one Charge Point; what a URL has behind its path stays. */
function urlFor(base: string, identity: string): string {
  const url = new URL(base);
  url.pathname = `${url.pathname.replace(/\/+$/, "")}/${encodeURIComponent(identity)}`;
  return url.href;
}

/** What both ends agreed on; `ws` has the socket below in a field that its types do not know. */
function agreedTls(socket: WebSocket): { version: string; cipherSuite?: string } {
  const { _socket: stream } = socket as unknown as { readonly _socket: TLSSocket };
  const cipherSuite = stream.getCipher?.()?.name;
  return { version: stream.getProtocol() ?? "none", ...(cipherSuite === undefined ? {} : { cipherSuite }) };
}
