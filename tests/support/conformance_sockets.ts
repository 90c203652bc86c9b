/**
 * Plays a case over real sockets and in real time: the Charge Point in its real host with its real client, the
 * tester behind a WebSocket server that listens for each security profile as the case says.
 *
 * For cases that are about TLS handshakes, which virtual time does not have.
 */
import http from "node:http";
import https from "node:https";
import type { AddressInfo } from "node:net";
import type { TLSSocket } from "node:tls";
// @ts-types="@types/ws"
import type { WebSocket } from "ws";
import { Client } from "../../src/adapters/client.ts";
import { systemClock } from "../../src/adapters/system_clock.ts";
import { ChargePoint } from "../../src/charge_point/charge_point.ts";
import type { LinkSecurity } from "../../src/charge_point/job.ts";
import type { CaseDefinition } from "../../src/conformance/case.ts";
import { CaseRun } from "../../src/conformance/case_run.ts";
import type {
  CaseResult,
  RunEffect,
  RunInput,
  ServerSecurity,
  UpgradeRequest,
} from "../../src/conformance/contract.ts";
import { type CaseSetup, createSession } from "../../src/conformance/session.ts";
import type { ChargePointHost } from "../../src/runtime/charge_point_host.ts";
import { Fleet } from "../../src/runtime/fleet.ts";
import type { JobOwner, Jobs } from "../../src/runtime/jobs.ts";
import type { TestBench } from "../../src/runtime/test_bench.ts";
import { makeClient, makeServer } from "./certificates.ts";
import { benchAuthorities, ConformanceBench } from "./conformance_bench.ts";
import type { SpoiltFrame } from "./conformance_play.ts";
import { capabilitiesOf, testedFor } from "../../src/runtime/tested_charge_point.ts";

const IDENTITY = "CP001";
const SERIAL_NUMBER = "SN-0001";
const AUTHORIZATION_KEY = "0123456789ABCDEF0123456789ABCDEF01234567";

/** In real time nobody waits longer than it takes. Units: seconds. */
const SETUP = {
  withinSeconds: 2,
  connectWithinSeconds: 20,
  operatorWithinSeconds: 5,
  authorizationKey: AUTHORIZATION_KEY,
};

/** Where a case gets what it needs besides frames, and who does the Charge Point's jobs. */
export interface PlaySurroundings {
  readonly bench: Pick<TestBench, "get">;
  readonly jobs: Jobs;
}

/** How a play differs from the usual one. */
export interface SocketPlayOptions {
  /** Without it files are in memory. */
  readonly surroundings?: PlaySurroundings;
  readonly setup?: Partial<CaseSetup>;
  /** What the tester gets instead of each text of the Charge Point; what comes too late never comes. */
  readonly spoil?: (text: string) => readonly SpoiltFrame[];
  /** What the Charge Point answers to a text of the tester without ever looking at it; `undefined`: it looks. */
  readonly ignores?: (text: string) => string | undefined;
  /** How its link is secured from the beginning, instead of as it should be. */
  readonly secures?: (right: LinkSecurity) => Promise<LinkSecurity>;
}

/** Plays a case to its end. */
export async function playOverSockets(
  definition: CaseDefinition,
  options: SocketPlayOptions = {},
): Promise<CaseResult> {
  const play = await SocketPlay.start(definition, options);
  try {
    return await play.result;
  } finally {
    await play.stop();
  }
}

type Server = http.Server | https.Server;

class SocketPlay {
  readonly #run: CaseRun;
  readonly #bench: PlaySurroundings["bench"];
  readonly #spoil: NonNullable<SocketPlayOptions["spoil"]>;
  readonly #ignores: NonNullable<SocketPlayOptions["ignores"]>;
  readonly #fleet = new Fleet({ clock: systemClock });
  readonly #accept: Accept;
  readonly #ended = Promise.withResolvers<CaseResult>();
  readonly #sockets = new Set<WebSocket>();
  #host!: ChargePointHost;
  #plain!: Server;
  #tls: Server | undefined;
  #tlsPort = 0;
  #socket: WebSocket | undefined;
  #timer: ReturnType<typeof setTimeout> | undefined;
  /** Effects are carried out one after the other, whatever each of them takes. */
  #working: Promise<void> = Promise.resolve();

  get result(): Promise<CaseResult> {
    return this.#ended.promise;
  }

