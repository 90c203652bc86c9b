/**
 * Plays cases against our Central System with what `ocpp test central-system` is made of: its player, its client, its
 * driver. What a test adds: a Central System in this process, certificates made on the spot, and a look at every frame
 * on its way, which may be spoilt.
 */
import { openCertificateAuthority } from "../../src/adapters/certificate_authority.ts";
import { systemClock } from "../../src/adapters/system_clock.ts";
import { TesterClient, type TesterClientOptions } from "../../src/adapters/tester_client.ts";
import { Api, type ApiReply } from "../../src/cli/call/api.ts";
import { planned } from "../../src/cli/test/central_system_plan.ts";
import { ServeSystem } from "../../src/cli/test/serve_system.ts";
import type { CaseDefinition } from "../../src/conformance/case.ts";
import type { CaseResult } from "../../src/conformance/contract.ts";
import { type CaseSetup, createSession } from "../../src/conformance/session.ts";
import type { FeatureProfile } from "../../src/ocpp/action.ts";
import { CasePlayer } from "../../src/runtime/case_player.ts";
import type { ConnectRequest, TesterLink, TesterLinkHandlers } from "../../src/runtime/tester_link.ts";
import { makeClient, makeServer } from "./certificates.ts";
import { benchAuthorities, ConformanceBench } from "./conformance_bench.ts";
import { OfficialFrames } from "./official_frames.ts";
import { startHardenedServer, startServer, type TestServer, type TestServerOptions } from "./server.ts";

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

/** CN of the certificate that the tester shows as its own. */
const SERIAL_NUMBER = "TESTER-1";

const CPO = "Conformance CPO";

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
  /** As the API tells it. */
  readonly body: ApiReply["body"];
}

/** What came of a play. */
export interface CentralSystemPlay {
  readonly result: CaseResult;
  readonly outcomes: readonly OperatorOutcome[];
}

/** A Central System under test, for as many cases as one likes, at once too. */
export class PlayedCentralSystem {
  readonly #server: TestServer;
  readonly #linkOptions: TesterClientOptions;
  #played = 0;

  static async start(listener: "native" | "hardened"): Promise<PlayedCentralSystem> {
    const server = listener === "native" ? startServer(OPTIONS) : await startHardenedServer(OPTIONS);
    return new PlayedCentralSystem(server, await linkOptions(server));
  }

  private constructor(server: TestServer, link: TesterClientOptions) {
    this.#server = server;
    this.#linkOptions = link;
  }

  /** Plays a case to its end, as a Charge Point and with idTags that no other play has. */
  async play(definition: CaseDefinition, options: PlayOptions = {}): Promise<CentralSystemPlay> {
    const number = ++this.#played;
    const one = planned(definition, {
      profiles: PROFILES,
      securityProfiles: [0, 1, 2, 3],
      isOneForEachCase: true,
      certificateSerialNumber: SERIAL_NUMBER,
      setup: {
        ...SETUP,
        ...options.setup,
        identity: `CP${number}`,
        idTag: `TAG${number}A`,
        otherIdTag: `TAG${number}B`,
        refusedIdTag: `TAG${number}R`,
        parentIdTag: `GROUP${number}`,
        authorizationKey: AUTHORIZATION_KEY,
        cpoName: CPO,
      },
    });
    const api = new RecordingApi({ server: this.#server.api });
    const operator = new ServeSystem(api);
    const bench = new ConformanceBench();
    const client = new TesterClient(this.#linkOptions);
    try {
      const why = await operator.prepare(one);
      if (why !== undefined) throw new Error(`the case cannot be prepared: ${why}`);
      const player = new CasePlayer({
        clock: systemClock,
        link: new WatchedLink(client, options.spoil ?? ((text) => [text])),
        ...{ operator, bench },
        session: createSession(),
        uniqueIdPrefix: "t",
      });
      const { result } = await player.play(one);
      return { result, outcomes: api.outcomes };
    } finally {
      await client.stop();
      await operator.close();
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#server[Symbol.asyncDispose]();
  }
}

/** `ocpp serve` as it is by default, but strict, and with an authority for the certificates of Charge Points. */
const OPTIONS: TestServerOptions = {
  admission: { validation: "strict" },
  certificateAuthority: {
    sign: async (order) => {
      const { centralSystem: { certificate, privateKey } } = await benchAuthorities();
      const files = { certificate, privateKey, certificates: [certificate] };
      return await (await openCertificateAuthority(files)).sign(order);
    },
  },
};

/** Where the tester connects, also with TLS; certificates lead to the root that the bench has for Charge Points. */
async function linkOptions(server: TestServer): Promise<TesterClientOptions> {
  const { centralSystem: root, stranger } = await benchAuthorities();
  const { chain, privateKey } = await makeServer(root, { commonName: "localhost", organization: CPO });
  const clientRoots = [root.certificate];
  const tls = await server.listenWithTls({ certificateChain: chain, privateKey, clientRoots });
  const names = { commonName: SERIAL_NUMBER, organization: CPO };
  return {
    urls: { plain: server.url, tls },
    roots: [root.certificate],
    certificates: {
      own: await makeClient(root, names),
      another: await makeClient(root, { ...names, commonName: "TESTER-2" }),
      untrusted: await makeClient(stranger, names),
    },
  };
}

/** The API, with what it said of each Call. */
class RecordingApi extends Api {
  readonly outcomes: OperatorOutcome[] = [];

  override async post(...args: Parameters<Api["post"]>): Promise<ApiReply> {
    const reply = await super.post(...args);
    this.outcomes.push({ action: (args[1] as { action: string }).action, body: reply.body });
    return reply;
  }
}

/** A link whose texts are looked at: ours are official, theirs may be spoilt. */
class WatchedLink implements TesterLink {
  readonly #link: TesterClient;
  readonly #spoil: (text: string) => readonly string[];
  readonly #official = new OfficialFrames();

  constructor(link: TesterClient, spoil: (text: string) => readonly string[]) {
    this.#link = link;
    this.#spoil = spoil;
  }

  attach(handlers: TesterLinkHandlers): void {
    this.#link.attach({
      onUpgrade: (request) => handlers.onUpgrade(request),
      onUp: (agreed) => handlers.onUp(agreed),
      onText: (text) => this.#spoil(text).forEach((one) => handlers.onText(one)),
      onBinary: (bytes) => handlers.onBinary(bytes),
      onDown: () => handlers.onDown(),
      onFailed: (failure) => handlers.onFailed(failure),
    });
  }

  connect(request: ConnectRequest): void {
    this.#link.connect(request);
  }

  send(text: string): void {
    this.#official.assertOfficial("chargePoint", text);
    this.#link.send(text);
  }

  close(reason: string): void {
    this.#link.close(reason);
  }

  stop(): Promise<void> {
    return this.#link.stop();
  }
}
