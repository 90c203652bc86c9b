/**
 * The cases on simulated Charge Points, each on one of its own and several at once.
 */
import { ControlApi } from "../../../adapters/control_api.ts";
import { systemClock } from "../../../adapters/system_clock.ts";
import { ParallelSuite } from "../../../runtime/parallel_suite.ts";
import type { ExitCode } from "../../exit_code.ts";
import { playSuite } from "../suite_run.ts";
import type { ChargePointRun } from "./charge_point.ts";
import { simulatedStage } from "./simulated_stages.ts";
import { simulatedCase } from "./tested_system.ts";

/** Spec: Security §2.4.2: 16 to 20 bytes. */
const KEY_BYTES = 20;

/** Tells the Charge Points of one run from those of another. Units: characters. */
const RUN_LENGTH = 4;

/** Plays them. */
export async function playOnSimulated(run: ChargePointRun): Promise<ExitCode> {
  const { options, cases, system, site, setup, head, screen, stopped } = run;
  const api = new ControlApi({ url: options.control, token: options.controlToken });
  const probed = await api.probe();
  const authorizationKey = run.authorizationKey ??
    crypto.getRandomValues(new Uint8Array(KEY_BYTES)).toHex().toUpperCase();
  const means = {
    ...site,
    ...{ api, authorizationKey, clock: systemClock },
    listenHost: options.host,
    run: crypto.randomUUID().slice(0, RUN_LENGTH),
    connectSeconds: options.connectTimeout,
  };
  return await playSuite(
    (observer) =>
      new ParallelSuite({
        clock: systemClock,
        cases: cases.map((definition) => ({
          ...simulatedCase(definition, system?.simulated, options),
          setup,
        })),
        repeat: options.repeat,
        lanes: options.parallel,
        ...{ head, observer },
        stageFor: (planned, number) => simulatedStage(planned, means, number),
      }),
    {
      blocked: probed.ok ? undefined : probed.why,
      ...{ reports: options.report, screen, stopped },
    },
  );
}