  static async start(definition: CaseDefinition, options: SocketPlayOptions): Promise<SocketPlay> {
    const { surroundings: { bench, jobs } = inMemory(), setup = {}, secures } = options;
    // `ws` reads the environment when it is imported, which needs a permission.
    // @ts-types="@types/ws"
    const { WebSocketServer } = await import("ws");
    const webSockets = new WebSocketServer({ noServer: true, handleProtocols: () => "ocpp1.6" });
    const played = testedFor(definition.needs);
    const run = new CaseRun(definition, {
      capabilities: capabilitiesOf(played),
      session: createSession({ transactionId: 1_001 }),
      uniqueIdPrefix: "t",
      setup: { ...SETUP, ...setup },
    });
    const play = new SocketPlay(run, { ...options, bench }, (request, attach, { stream, head }) => {
      webSockets.handleUpgrade(request, stream, head, attach);
    });
    const { securityProfile } = played;
    await play.#listen({ securityProfile });
    play.#plain = await play.#serve(http.createServer(), 0);
    const plainPort = (play.#plain.address() as AddressInfo).port;
    const urls = { plain: `ws://localhost:${plainPort}`, tls: `wss://localhost:${play.#tlsPort}` };
    const right = await securityOf(securityProfile);
    const { host } = play.#fleet.add({
      chargePoint: new ChargePoint({
        identity: IDENTITY,
        serialNumber: SERIAL_NUMBER,
        description: played.description,
        security: await secures?.(right) ?? right,
        speed: 1,
        validation: "strict",
        seed: 1,
        newUniqueId: () => crypto.randomUUID(),
      }),
      identity: IDENTITY,
      urls,
      transport: new Client({ validation: "strict" }),
      random: () => 0,
      observer: () => {},
      jobs,
    });
    play.#host = host;
    play.#input({ kind: "begin" });
    play.#fleet.start();
    return play;
  }

  private constructor(
    run: CaseRun,
    { bench, spoil, ignores }: Pick<PlaySurroundings, "bench"> & Pick<SocketPlayOptions, "spoil" | "ignores">,
    accept: Accept,
  ) {
    this.#run = run;
    this.#bench = bench;
    this.#spoil = spoil ?? ((text) => [{ text }]);
    this.#ignores = ignores ?? (() => undefined);
    this.#accept = accept;
  }

  async stop(): Promise<void> {
    clearTimeout(this.#timer);
    await this.#fleet.stop("the case is over");
    this.#sockets.forEach((socket) => socket.terminate());
    await Promise.all(
      [this.#plain, this.#tls].map((server) => server === undefined ? undefined : close(server)),
    );
  }

  /** An input of the run. */
  #input(input: RunInput): readonly RunEffect[] {
    if (this.#run.result !== undefined) return [];
    const effects = this.#run.handle(input, Date.now());
    for (const effect of effects) this.#carryOut(effect);
    clearTimeout(this.#timer);
    const deadlineMs = this.#run.deadlineMs();
    if (Number.isFinite(deadlineMs)) {
      this.#timer = setTimeout(() => this.#input({ kind: "deadline" }), Math.max(1, deadlineMs - Date.now()));
    }
    return effects;
  }

  #carryOut(effect: RunEffect): void {
    switch (effect.kind) {
      case "send":
        return this.#send(effect.text, effect.isBinary === true);
      case "closeLink":
        return this.#socket?.close(1000, effect.reason);
      case "listen":
        return this.#later(() => this.#listen(effect.security));
      case "operator": {
        const { actionId, action } = effect;
        if (action.kind === "sendCall" || action.kind === "setIdTag") {
          throw new Error(`${action.kind} is for a Central System`);
        }
        this.#host.input(action);
        return this.#later(() => {
          this.#input({ kind: "operatorDone", actionId, outcome: { kind: "done" } });
          return Promise.resolve();
        });
      }
      case "bench": {
        const { requestId, request } = effect;
        return this.#later(async () => {
          const reply = await this.#bench.get(request);
          this.#input({ kind: "benchDone", requestId, reply });
        });
      }
      case "ended":
        return this.#ended.resolve(effect.result);
      case "connect":
        throw new Error("connect is for a Central System");
      case "upgrade": // the caller of `upgradeRequested` looks for it
      case "step":
        return;
    }
  }

  #send(text: string, binary: boolean): void {
    const answer = this.#ignores(text);
    if (answer === undefined) return this.#socket?.send(text, { binary });
    this.#later(() => {
      this.#input({ kind: "frame", text: answer });
      return Promise.resolve();
    });
  }

  #later(work: () => Promise<void>): void {
    this.#working = this.#working.then(work).catch((error) => this.#ended.reject(error));
  }

  /** Listens for TLS with this profile; the port stays the same. */
  async #listen({ securityProfile, flaw }: ServerSecurity): Promise<void> {
    if (this.#tls !== undefined) await close(this.#tls);
    const { centralSystem, stranger } = await benchAuthorities();
    const certificate = await makeServer(flaw === "untrusted" ? stranger : centralSystem, {
      commonName: "localhost",
      ...(flaw === "wrongHost" ? { dnsNames: ["elsewhere.test"], ips: [] } : {}),
      ...(flaw === "expired" ? { notAfterMs: Date.UTC(2021, 0, 1) } : {}),
    });
    const server = https.createServer({
      cert: certificate.chain,
      key: certificate.privateKey,
      ...(securityProfile === 3
        ? { ca: [centralSystem.certificate], requestCert: true, rejectUnauthorized: true }
        : {}),
    });
    server.on("tlsClientError", (error) => this.#input({ kind: "connectFailed", cause: error.message }));
    this.#tls = await this.#serve(server, this.#tlsPort);
    this.#tlsPort = (server.address() as AddressInfo).port;
  }

  async #serve<S extends Server>(server: S, port: number): Promise<S> {
    server.on("upgrade", (request: http.IncomingMessage, stream: TLSSocket, head) => {
      stream.on("error", () => {});
      const effects = this.#input({ kind: "upgradeRequested", request: shownBy(request, stream) });
      const verdict = effects.find((effect) => effect.kind === "upgrade");
      if (verdict?.isAccepted !== true) {
        stream.end(`HTTP/1.1 ${verdict?.status ?? 503} No\r\nconnection: close\r\ncontent-length: 0\r\n\r\n`);
        return;
      }
      this.#accept(request, (socket) => this.#opened(socket), { stream, head });
    });
    await new Promise<void>((resolve) => server.listen(port, "localhost", resolve));
    return server;
  }

  #opened(socket: WebSocket): void {
    this.#sockets.add(socket);
    this.#socket = socket;
    socket.on("error", () => {});
    socket.on("message", (data) => {
      if (this.#socket !== socket) return;
      for (const { text, delaySeconds } of this.#spoil(String(data))) {
        if (delaySeconds === undefined) this.#input({ kind: "frame", text });
      }
    });
    socket.on("close", () => {
      this.#sockets.delete(socket);
      if (this.#socket !== socket) return;
      this.#socket = undefined;
      this.#input({ kind: "linkDown" });
    });
    this.#input({ kind: "linkUp" });
  }
}

