/**
 * Plays cases against our Central System over real sockets and in real time: `ocpp serve` in this process, the tester
 * behind a real WebSocket client, its operator behind the HTTP API.
 */
import assert from "node:assert/strict";
import type { TLSSocket } from "node:tls";
// @ts-types="@types/ws"
import type { WebSocket } from "ws";
import { openCertificateAuthority } from "../../src/adapters/certificate_authority.ts";
import { capabilitiesBeside } from "../../src/conformance/capabilities.ts";
import type { CaseDefinition } from "../../src/conformance/case.ts";
import { CaseRun } from "../../src/conformance/case_run.ts";
import type { AgreedTls, CaseResult, OwnLink, RunEffect, RunInput } from "../../src/conformance/contract.ts";
import type { OperatorAction } from "../../src/conformance/operator_action.ts";
import { type CaseSetup, createSession } from "../../src/conformance/session.ts";
import type { FeatureProfile } from "../../src/ocpp/action.ts";
import { type Issued, makeClient, makeServer } from "./certificates.ts";
import { benchAuthorities, ConformanceBench } from "./conformance_bench.ts";
import { OfficialFrames } from "./official_frames.ts";
import { startServer, type TestServer } from "./server.ts";

/** In real time nobody waits longer than it takes: these pass only where something is wrong. Units: seconds. */
const SETUP = {
  withinSeconds: 5,
  connectWithinSeconds: 5,
  operatorWithinSeconds: 5,
  settleSeconds: 0,
  quietSeconds: 0.05,
};

/** The password of every Charge Point, hexadecimal, where a case is about passwords. */
const AUTHORIZATION_KEY = "0123456789ABCDEF0123456789ABCDEF01234567";

/** What the Central System under test offers: all of it. */
const PROFILES: readonly FeatureProfile[] = [
  ...["Core", "FirmwareManagement", "LocalAuthListManagement", "RemoteTrigger"] as const,
  ...["Reservation", "SmartCharging", "Security"] as const,
];

/** How a case is played. */
export interface PlayOptions {
  readonly setup?: Partial<CaseSetup>;
  /** What the tester gets to see of each text of the Central System. Without it: all of it. */
  readonly spoil?: (text: string) => readonly string[];
}

/** A Call that the operator had sent. */
export interface OperatorOutcome {
  readonly action: string;
  readonly status: number;
  /** As the API tells it. */
  readonly body: { readonly outcome?: string; readonly payload?: unknown; readonly detail?: string };
}

/** What came of a play. */
export interface CentralSystemPlay {
  readonly result: CaseResult;
  readonly outcomes: readonly OperatorOutcome[];
}

/** A Central System under test, for as many cases as one likes, at once too. */
export class PlayedCentralSystem {
  readonly #server: TestServer;
  /** Where it listens with TLS, once a case has wanted that. */
  #tlsUrl: Promise<string> | undefined;
  #played = 0;

