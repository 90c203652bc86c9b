/**
 * Carries out `ocpp test central-system`.
 */
import { systemClock } from "../../adapters/system_clock.ts";
import { TesterClient } from "../../adapters/tester_client.ts";
import { unmetNeeds } from "../../conformance/capabilities.ts";
import { CENTRAL_SYSTEM_CASES, NEGATIVE_CENTRAL_SYSTEM_CASES } from "../../conformance/registry.ts";
import { createSession } from "../../conformance/session.ts";
import { linkFor } from "../../conformance/tester.ts";
import { ALL_FEATURE_PROFILES } from "../../charge_point/description.ts";
import { textWithoutSecrets } from "../../ocpp/secret_text.ts";
import { CasePlayer } from "../../runtime/case_player.ts";
import { probe } from "../../runtime/link_probe.ts";
import { OCPP_SUBPROTOCOL } from "../../runtime/subprotocol.ts";
import type { TestOperator } from "../../runtime/test_operator.ts";
import type { ConnectFailure } from "../../runtime/tester_link.ts";
import { type CentralSystemFile, readCentralSystemFile } from "../../scenario/central_system_file.ts";
import { Api } from "../call/api.ts";
import { CommandError, EXIT_CODE, type ExitCode, UsageError } from "../exit_code.ts";
import { plainText } from "../plain_text.ts";
import type { TextOutput } from "../terminal.ts";
import { whyUnreadable } from "../unreadable.ts";
import { VERSION } from "../version.ts";
import { BENCH_OPTION_NAMES, openBench } from "./bench_options.ts";
import { printCases } from "./case_list.ts";
import { inOrder } from "./case_order.ts";
import { selectedCases, titlesOf } from "./case_selection.ts";
import type { CentralSystemTestOptions } from "./central_system_command.ts";
import {
  type CentralSystemCase,
  planned,
  type PlanTerms,
  type SecurityProfile,
} from "./central_system_plan.ts";
import { assertDifferent, operatorSeconds } from "./common_options.ts";
import { openDriver } from "./drivers/driver.ts";
import { runScreen } from "./run_screen.ts";
import { ServeSystem } from "./serve_system.ts";
import { secretsOf } from "../authorization_key.ts";
import { runSuite } from "./suite_run.ts";
import { missingFor, playableProfiles, type TesterSecurity, testerSecurity } from "./tester_security.ts";

/** What the command sees of the world besides the network and files. */
export interface TestWorld {
  readonly stdout: TextOutput;
  readonly stderr: TextOutput;
  /** Resolves when the user wants no more; asked for once, when the run begins. */
  readonly stopped: () => Promise<void>;
}

/** Spec: Security §2.4.2: 16 to 20 bytes. */
const KEY_BYTES = 20;

/** Of what tells two runs apart. */
const RUN_LENGTH = 4;

/** Of a Central System that does nothing unasked, and one of which nobody knows. Units: seconds. */
const CALM = { settleSeconds: 0, quietSeconds: 0.2 };
const UNKNOWN = { settleSeconds: 5, quietSeconds: 5 };

/** Errors: `UsageError` and `CommandError` before anything is played. */
export async function testCentralSystem(
  options: CentralSystemTestOptions,
  { stdout, stderr, stopped: untilStopped }: TestWorld,
): Promise<ExitCode> {
  const { url, list, json, driver } = options;
  // By name all of them can be had; unasked only those that a certification has.
  const isAll = options.negative || options.case !== undefined;
  const negative = isAll ? NEGATIVE_CENTRAL_SYSTEM_CASES : [];
  const definitions = selectedCases([...CENTRAL_SYSTEM_CASES, ...negative], options);
  if (list) {
    printCases(definitions, { json, out: stdout });
    return EXIT_CODE.done;
  }
  if (url === undefined) {
    throw new UsageError("where is the Central System? e.g. ocpp test central-system ws://localhost:9000");
  }
  const description = options.description === undefined ? {} : await described(options.description);
  const isServe = driver.kind === "ocpp";
  const security = await testerSecurity({ ...options, url });
  const terms = termsOf(options, { description, security, isServe });
  const cases = inOrder(definitions, options.repeat).map((definition) => planned(definition, terms));
  const screen = runScreen({ stdout, stderr, json, clock: systemClock });
  const quit = Promise.withResolvers<void>();
  const stopped = Promise.race([untilStopped(), quit.promise]);
  const { benchHost: host, benchPort: port, publicHost: advertisedHost } = options;
  const { firmware, manufacturerCa, manufacturerCaKey, signatureScheme } = options;
  const bench = await openBench({
    ...{ host, port, advertisedHost, firmware, manufacturerCa, manufacturerCaKey, signatureScheme },
    organization: cases[0]!.setup.cpoName,
  }, { ...BENCH_OPTION_NAMES, host: "--bench-host" });
  const link = new TesterClient(security.link);
  let operator: TestOperator | undefined;
  try {
    operator = driver.kind === "ocpp"
      ? new ServeSystem(new Api({ server: options.server ?? url, token: options.token }))
      : openDriver(driver, {
        ...{ clock: systemClock, stopped, onQuit: quit.resolve, token: options.driverToken },
        place: screen.questions,
        titleOf: titlesOf(definitions),
      });
    if (!isServe && !json) tellWhatIsNeeded(cases, screen.err);
    const serve = operator instanceof ServeSystem ? operator : undefined;
    const prepare = async (one: CentralSystemCase) => await serve?.prepare(one);
    return await runSuite({
      clock: systemClock,
      player: new CasePlayer({
        ...{ clock: systemClock, link, operator, bench },
        session: createSession(),
        uniqueIdPrefix: `${crypto.randomUUID().slice(0, 8)}-`,
      }),
      ...{ cases, repeat: 1 },
      head: {
        tool: `ocpp ${VERSION}`,
        systemUnderTest: "centralSystem",
        target: textWithoutSecrets(url),
        setup: {
          driver: driver.kind,
          identity: options.identity,
          profiles: terms.profiles.join(", "),
          securityProfiles: terms.securityProfiles.join(", "),
        },
      },
      secrets: secretsOf(terms.setup.authorizationKey, options.password),
      prepare: (one) => prepare(one as CentralSystemCase),
      blocked: await whyBlocked(cases, { prepare, security, withinSeconds: options.timeout }),
    }, { reports: options.report, screen, stopped });
  } finally {
    await Promise.all([link.stop(), operator?.close(), bench.close()]);
  }
}

