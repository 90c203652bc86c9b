/**
 * A foreign Charge Point on the tester's stage: there for one case, on the variant that the case needs.
 */
import type { HttpTestBench } from "../../../src/adapters/test_bench/http_test_bench.ts";
import { systemClock } from "../../../src/adapters/system_clock.ts";
import type { TesterCertificates } from "../../../src/adapters/tester_certificates.ts";
import { createSession } from "../../../src/conformance/session.ts";
import { CasePlayer } from "../../../src/runtime/case_player.ts";
import type { Stage } from "../../../src/runtime/parallel_suite.ts";
import type { PlannedCase } from "../../../src/runtime/suite_runner.ts";
import type { TesterEntrance } from "../../../src/runtime/tester_entrance.ts";
import { type TesterSeat, type TesterTls, waitFor } from "../../../src/runtime/tester_seat.ts";
import { ForeignChargePoint } from "./device.ts";
import type { Memory } from "./memory.ts";
import { ForeignOperator } from "./operator.ts";
import type { Variant } from "./variant.ts";

/** A case, and the variant that it is played on. */
export interface ForeignCase extends PlannedCase {
  readonly variant: Variant;
}

/** What all stages work with. */
export interface ForeignMeans {
  readonly bench: HttpTestBench;
  readonly entrance: TesterEntrance;
  readonly certificates: TesterCertificates;
  /** Where the plain listener is. */
  readonly url: string;
  readonly authorizationKey: string;
  /** What went wrong within the devices: payloads of either side that broke an official schema, above all. */
  readonly failures: string[];
}

/** How long one may take to connect. Units: seconds. */
const CONNECT_SECONDS = 10;

/** Makes the stage of one case. */
export async function foreignStage(
  { definition, variant }: ForeignCase,
  means: ForeignMeans,
): Promise<Stage> {
  // Its package reads the environment when it is imported, which needs a permission.
  const { listenForTls } = await import("../../../src/adapters/tester_tls.ts");
  const identity = definition.id;
  const { description, securityProfile } = variant;
  const { entrance, certificates, bench, authorizationKey } = means;
  let seat: TesterSeat | undefined = undefined;
  const tls = securityProfile === 0
    ? undefined
    : await listenForTls({ hostname: "localhost", port: 0 }, certificates, {
      ...entrance.handlers,
      onHandshakeFailed: (failure) => seat?.handshakeFailed(failure),
    });
  seat = entrance.seat({ identity, ...(tls === undefined ? {} : { tls: tls satisfies TesterTls }) });
  const device = new ForeignChargePoint({
    identity,
    description,
    endpoints: {
      plain: means.url,
      ...(tls === undefined ? {} : { tls: `wss://localhost:${tls.port}` }),
    },
    memory: await securedMemory(variant, means),
  });
  const operator = new ForeignOperator(device);
  return {
    player: new CasePlayer({
      ...{ clock: systemClock, link: seat, operator, bench },
      session: createSession({ transactionId: 1_001 }),
      uniqueIdPrefix: "tester-",
    }),
    setup: { identity, authorizationKey },
    secrets: [authorizationKey],
    prepare: async () => {
      device.powerOn();
      const waited = await waitFor(seat, { clock: systemClock, seconds: CONNECT_SECONDS });
      return waited === "connected" ? undefined : "the foreign Charge Point has not connected";
    },
    close: async () => {
      await operator.close();
      await device.stop();
      means.failures.push(...device.failures.map((failure) => `${identity}: ${failure}`));
      await seat.stop();
      await tls?.close();
    },
  };
}

/** What the factory puts in for a security profile. */
async function securedMemory(
  { securityProfile, description }: Variant,
  { certificates, authorizationKey }: ForeignMeans,
): Promise<Partial<Memory>> {
  return {
    securityProfile,
    ...(securityProfile === 1 || securityProfile === 2
      ? { password: Uint8Array.fromHex(authorizationKey) }
      : {}),
    ...(securityProfile >= 2
      ? { certificates: [{ use: "CentralSystemRootCertificate", certificate: certificates.root }] }
      : {}),
    // With profile 2 it is ready for the next one.
    ...(securityProfile >= 2 ? { ownCertificate: await certificates.client(description.serialNumber) } : {}),
  };
}