  constructor() {
    this.#server = startServer({
      // An idTag that nobody has entered is Invalid; Heartbeats come soon enough to be waited for.
      settings: { authorization: "closed", heartbeatIntervalSeconds: 1 },
      admission: { validation: "strict" },
      certificateAuthority: {
        sign: async (order) => {
          const { centralSystem: { certificate, privateKey } } = await benchAuthorities();
          const files = { certificate, privateKey, certificates: [certificate] };
          return await (await openCertificateAuthority(files)).sign(order);
        },
      },
    });
  }

  /** Plays a case to its end, as a Charge Point and with idTags that no other play has. */
  async play(definition: CaseDefinition, options: PlayOptions = {}): Promise<CentralSystemPlay> {
    // `ws` reads the environment when it is imported, which needs a permission.
    // @ts-types="@types/ws"
    const { WebSocket } = await import("ws");
    const number = ++this.#played;
    const [securityProfile = 0] = definition.needs.securityProfile ?? [];
    const setup = {
      ...SETUP,
      ...options.setup,
      identity: `CP${number}`,
      idTag: `TAG${number}A`,
      otherIdTag: `TAG${number}B`,
      refusedIdTag: `TAG${number}R`,
      parentIdTag: `GROUP${number}`,
      ...(securityProfile === 0 ? {} : { authorizationKey: AUTHORIZATION_KEY }),
    };
    for (const idTag of [setup.idTag, setup.otherIdTag]) {
      await this.#setIdTag({ idTag, status: "Accepted" });
    }
    const { identity, authorizationKey: authorizationKeyHex } = setup;
    if (authorizationKeyHex !== undefined) {
      const profile = securityProfile < 2 ? {} : { securityProfile };
      await this.#put(`charge-points/${identity}`, {
        registration: "Accepted",
        authorizationKeyHex,
        ...profile,
      });
    }
    const secured = securityProfile === 0 ? undefined : await this.#secured(identity);
    const run = new CaseRun(definition, {
      capabilities: capabilitiesBeside({ profiles: PROFILES, securityProfile }),
      session: createSession(),
      uniqueIdPrefix: "t",
      setup,
    });
    const { url } = this.#server;
    const play = new Play(run, {
      connect: (subprotocols, authorization, tls) => {
        const headers = authorization === undefined ? {} : { authorization };
        if (tls === undefined) return new WebSocket(`${url}/${identity}`, [...subprotocols], { headers });
        assert.ok(secured !== undefined, "the case has no need of TLS");
        const shown = tls.certificate === undefined ? undefined : secured.certificates[tls.certificate];
        return new WebSocket(`${secured.url}/${identity}`, [...subprotocols], {
          headers,
          ca: secured.root,
          ...(shown === undefined ? {} : { cert: shown.chain, key: shown.privateKey }),
        });
      },
      act: (action) => this.#act(setup.identity, action),
      spoil: options.spoil ?? ((text) => [text]),
    });
    return await play.toItsEnd();
  }

  /** What it takes to connect with TLS; certificates lead to the root that the bench has for Charge Points. */
  async #secured(identity: string): Promise<SecuredLink> {
    const { centralSystem: root, stranger } = await benchAuthorities();
    const server = await makeServer(root, { commonName: "localhost", organization: "Conformance CPO" });
    this.#tlsUrl ??= this.#server.listenWithTls({
      certificateChain: server.chain,
      privateKey: server.privateKey,
      clientRoots: [root.certificate],
    });
    const names = { commonName: identity, organization: "Conformance CPO" };
    return {
      url: await this.#tlsUrl,
      root: root.certificate,
      certificates: {
        own: await makeClient(root, names),
        another: await makeClient(root, { ...names, commonName: `${identity}-another` }),
        untrusted: await makeClient(stranger, names),
      },
    };
  }

  async #setIdTag(
    { idTag, status, parentIdTag }: Omit<Extract<OperatorAction, { kind: "setIdTag" }>, "kind">,
  ): Promise<void> {
    if (status === "Invalid") return; // nobody enters it
    await this.#put(`id-tags/${idTag}`, {
      blocked: status === "Blocked",
      ...(status === "Expired" ? { expiryDate: new Date(Date.now() - 1_000).toISOString() } : {}),
      ...(parentIdTag === undefined ? {} : { parentIdTag }),
    });
  }

  async #put(path: string, record: unknown): Promise<void> {
    const { status, body } = await this.#server.fetch(`/api/v1/${path}`, {
      method: "PUT",
      headers: { "content-type": "application/json" },
      body: JSON.stringify(record),
    });
    assert.ok(status === 200 || status === 201, JSON.stringify(body));
  }

  async #act(identity: string, action: OperatorAction): Promise<OperatorOutcome | undefined> {
    if (action.kind === "setIdTag") {
      await this.#setIdTag(action);
      return undefined;
    }
    assert.ok(action.kind === "sendCall", `${action.kind} is for a Charge Point`);
    const { status, body } = await this.#server.call(identity, {
      action: action.action,
      payload: action.payload,
    });
    return { action: action.action, status, body };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#server[Symbol.asyncDispose]();
  }
}

/** Spec: RFC 7617; the password is any bytes. */
function basic({ user, passwordHex }: { readonly user: string; readonly passwordHex: string }): string {
  const bytes = [...new TextEncoder().encode(`${user}:`), ...Uint8Array.fromHex(passwordHex)];
  return `Basic ${btoa(String.fromCharCode(...bytes))}`;
}

/** What both ends agreed on; `ws` has the socket below in a field that its types do not know. */
function agreedTls(socket: WebSocket): AgreedTls {
  const { _socket: stream } = socket as unknown as { readonly _socket: TLSSocket };
  return { version: stream.getProtocol() ?? "none", cipherSuite: stream.getCipher().name };
}

/** Where a Charge Point connects with TLS, whom it trusts, and what it may show. */
interface SecuredLink {
  readonly url: string;
  readonly root: string;
  readonly certificates: Readonly<Record<"own" | "another" | "untrusted", Issued>>;
}