/** What the cases have in common. */
function termsOf(
  options: CentralSystemTestOptions,
  { description, security, isServe }: {
    readonly description: CentralSystemFile;
    readonly security: TesterSecurity;
    readonly isServe: boolean;
  },
): PlanTerms {
  const { timeout, identity, idTag, otherIdTag, refusedIdTag, parentIdTag } = options;
  assertDifferent({
    "--id-tag": idTag,
    "--other-id-tag": otherIdTag,
    "--refused-id-tag": refusedIdTag,
  });
  const authorizationKey = security.authorizationKey ?? (isServe ? newKey() : undefined);
  const playable = playableProfiles(security, { hasPassword: authorizationKey !== undefined });
  const securityProfiles = description.securityProfiles ?? playable;
  const missing = securityProfiles.find((one) => !playable.includes(one));
  if (missing !== undefined) {
    throw new UsageError(`security profile ${missing} cannot be played without ${missingFor(missing)}`);
  }
  if (securityProfiles.length === 0) throw new UsageError(`a wss:// URL needs a --password, or a --cert`);
  const { settleSeconds, quietSeconds } = isServe ? CALM : UNKNOWN;
  const cpoName = options.cpoName ?? security.own?.organization;
  return {
    profiles: description.profiles ?? ALL_FEATURE_PROFILES,
    securityProfiles: securityProfiles as readonly SecurityProfile[],
    setup: {
      ...{ identity, idTag, otherIdTag, refusedIdTag, parentIdTag },
      ...(authorizationKey === undefined ? {} : { authorizationKey }),
      ...(cpoName === undefined ? {} : { cpoName }),
      withinSeconds: timeout,
      connectWithinSeconds: timeout,
      operatorWithinSeconds: operatorSeconds(options),
      settleSeconds: options.settle ?? settleSeconds,
      quietSeconds: options.quiet ?? quietSeconds,
    },
    isOneForEachCase: isServe,
    run: crypto.randomUUID().slice(0, RUN_LENGTH),
    certificateSerialNumber: security.own?.commonName,
    name: description.name,
  };
}

/** Why no case can be played, if so: the first one that applies stands for all. */
async function whyBlocked(
  cases: readonly CentralSystemCase[],
  { prepare, security, withinSeconds }: {
    readonly prepare: (one: CentralSystemCase) => Promise<string | undefined>;
    readonly security: TesterSecurity;
    readonly withinSeconds: number;
  },
): Promise<string | undefined> {
  const first = cases.find(({ definition: { needs }, capabilities }) =>
    unmetNeeds(needs, capabilities).length === 0
  );
  if (first === undefined) return undefined;
  const why = await prepare(first);
  if (why !== undefined) return why;
  const { setup, securityProfile } = first;
  const { identity } = setup;
  const request = { ...linkFor(setup, securityProfile), identity, subprotocols: [OCPP_SUBPROTOCOL] };
  const link = new TesterClient(security.link);
  const failure = await probe(link, request, { clock: systemClock, withinSeconds });
  if (failure === undefined) return undefined;
  const { plain, tls } = security.link.urls;
  const target = textWithoutSecrets((securityProfile < 2 ? plain : tls) ?? "");
  return `cannot connect to ${target} as ${identity}: ${failure.cause}${hintOn(failure)}`;
}

/** What there is to look after, where the cause does not say it itself. */
function hintOn({ isUnreachable, status }: ConnectFailure): string {
  if (isUnreachable) return "; is the Central System running there?";
  switch (status) {
    case undefined:
      return "";
    case 401:
    case 403:
      return "; does it know this Charge Point with this password?";
    default:
      return "; is the path right, and is this Charge Point known to it?";
  }
}

/** What a driver that knows no system in particular cannot enter: somebody has done so before. */
function tellWhatIsNeeded(cases: readonly CentralSystemCase[], out: TextOutput): void {
  const secured = ["without a password", "with the password", "with the password", "with the certificate"];
  const points = new Map(
    cases.map(({ setup: { identity }, securityProfile }) => [identity, securityProfile]),
  );
  out.write("The Central System has to know:\n");
  for (const [identity, profile] of points) {
    out.write(`  Charge Point ${plainText(identity)}, security profile ${profile}, ${secured[profile]}\n`);
  }
  const { idTag, otherIdTag } = cases[0]!.setup;
  out.write(`  idTags ${plainText(idTag)} and ${plainText(otherIdTag)}, which may charge\n\n`);
}

async function described(path: string): Promise<CentralSystemFile> {
  let text: string;
  try {
    text = await Deno.readTextFile(path);
  } catch (cause) {
    throw new CommandError(`cannot read ${path} (--description): ${whyUnreadable(cause)}`, { cause });
  }
  const read = readCentralSystemFile(text, path);
  if (!read.ok) throw new UsageError(read.why);
  return read.file;
}

function newKey(): string {
  return crypto.getRandomValues(new Uint8Array(KEY_BYTES)).toHex().toUpperCase();
}
