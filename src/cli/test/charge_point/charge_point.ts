/**
 * Carries out `ocpp test charge-point`: opens what Charge Points connect to, and plays the cases on simulated ones of
 * its own or on the one that comes.
 */
import { systemClock } from "../../../adapters/system_clock.ts";
import { CHARGE_POINT_CASES, NEGATIVE_CHARGE_POINT_CASES } from "../../../conformance/registry.ts";
import type { CaseSetup } from "../../../conformance/session.ts";
import type { SuiteOptions } from "../../../runtime/suite_runner.ts";
import { EXIT_CODE, type ExitCode, UsageError } from "../../exit_code.ts";
import type { TextOutput } from "../../terminal.ts";
import { VERSION } from "../../version.ts";
import { assertDifferent, operatorSeconds } from "../common_options.ts";
import { printCases } from "../case_list.ts";
import { selectedCases } from "../case_selection.ts";
import type { ChargePointTestOptions } from "./command.ts";
import { authorizationKeyOf } from "../../authorization_key.ts";
import { type RunScreen, runScreen } from "../run_screen.ts";
import { playOnOne } from "./one.ts";
import { playOnSimulated } from "./simulated.ts";
import { type TestedSystem, testedSystem } from "./tested_system.ts";
import { openTesterSite, type TesterSite } from "./tester_site.ts";

/** What the command sees of the world besides the network and files. */
export interface TestWorld {
  readonly stdout: TextOutput;
  readonly stderr: TextOutput;
  /** Resolves when the user wants no more; asked for once, when the run begins. */
  readonly stopped: () => Promise<void>;
}

/** A run that is about to be played. */
export interface ChargePointRun {
  readonly options: ChargePointTestOptions;
  readonly cases: ReturnType<typeof selectedCases>;
  readonly system: TestedSystem | undefined;
  readonly site: TesterSite;
  /** Hexadecimal: its password, where one is known. */
  readonly authorizationKey: string | undefined;
  /** What all cases have in common. */
  readonly setup: Partial<CaseSetup>;
  readonly head: SuiteOptions["head"];
  readonly screen: RunScreen;
  readonly stopped: Promise<void>;
}

/** Errors: `UsageError` and `CommandError` before anything is played. */
export async function testChargePoint(
  options: ChargePointTestOptions,
  { stdout, stderr, stopped }: TestWorld,
): Promise<ExitCode> {
  const { list, json } = options;
  // By name all of them can be had; unasked only those that a certification has.
  const isAll = options.negative || options.case !== undefined;
  const negative = isAll ? NEGATIVE_CHARGE_POINT_CASES : [];
  const cases = selectedCases([...CHARGE_POINT_CASES, ...negative], options);
  if (list) {
    printCases(cases, { json, out: stdout });
    return EXIT_CODE.done;
  }
  const isSimulated = options.driver.kind === "ocpp" && options.identity === undefined;
  assertDifferent({ "--id-tag": options.idTag, "--other-id-tag": options.otherIdTag });
  const system = await testedSystem(options);
  if (isSimulated && system !== undefined && system.simulated === undefined) {
    throw new UsageError("--capabilities are those of one that is there: say which with --identity");
  }
  const { securityProfile = 0 } = system?.capabilities ?? options;
  if (!isSimulated && securityProfile >= 2 && options.ca === undefined) {
    throw new UsageError(
      `security profile ${securityProfile} wants an authority that it trusts: add --ca and --ca-key, ` +
        "e.g. those of `ocpp certs`",
    );
  }
  const authorizationKey = authorizationKeyOf(options);
  const screen = runScreen({ stdout, stderr, json, clock: systemClock });
  const site = await openTesterSite(options, screen.err);
  const run: ChargePointRun = {
    ...{ options, cases, system, site, authorizationKey, screen },
    setup: { ...setupOf(options), cpoName: site.certificates.organization },
    head: {
      tool: `ocpp ${VERSION}`,
      systemUnderTest: "chargePoint",
      target: site.url,
      setup: {
        driver: options.driver.kind,
        chargePoint: system?.name ?? (isSimulated ? "as each case needs it" : "as it says of itself"),
        ...(options.securityProfile === undefined
          ? {}
          : { "security profile": String(options.securityProfile) }),
        timeout: `${options.timeout} s`,
        ...(isSimulated ? { parallel: String(options.parallel) } : {}),
      },
    },
    stopped: stopped(),
  };
  try {
    return await (isSimulated ? playOnSimulated(run) : playOnOne(run));
  } finally {
    await site.close();
  }
}

function setupOf(options: ChargePointTestOptions): Partial<CaseSetup> {
  const { idTag, otherIdTag, parentIdTag, timeout, connectTimeout } = options;
  return {
    ...{ idTag, otherIdTag, parentIdTag },
    withinSeconds: timeout,
    connectWithinSeconds: connectTimeout,
    operatorWithinSeconds: operatorSeconds(options),
  };
}
