/**
 * A Central System on free ports of this machine, as `ocpp serve` runs it, with everything that happens in it
 * at hand.
 */
import assert from "node:assert/strict";
import { addressRangeOf } from "../../src/adapters/address_range.ts";
import type { TlsOptions } from "../../src/adapters/tls_server.ts";
import { systemClock } from "../../src/adapters/system_clock.ts";
import type { Settings } from "../../src/central_system/decision.ts";
import type { Store } from "../../src/central_system/store.ts";
import {
  type CentralSystemOptions,
  type RunningCentralSystem,
  startCentralSystem,
  startHardenedCentralSystem,
} from "../../src/cli/serve/central_system.ts";
import type { AdmissionSettings } from "../../src/runtime/admission.ts";
import type { CentralSystemHost } from "../../src/runtime/central_system_host.ts";
import type { CertificateAuthority } from "../../src/runtime/certificate_authority.ts";
import type { Clock } from "../../src/runtime/clock.ts";
import type { FileStore } from "../../src/runtime/file_store.ts";
import type { ConnectionHandlers } from "../../src/runtime/listener.ts";
import type { Connection } from "../../src/runtime/transport.ts";
import type { UpkeepSettings } from "../../src/runtime/upkeep.ts";
import { type Need, needs } from "./needs.ts";
import { OfficialFrames } from "./official_frames.ts";
import { RecordingObserver } from "./recording_observer.ts";
import { SocketClient } from "./socket_client.ts";
import { within } from "./within.ts";

/** What a test wants otherwise than the defaults of `ocpp serve`. */
export interface TestServerOptions {
  readonly database?: string | Store;
  readonly settings?: Partial<Settings>;
  readonly admission?: Partial<AdmissionSettings>;
  readonly pingIntervalSeconds?: number;
  readonly apiToken?: string;
  readonly guessesMax?: number;
  readonly clock?: Clock;
  readonly certificateAuthority?: CertificateAuthority;
  /** As ranges of addresses. */
  readonly trustedProxies?: readonly string[];
  readonly files?: string | FileStore;
  readonly fileBytesMax?: number;
  readonly publicUrl?: string;
  readonly upkeep?: UpkeepSettings;
}

/** An answer of the API. */
export interface ApiAnswer {
  readonly status: number;
  readonly headers: Headers;
  // deno-lint-ignore no-explicit-any -- tests look into bodies freely
  readonly body: any;
}

/** A running Central System. */
export class TestServer {
  readonly port: number;
  /** Where Charge Points connect, without an identity. */
  readonly url: string;
  /** Where the API is. */
  readonly api: string;
  readonly host: CentralSystemHost;
  readonly observer: RecordingObserver;
  readonly #running: RunningCentralSystem;
  readonly #token: string | undefined;
  #stopped: Promise<void> | undefined;
  #unofficial: unknown;

  constructor(
    running: RunningCentralSystem,
    { observer, apiToken }: { observer: RecordingObserver; apiToken: string | undefined },
  ) {
    this.host = running.host;
    this.observer = observer;
    this.#running = running;
    this.#token = apiToken;
    this.port = running.listener.port;
    this.url = `ws://127.0.0.1:${this.port}`;
    this.api = `http://127.0.0.1:${this.port}`;
  }

  /** Has it listen with TLS as well; gives where, at `localhost`. */
  async listenWithTls(options: TlsOptions): Promise<string> {
    const { port } = await this.#running.listenWithTls({ port: 0, options });
    return `wss://localhost:${port}`;
  }

  /** Connects as a Charge Point. */
  connect(identity: string, protocols?: string | string[]): Promise<SocketClient> {
    return SocketClient.open(`${this.url}/${encodeURIComponent(identity)}`, protocols);
  }

  /** Connects as a Charge Point that shows a password. */
  connectWith(identity: string, password: string | Uint8Array): Promise<SocketClient> {
    const url = `${this.url}/${encodeURIComponent(identity)}`;
    return SocketClient.open(url, "ocpp1.6", { authorization: basicOf(identity, password) });
  }

  /** Connects without a network: texts, which are official, and closes happen exactly when the test says. */
  async attach(identity: string, connection: Connection): Promise<ConnectionHandlers> {
    const decision = await this.host.upgrade({
      path: `/${encodeURIComponent(identity)}`,
      subprotocols: ["ocpp1.6"],
      origin: undefined,
      authorization: undefined,
      remoteAddress: "192.0.2.1",
    });
    assert.ok(decision.granted);
    const official = new OfficialFrames();
    const handlers = decision.open({
      send: (text) => {
        this.#officially(() => official.assertOfficial("centralSystem", text));
        connection.send(text);
      },
      close: (code, reason) => connection.close(code, reason),
    });
    return {
      onText: (text) => {
        official.assertOfficial("chargePoint", text);
        handlers.onText(text);
      },
      onBinary: (bytes) => handlers.onBinary(bytes),
      onTooLarge: () => handlers.onTooLarge(),
      onClose: (code, reason) => handlers.onClose(code, reason),
    };
  }

