/**
 * `--driver ocpp` for Charge Points under test: every case gets a simulated Charge Point of its own, by the API of
 * `ocpp simulate --control-port`. It is added before the case and taken away afterwards.
 */
import type { AddedSecurity, ControlApi } from "../../../adapters/control_api.ts";
import { ControlOperator } from "../../../adapters/test_operator/control_operator.ts";
import type { TesterCertificates } from "../../../adapters/tester_certificates.ts";
import { listenForTls, type TesterTlsListener } from "../../../adapters/tester_tls.ts";
import { unmetNeeds } from "../../../conformance/capabilities.ts";
import { createSession } from "../../../conformance/session.ts";
import { CasePlayer } from "../../../runtime/case_player.ts";
import type { Clock } from "../../../runtime/clock.ts";
import type { Stage } from "../../../runtime/parallel_suite.ts";
import type { PlannedCase } from "../../../runtime/suite_runner.ts";
import type { TestBench } from "../../../runtime/test_bench.ts";
import type { TestedChargePoint } from "../../../runtime/tested_charge_point.ts";
import type { TesterEntrance } from "../../../runtime/tester_entrance.ts";
import { type TesterSeat, waitFor } from "../../../runtime/tester_seat.ts";
import { secretsOf } from "../../authorization_key.ts";
import { FIRST_TRANSACTION_ID } from "./tester_site.ts";

/** Of every Charge Point that is added: the CN of its certificate. */
const SERIAL_NUMBER = "SN-0001";

/** What lies below a description, so that it holds whatever `simulate` was started with. */
const BELOW = { preset: "ac-22kw", chargePointSerialNumber: SERIAL_NUMBER } as const;

/** A case, and the simulated Charge Point that it is played on. */
export interface SimulatedCase extends PlannedCase {
  readonly tested: TestedChargePoint;
}

/** What all stages work with. */
export interface StageMeans {
  readonly clock: Clock;
  readonly api: ControlApi;
  readonly bench: TestBench;
  readonly entrance: TesterEntrance;
  readonly certificates: TesterCertificates;
  /** Where the plain listener is, as Charge Points reach it, without the identity. */
  readonly url: string;
  /** The host that TLS listens on, and its name for Charge Points. */
  readonly listenHost: string;
  readonly host: string;
  /** Hexadecimal: the password of each. */
  readonly authorizationKey: string;
  /** In the identities of one run, so that two runs do not meet. */
  readonly run: string;
  /** How long one may take to connect once it is added. */
  readonly connectSeconds: number;
}

/** Makes the stage of one case. */
export async function simulatedStage(
  { definition, capabilities, tested }: SimulatedCase,
  means: StageMeans,
  number: number,
): Promise<Stage> {
  const identity = `${definition.id}-${means.run}-${number}`;
  const isApplicable = unmetNeeds(definition.needs, capabilities).length === 0;
  const isSecured = tested.securityProfile > 0 && isApplicable;
  let seat: TesterSeat | undefined = undefined;
  const tls = isSecured
    ? await listenForTls({ hostname: means.listenHost, port: 0 }, means.certificates, {
      ...means.entrance.handlers,
      onHandshakeFailed: (failure) => seat?.handshakeFailed(failure),
    })
    : undefined;
  seat = means.entrance.seat({ identity, ...(tls === undefined ? {} : { tls }) });
  const one = new SimulatedOne({ identity, tested, seat, tls }, means);
  const player = new CasePlayer({
    clock: means.clock,
    link: seat,
    operator: new ControlOperator(means.api),
    bench: means.bench,
    session: createSession({ transactionId: FIRST_TRANSACTION_ID }),
    uniqueIdPrefix: "tester-",
  });
  return {
    player,
    setup: { identity, authorizationKey: means.authorizationKey },
    secrets: secretsOf(means.authorizationKey),
    prepare: () => one.add(),
    close: () => one.remove(),
  };
}

/** A simulated Charge Point that is there for one case. */
class SimulatedOne {
  readonly #identity: string;
  readonly #tested: TestedChargePoint;
  readonly #seat: TesterSeat;
  readonly #tls: TesterTlsListener | undefined;
  readonly #means: StageMeans;
  #isAdded = false;

  constructor(
    { identity, tested, seat, tls }: {
      readonly identity: string;
      readonly tested: TestedChargePoint;
      readonly seat: TesterSeat;
      readonly tls: TesterTlsListener | undefined;
    },
    means: StageMeans,
  ) {
    this.#identity = identity;
    this.#tested = tested;
    this.#seat = seat;
    this.#tls = tls;
    this.#means = means;
  }

  /** Adds it and waits for its connection; gives why there is none. */
  async add(): Promise<string | undefined> {
    const { api, url, host } = this.#means;
    const outcome = await api.add({
      identity: this.#identity,
      url,
      ...(this.#tls === undefined ? {} : { tlsUrl: `wss://${host}:${this.#tls.port}` }),
      description: { ...BELOW, ...this.#tested.description },
      security: await this.#security(),
    });
    if (!outcome.ok) return outcome.why;
    this.#isAdded = true;
    const { clock, connectSeconds } = this.#means;
    let failure = "";
    const tell = (why: string) => failure = `: ${why}`;
    const waited = await waitFor(this.#seat, { clock, seconds: connectSeconds, tell });
    if (waited === "connected") return undefined;
    return `the simulated Charge Point has not connected to ${url} within ${connectSeconds} s${failure}`;
  }

  async #security(): Promise<AddedSecurity> {
    const { certificates, authorizationKey } = this.#means;
    const { securityProfile } = this.#tested;
    return {
      securityProfile,
      ...(securityProfile === 1 || securityProfile === 2 ? { authorizationKeyHex: authorizationKey } : {}),
      ...(securityProfile >= 2 ? { roots: [certificates.root] } : {}),
      ...(securityProfile === 3 ? { clientCertificate: await certificates.client(SERIAL_NUMBER) } : {}),
    };
  }

  async remove(): Promise<void> {
    if (this.#isAdded) await this.#means.api.remove(this.#identity);
    await this.#seat.stop();
    await this.#tls?.close();
  }
}