/** Opens the WebSocket of an upgrade request. */
type Accept = (request: http.IncomingMessage, attach: (socket: WebSocket) => void, head: Head) => void;

interface Head {
  readonly stream: TLSSocket;
  readonly head: Parameters<import("ws").WebSocketServer["handleUpgrade"]>[2];
}

/** Stops listening; what is open stays open. */
function close(server: Server): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>();
  // Open WebSockets would hold the callback back for as long as they last.
  const timer = setTimeout(resolve, 50);
  server.close(() => {
    clearTimeout(timer);
    resolve();
  });
  return promise;
}

async function securityOf(securityProfile: 0 | 1 | 2 | 3): Promise<LinkSecurity> {
  const { centralSystem } = await benchAuthorities();
  const own = { commonName: SERIAL_NUMBER, organization: "Conformance CPO" };
  const { chain, privateKey } = await makeClient(centralSystem, own);
  return {
    securityProfile,
    roots: securityProfile >= 2 ? [centralSystem.certificate] : [],
    ...(securityProfile === 1 || securityProfile === 2 ? { authorizationKey: AUTHORIZATION_KEY } : {}),
    ...(securityProfile === 3 ? { clientCertificate: { chain, privateKey } } : {}),
  };
}

function inMemory(): PlaySurroundings {
  const bench = new ConformanceBench();
  const jobs: Jobs = {
    run: (owner: JobOwner, jobId, job) => {
      bench.do(job).then((result) => owner.jobDone(jobId, result));
    },
    cancel: () => {},
    cancelAll: () => {},
    forget: () => {},
  };
  return { bench, jobs };
}

/** What the Charge Point shows of itself. */
function shownBy({ headers }: http.IncomingMessage, stream: TLSSocket): UpgradeRequest {
  const credentials = /^Basic (.+)$/.exec(headers.authorization ?? "")?.[1];
  const peer = stream.getPeerCertificate?.();
  const version = stream.getProtocol?.();
  return {
    subprotocols: (headers["sec-websocket-protocol"] ?? "").split(",").map((one) => one.trim()),
    ...(credentials === undefined ? {} : { credentials: basicOf(credentials) }),
    ...(typeof version !== "string" ? {} : {
      tls: {
        version,
        ...(peer?.subject === undefined ? {} : {
          clientCertificate: {
            commonName: String(peer.subject.CN),
            organization: String(peer.subject.O),
          },
        }),
      },
    }),
  };
}

function basicOf(base64: string): { user: string; passwordHex: string } {
  const text = atob(base64);
  const password = text.slice(IDENTITY.length + 1);
  const hex = [...password].map((byte) => byte.charCodeAt(0).toString(16).padStart(2, "0"));
  return { user: text.slice(0, IDENTITY.length), passwordHex: hex.join("").toUpperCase() };
}
