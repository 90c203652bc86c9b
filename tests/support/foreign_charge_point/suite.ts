/**
 * Plays cases on foreign Charge Points, all at once, each on one of its own.
 */
import { systemClock } from "../../../src/adapters/system_clock.ts";
import { HttpTestBench } from "../../../src/adapters/test_bench/http_test_bench.ts";
import { TesterCertificates } from "../../../src/adapters/tester_certificates.ts";
import type { CaseDefinition } from "../../../src/conformance/case.ts";
import type { CaseReport } from "../../../src/report/suite_report.ts";
import { ParallelSuite } from "../../../src/runtime/parallel_suite.ts";
import { TesterEntrance } from "../../../src/runtime/tester_entrance.ts";
import { imageOf } from "./firmware.ts";
import { type ForeignMeans, foreignStage } from "./stage.ts";
import { capabilitiesOf, type Variant } from "./variant.ts";

/** What came of it. */
export interface ForeignSuite {
  readonly cases: readonly CaseReport[];
  /** Payloads of either side that broke an official schema, and whatever else went wrong in the devices. */
  readonly failures: readonly string[];
  /** Connections that nobody wanted. */
  readonly turnedAway: readonly string[];
}

/** What its firmware becomes. */
const NEW_VERSION = "F2.0";

const KEY_BYTES = 20;

/** Plays them. Takes as long as the longest of them. */
export async function playOnForeign(
  definitions: readonly CaseDefinition[],
  variantOf: (definition: CaseDefinition) => Variant,
): Promise<ForeignSuite> {
  // Its package reads the environment when it is imported, which needs a permission.
  const { listenHardened } = await import("../../../src/adapters/hardened_listener.ts");
  const bench = await HttpTestBench.open({
    image: { fileName: "foreign.img", bytes: imageOf(NEW_VERSION), version: NEW_VERSION },
  });
  const turnedAway: string[] = [];
  const entrance = new TesterEntrance(({ why }) => turnedAway.push(why));
  const listener = await listenHardened(
    { hostname: "localhost", port: 0, pingIntervalSeconds: 0 },
    entrance.handlers,
  );
  const means: ForeignMeans = {
    ...{ bench, entrance, failures: [] },
    certificates: new TesterCertificates(bench.certificates.authorities.centralSystem, {
      hosts: { dnsNames: ["localhost"], addresses: [] },
      nowMs: Date.now(),
    }),
    url: `ws://localhost:${listener.port}`,
    authorizationKey: crypto.getRandomValues(new Uint8Array(KEY_BYTES)).toHex().toUpperCase(),
  };
  const suite = new ParallelSuite({
    clock: systemClock,
    cases: definitions.map((definition) => {
      const variant = variantOf(definition);
      return { definition, variant, capabilities: capabilitiesOf(variant), setup: {} };
    }),
    repeat: 1,
    lanes: definitions.length,
    head: { tool: "ocpp", systemUnderTest: "chargePoint", target: "ocpp-rpc", setup: {} },
    observer: () => {},
    stageFor: (planned) => foreignStage(planned, means),
  });
  const { cases } = await suite.run();
  await listener.close();
  await bench.close();
  return { cases, failures: means.failures, turnedAway };
}
