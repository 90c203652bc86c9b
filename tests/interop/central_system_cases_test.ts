/**
 * Compliance cases for Central Systems against one that is not ours: a server made of `ocpp-rpc`, which checks every
 * payload of both ends against the official schemas.
 *
 * It has passwords, TLS, client certificates and an authority, which the package leaves to whoever uses it. Its operator
 * is the test: it enters Charge Points and idTags as a case wants them, and calls what a case wants called.
 */
import assert from "node:assert/strict";
import { systemClock } from "../../src/adapters/system_clock.ts";
import { TesterClient } from "../../src/adapters/tester_client.ts";
import { ALL_FEATURE_PROFILES } from "../../src/charge_point/description.ts";
import { planned, type PlanTerms } from "../../src/cli/test/central_system_plan.ts";
import type { CaseDefinition } from "../../src/conformance/case.ts";
import type { CaseResult } from "../../src/conformance/contract.ts";
import { CENTRAL_SYSTEM_CASES } from "../../src/conformance/registry.ts";
import { createSession, DEFAULT_SETUP } from "../../src/conformance/session.ts";
import { CasePlayer } from "../../src/runtime/case_player.ts";
import type { OperatorOutcome, OperatorRequest, TestOperator } from "../../src/runtime/test_operator.ts";
import { type Issued, makeClient, makeRoot, makeServer } from "../support/certificates.ts";
import { ConformanceBench } from "../support/conformance_bench.ts";
import { RpcRecords, signedBy } from "../support/rpc_security.ts";
import {
  foreignServer,
  type RpcAnswers,
  RpcCentralSystem,
  type RpcChargePoint,
} from "../support/rpc_server.ts";

const SERIAL_NUMBER = "SN-1";
const OPERATOR = DEFAULT_SETUP.cpoName;

/** Hexadecimal: the password that Charge Points have at first. */
const PASSWORD = "0123456789abcdef0123456789abcdef01234567";

/** How the tester plays: nobody here takes long, or does what nobody has asked for. */
const TERMS: PlanTerms = {
  profiles: ALL_FEATURE_PROFILES,
  securityProfiles: [0, 1, 2, 3],
  isOneForEachCase: true,
  certificateSerialNumber: SERIAL_NUMBER,
  setup: {
    identity: "CP",
    authorizationKey: PASSWORD,
    withinSeconds: 5,
    operatorWithinSeconds: 5,
    settleSeconds: 0,
    quietSeconds: 0.05,
  },
};

/** What the scripted server says of idTags; `Invalid` where nobody has entered one. */
class IdTags {
  readonly #infos = new Map<string, { status: string; parentIdTag?: string }>();

  enter(idTag: string, status: string, parentIdTag?: string): void {
    this.#infos.set(idTag, { status, ...(parentIdTag === undefined ? {} : { parentIdTag }) });
  }

  info(idTag: string): object {
    return this.#infos.get(idTag) ?? { status: "Invalid" };
  }
}

/** The foreign Central System with its operator, and the tester that plays Charge Points for it. */
class ForeignSystem implements TestOperator {
  readonly #idTags = new IdTags();
  readonly #records = new RpcRecords();
  readonly #authority: Issued;
  #server!: RpcCentralSystem;
  #link!: TesterClient;
  #player!: CasePlayer;
  #lastTransactionId = 0;
  /** Whether it hangs up once a Charge Point has new parameters for its link, so that they count at once. */
  hangsUp = false;