  /** Keeps what is wrong until the end: here the host would take it for a failure of its own. */
  #officially(check: () => void): void {
    try {
      check();
    } catch (error) {
      this.#unofficial ??= error;
    }
  }

  /** Asks the API; with its token, unless headers are given. */
  async fetch(path: string, init: RequestInit = {}): Promise<ApiAnswer> {
    const headers = this.#token === undefined ? {} : { authorization: `Bearer ${this.#token}` };
    const response = await fetch(`${this.api}${path}`, { headers, ...init });
    const text = await response.text();
    const isJson = /json/.test(response.headers.get("content-type") ?? "");
    return { status: response.status, headers: response.headers, body: isJson ? JSON.parse(text) : text };
  }

  get(path: string): Promise<ApiAnswer> {
    return this.fetch(path);
  }

  /** Sends a Call to a Charge Point through the API. */
  call(identity: string, body: unknown): Promise<ApiAnswer> {
    return this.fetch(`/api/v1/charge-points/${encodeURIComponent(identity)}/calls`, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: typeof body === "string" ? body : JSON.stringify(body),
    });
  }

  /** Ends it; a store that still holds a commit back must not hold the test back. */
  stop(): Promise<void> {
    return this.#stopped ??= within(this.#running.stop(), "the end of the Central System");
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.stop();
    if (this.#unofficial !== undefined) throw this.#unofficial;
  }
}

/** Starts a Central System on a free port. */
export function startServer(options: TestServerOptions = {}): TestServer {
  const observer = new RecordingObserver();
  const { apiToken } = options;
  return new TestServer(startCentralSystem(fullOptions(options, observer)), { observer, apiToken });
}

/** As `startServer`, on the hardened listener. */
export async function startHardenedServer(options: TestServerOptions = {}): Promise<TestServer> {
  const observer = new RecordingObserver();
  const { apiToken } = options;
  const running = await startHardenedCentralSystem(fullOptions(options, observer));
  return new TestServer(running, { observer, apiToken });
}

/** Those of `ocpp serve`, with what a test wants otherwise. */
export function fullOptions(options: TestServerOptions, observer: RecordingObserver): CentralSystemOptions {
  return {
    host: "127.0.0.1",
    port: 0,
    database: options.database ?? ":memory:",
    settings: {
      heartbeatIntervalSeconds: 300,
      bootStatus: "Accepted",
      bootIntervalSeconds: 60,
      authorization: "open",
      ...options.settings,
    },
    admission: {
      registration: "open",
      validation: "tolerant",
      allowOrigins: [],
      callTimeoutMs: 30_000,
      securityProfile: 0,
      maxFrameRate: 0,
      ...options.admission,
    },
    pingIntervalSeconds: options.pingIntervalSeconds ?? 60,
    trustedProxies: (options.trustedProxies ?? []).map((text) => addressRangeOf(text)!),
    apiToken: options.apiToken,
    ...(options.guessesMax === undefined ? {} : { guessesMax: options.guessesMax }),
    certificateAuthority: options.certificateAuthority,
    observer,
    ...(options.files === undefined ? {} : { files: options.files }),
    ...(options.fileBytesMax === undefined ? {} : { fileBytesMax: options.fileBytesMax }),
    ...(options.publicUrl === undefined ? {} : { publicUrl: options.publicUrl }),
    version: "0.0.0-test",
    clock: options.clock ?? systemClock,
    ...(options.upkeep === undefined ? {} : { upkeep: options.upkeep }),
  };
}

/** HTTP Basic as a Charge Point has it; the password is any bytes. Spec: OCPP-J 1.6 §6.2.1. */
export function basicOf(user: string, password: string | Uint8Array): string {
  const bytes = typeof password === "string" ? new TextEncoder().encode(password) : password;
  return `Basic ${new Uint8Array([...new TextEncoder().encode(`${user}:`), ...bytes]).toBase64()}`;
}

/** To be spread into a test that opens sockets and must leave nothing behind. */
export function overSockets(name: string, ...more: readonly Need[]) {
  return { ...needs("net", ...more)(name), sanitizeOps: true, sanitizeResources: true };
}

/** Problem JSON with this status, as every error of the API is. */
export function assertProblem({ status, headers, body }: ApiAnswer, expected: number): void {
  assert.equal(status, expected, JSON.stringify(body));
  assert.match(headers.get("content-type") ?? "", /^application\/problem\+json/);
  assert.equal(body.status, expected);
  assert.ok(body.title.length > 0 && body.detail.length > 0);
}