/** What surrounds one run. */
interface World {
  connect(
    subprotocols: readonly string[],
    authorization: string | undefined,
    tls: OwnLink["tls"],
  ): WebSocket;
  act(action: OperatorAction): Promise<OperatorOutcome | undefined>;
  spoil(text: string): readonly string[];
}

/** One run. */
class Play {
  readonly #run: CaseRun;
  readonly #world: World;
  readonly #bench = new ConformanceBench();
  readonly #official = new OfficialFrames();
  readonly #ended = Promise.withResolvers<CaseResult>();
  readonly #outcomes: OperatorOutcome[] = [];
  /** What is under way and must be over before the play is. */
  readonly #work: Promise<void>[] = [];
  #socket: WebSocket | undefined;
  #timer: ReturnType<typeof setTimeout> | undefined;

  constructor(run: CaseRun, world: World) {
    this.#run = run;
    this.#world = world;
  }

  async toItsEnd(): Promise<CentralSystemPlay> {
    try {
      this.#input({ kind: "begin" });
      const result = await this.#ended.promise;
      return { result, outcomes: this.#outcomes };
    } finally {
      clearTimeout(this.#timer);
      this.#socket?.terminate();
      await Promise.all(this.#work);
    }
  }

  #input(input: RunInput): void {
    if (this.#run.result !== undefined) return;
    for (const effect of this.#run.handle(input, Date.now())) this.#carryOut(effect);
    clearTimeout(this.#timer);
    const deadlineMs = this.#run.deadlineMs();
    if (!Number.isFinite(deadlineMs)) return;
    this.#timer = setTimeout(() => this.#input({ kind: "deadline" }), Math.max(1, deadlineMs - Date.now()));
  }

  #carryOut(effect: RunEffect): void {
    switch (effect.kind) {
      case "send":
        this.#official.assertOfficial("chargePoint", effect.text);
        return this.#socket?.send(effect.text);
      case "closeLink":
        this.#socket?.close(1000, effect.reason);
        this.#socket = undefined;
        return;
      case "connect":
        return this.#connect(effect);
      case "operator": {
        const { actionId, action } = effect;
        return this.#later(async () => {
          const outcome = await this.#world.act(action);
          if (outcome !== undefined) this.#outcomes.push(outcome);
          const isRefused = outcome !== undefined && outcome.status >= 400 && outcome.status < 500;
          const reason = `the API says ${outcome?.status}: ${outcome?.body.detail}`;
          this.#input({
            kind: "operatorDone",
            actionId,
            outcome: isRefused ? { kind: "cannot", reason } : { kind: "done" },
          });
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
      case "listen":
      case "upgrade":
        throw new Error(`${effect.kind} is for a Charge Point`);
      case "step":
        return;
    }
  }

  #later(work: () => Promise<void>): void {
    this.#work.push(work().catch((error) => this.#ended.reject(error)));
  }

  /** The link of a run is its newest socket; what older ones still have to say is of no interest. */
  #connect({ subprotocols, credentials, tls }: Extract<RunEffect, { kind: "connect" }>): void {
    const authorization = credentials === undefined ? undefined : basic(credentials);
    const socket = this.#socket = this.#world.connect(subprotocols, authorization, tls);
    const isOurs = () => this.#socket === socket;
    const gone = Promise.withResolvers<void>();
    this.#work.push(gone.promise);
    let status: number | undefined;
    socket.on("unexpected-response", (_request, response) => {
      status = response.statusCode;
      response.resume();
      socket.terminate();
    });
    let cause = "";
    socket.on("error", (error) => cause = error.message);
    let isOpen = false;
    socket.on("open", () => {
      isOpen = true;
      const agreed = tls === undefined ? {} : { tls: agreedTls(socket) };
      if (isOurs()) this.#input({ kind: "linkUp", subprotocol: socket.protocol, ...agreed });
    });
    socket.on("message", (data) => {
      if (!isOurs()) return;
      for (const text of this.#world.spoil(String(data))) this.#input({ kind: "frame", text });
    });
    socket.on("close", () => {
      gone.resolve();
      if (!isOurs()) return;
      this.#socket = undefined;
      if (isOpen) this.#input({ kind: "linkDown" });
      else this.#input({ kind: "connectFailed", cause, ...(status === undefined ? {} : { status }) });
    });
  }
}