  static async open(): Promise<ForeignSystem> {
    const authority = await makeRoot({ commonName: "Foreign Root", organization: OPERATOR });
    const system = new ForeignSystem(authority);
    const own = await makeServer(authority, { commonName: "localhost", organization: OPERATOR });
    const server = await RpcCentralSystem.start(system.#answers, {
      admit: system.#records.admit,
      tls: { cert: own.chain, key: own.privateKey, ca: authority.certificate },
    });
    const stranger = await makeRoot({ commonName: "Nobody", organization: OPERATOR });
    const client = (issuer: Issued, commonName: string) =>
      makeClient(issuer, { commonName, organization: OPERATOR });
    const link = new TesterClient({
      urls: { plain: server.url, tls: server.tlsUrl },
      roots: [authority.certificate],
      certificates: {
        own: await client(authority, SERIAL_NUMBER),
        another: await client(authority, "SN-2"),
        untrusted: await client(stranger, SERIAL_NUMBER),
      },
    });
    system.#server = server;
    system.#link = link;
    system.#player = new CasePlayer({
      ...{ clock: systemClock, link, operator: system, bench: new ConformanceBench() },
      session: createSession(),
      uniqueIdPrefix: "t",
    });
    return system;
  }

  private constructor(authority: Issued) {
    this.#authority = authority;
  }

  get server(): RpcCentralSystem {
    return this.#server;
  }

  /** Plays a case with a Charge Point of its own, entered as it has to be. */
  async play(definition: CaseDefinition, terms = TERMS): Promise<CaseResult & { readonly on: number }> {
    const one = planned(definition, terms);
    const { setup: { identity, idTag, otherIdTag, certificateSerialNumber = identity }, securityProfile } =
      one;
    for (const known of [idTag, otherIdTag]) this.#idTags.enter(known, "Accepted");
    const record = { securityProfile, password: PASSWORD, serialNumber: certificateSerialNumber };
    this.#records.enter(identity, record);
    const { result } = await this.#player.play(one);
    return { ...result, on: securityProfile };
  }

  async do({ identity, action }: OperatorRequest): Promise<OperatorOutcome> {
    if (action.kind === "setIdTag") this.#idTags.enter(action.idTag, action.status, action.parentIdTag);
    else if (action.kind === "sendCall") {
      // That the connection may end before it is answered is of no interest here.
      const answer = await this.#call(identity, action.action, action.payload as object).catch(() => {});
      const isAccepted = (answer as { status?: string } | undefined)?.status === "Accepted";
      if (!isAccepted) return { kind: "done" };
      const isOfLink = this.#records.noteAccepted(identity, action.action, action.payload as object);
      if (isOfLink && this.hangsUp) await this.#chargePoint(identity)?.close({ code: 1_000 });
    }
    return { kind: "done" };
  }

  close(): Promise<void> {
    return Promise.resolve();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#link.stop();
    await this.#server[Symbol.asyncDispose]();
  }

  async #call(identity: string, action: string, payload: object): Promise<unknown> {
    return await this.#chargePoint(identity)?.call(action, payload);
  }

  #chargePoint(identity: string): RpcChargePoint | undefined {
    return this.#server.chargePoints.findLast((one) => one.identity === identity);
  }

  get #answers(): RpcAnswers {
    const info = ({ payload: { idTag } }: { readonly payload: { readonly idTag?: string } }) => (
      idTag === undefined ? {} : { idTagInfo: this.#idTags.info(idTag) }
    );
    return {
      BootNotification: () => ({ status: "Accepted", currentTime: new Date().toISOString(), interval: 1 }),
      Authorize: info,
      StartTransaction: (call) => ({ transactionId: ++this.#lastTransactionId, ...info(call) }),
      StopTransaction: info,
      SignCertificate: ({ identity, payload: { csr } }) => {
        // The answer goes out first.
        setTimeout(
          () => this.#sign(identity, csr).catch((error) => this.#server.failures.push(`${error}`)),
          0,
        );
        return { status: "Accepted" };
      },
    };
  }

  async #sign(identity: string, csr: string): Promise<void> {
    const names = { commonName: this.#records.of(identity)!.serialNumber, organization: OPERATOR };
    const certificateChain = await signedBy(this.#authority, csr, names);
    if (certificateChain !== undefined) await this.#call(identity, "CertificateSigned", { certificateChain });
  }
}

function toldOf({ id, verdict, failure, on }: CaseResult & { readonly on: number }): string {
  return `${id} on security profile ${on} ${verdict}: ${failure?.expected}; ${failure?.came}`;
}

Deno.test({
  ...foreignServer("every case is passed by a Central System made of ocpp-rpc"),
  async fn() {
    await using system = await ForeignSystem.open();
    const results = [];
    for (const definition of CENTRAL_SYSTEM_CASES) results.push(await system.play(definition));
    const others = results.filter(({ verdict }) => verdict !== "PASS").map(toldOf);
    console.log(`${results.length - others.length} of ${results.length} cases passed by a foreign peer`);
    assert.deepEqual(others, []);
    assert.equal(results.length, 77);
    assert.deepEqual(system.server.failures, []);
  },
});

Deno.test({
  ...foreignServer(
    "every security case is passed by a Central System made of ocpp-rpc on each security profile",
  ),
  async fn() {
    await using system = await ForeignSystem.open();
    const results = [];
    for (const securityProfile of [1, 2, 3] as const) {
      // A case that raises it goes on to the highest.
      const securityProfiles = ([1, 2, 3] as const).filter((one) => one >= securityProfile);
      for (const definition of CENTRAL_SYSTEM_CASES.filter(({ profile }) => profile === "Security")) {
        if (definition.needs.securityProfile?.includes(securityProfile) === false) continue;
        results.push(await system.play(definition, { ...TERMS, securityProfiles }));
      }
    }
    assert.deepEqual(results.filter(({ verdict }) => verdict !== "PASS").map(toldOf), []);
    const raised = results.filter(({ id }) => id === "TC_083_CSMS").map(({ on, steps }) => [
      on,
      ...new Set(steps.flatMap((step) => /"SecurityProfile","value":"(\d)"/.exec(step)?.[1] ?? [])),
    ]);
    assert.deepEqual(raised, [[1, "2", "3"], [2, "3"]]);
    assert.deepEqual(system.server.failures, []);
  },
});

Deno.test({
  ...foreignServer("a Central System that hangs up once the link has new parameters passes as well"),
  async fn() {
    await using system = await ForeignSystem.open();
    system.hangsUp = true;
    const results = [];
    for (const id of ["TC_073_CSMS", "TC_083_CSMS"]) {
      results.push(await system.play(CENTRAL_SYSTEM_CASES.find((one) => one.id === id)!));
    }
    assert.deepEqual(results.filter(({ verdict }) => verdict !== "PASS").map(toldOf), []);
  },
});
