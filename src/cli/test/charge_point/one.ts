/**
 * The cases on the one Charge Point that connects, one after the other.
 *
 * Rules: what changes it for good comes after all others, however often they are played, and only where it can live
 * with that; from there on a case finds it on the security profile that it connects with.
 */
import { ControlApi } from "../../../adapters/control_api.ts";
import { systemClock } from "../../../adapters/system_clock.ts";
import { ControlOperator } from "../../../adapters/test_operator/control_operator.ts";
import { listenForTls } from "../../../adapters/tester_tls.ts";
import type { ChargePointCapabilities } from "../../../conformance/capabilities.ts";
import { selfDescription } from "../../../conformance/charge_point/self_description.ts";
import { type CaseSetup, createSession, patienceLeft } from "../../../conformance/session.ts";
import { CasePlayer } from "../../../runtime/case_player.ts";
import { connectionUrl } from "../../../runtime/identity.ts";
import type { TestOperator } from "../../../runtime/test_operator.ts";
import { type TesterSeat, type Waited, waitFor } from "../../../runtime/tester_seat.ts";
import type { ExitCode } from "../../exit_code.ts";
import { plainText } from "../../plain_text.ts";
import { inOrder } from "../case_order.ts";
import { titlesOf } from "../case_selection.ts";
import { openDriver } from "../drivers/driver.ts";
import { secretsOf } from "../../authorization_key.ts";
import { runSuite } from "../suite_run.ts";
import type { ChargePointRun } from "./charge_point.ts";
import type { ChargePointTestOptions } from "./command.ts";
import { usualCapabilities } from "./tested_system.ts";
import { FIRST_TRANSACTION_ID, listening, urlHost } from "./tester_site.ts";

/** Why a Charge Point is not raised to where nobody could reach it again. */
const NO_AUTHORITY =
  "the Charge Point would for good trust an authority that is gone with this run: add --ca and --ca-key";

/** Waits for it and plays them. Errors: `UsageError`, `CommandError` for a driver that cannot work here. */
export async function playOnOne(run: ChargePointRun): Promise<ExitCode> {
  const { options, site } = run;
  const quit = Promise.withResolvers<void>();
  const stopped = Promise.race([run.stopped, quit.promise]);
  let operator: TestOperator | undefined;
  let seat: TesterSeat | undefined = undefined;
  const optionNames = { port: "--tls-port", host: "--host" };
  const tls = await listening(
    listenForTls({ hostname: options.host, port: options.tlsPort, optionNames }, site.certificates, {
      ...site.entrance.handlers,
      onHandshakeFailed: (failure) => seat?.handshakeFailed(failure),
    }),
  );
  try {
    operator = operatorOf({ ...run, stopped }, () => quit.resolve());
    const { identity } = options;
    seat = site.entrance.seat({ ...(identity === undefined ? {} : { identity }), tls });
    const tlsUrl = `wss://${urlHost(site.host)}:${tls.port}`;
    return await playAt(seat, { ...run, stopped }, { operator, tlsUrl });
  } finally {
    await seat?.stop();
    await tls.close();
    await operator?.close();
  }
}

async function playAt(
  seat: TesterSeat,
  run: ChargePointRun,
  { operator, tlsUrl }: { readonly operator: TestOperator; readonly tlsUrl: string },
): Promise<ExitCode> {
  const { options, cases, system, site, authorizationKey, head, screen, stopped } = run;
  const session = createSession({ transactionId: FIRST_TRANSACTION_ID });
  const player = new CasePlayer({
    clock: systemClock,
    link: seat,
    ...{ operator, bench: site.bench, session },
    uniqueIdPrefix: `${crypto.randomUUID().slice(0, 8)}-`,
  });
  const { securityProfile = system?.capabilities.securityProfile ?? 0 } = options;
  const url = securityProfile >= 2 ? tlsUrl : site.url;
  const where = options.identity === undefined
    ? `${url}/<identity>`
    : connectionUrl({ url, identity: options.identity });
  screen.err.write(`waiting for ${options.identity ?? "a Charge Point"} at ${where}\n`);
  // It may be on another security profile than was said, and be raised to one.
  if (securityProfile < 2 && options.ca !== undefined) {
    screen.err.write(
      `by TLS, for security profiles 2 and 3: ${tlsUrl}/${options.identity ?? "<identity>"}\n`,
    );
  }
  let failure: string | undefined;
  const waiting = {
    ...{ clock: systemClock, seconds: options.connectTimeout, stopped },
    tell: (why: string) => {
      if (why !== failure) screen.err.write(`ocpp: a connection came to nothing: ${plainText(why)}\n`);
      failure = why;
    },
  };
  const waited = await waitFor(seat, waiting);
  const setup = {
    ...run.setup,
    identity: seat.identity ?? "",
    ...(authorizationKey === undefined ? {} : { authorizationKey }),
  };
  const blocked = notConnected(waited, `nobody has connected to ${where}`, { ...options, failure });
  const notOperated = blocked === undefined ? await whyNotOperated(options, seat.identity ?? "") : undefined;
  if (notOperated !== undefined) {
    screen.err.write(
      `ocpp: --driver ocpp can do nothing for it, so that cases with users are INCONCLUSIVE: ${
        plainText(notOperated)
      }\n`,
    );
  }
  if (system === undefined && waited === "connected") {
    screen.err.write(`${plainText(seat.identity ?? "")} has connected; asking what it is\n`);
  }
  const capabilities = system?.capabilities ??
    await askedOf(player, {
      ...{ usual: usualCapabilities(options), setup, isThere: blocked === undefined },
      notTold: (came) =>
        screen.err.write(
          `ocpp: it does not say what it is (${plainText(came)}), and is taken for a usual one; ` +
            "--capabilities says it instead\n",
        ),
    });
  const playedOn = system?.name ?? seat.identity ?? "";
  let gone: string | undefined;
  let mayHaveRisen = false;
  return await runSuite({
    clock: systemClock,
    player,
    cases: inOrder(cases, options.repeat).map((definition) => ({
      ...{ definition, setup, playedOn },
      get capabilities() {
        const isRaised = mayHaveRisen && seat.securityProfile > capabilities.securityProfile;
        return isRaised ? { ...capabilities, securityProfile: seat.securityProfile } : capabilities;
      },
    })),
    repeat: 1,
    head,
    secrets: secretsOf(authorizationKey, options.password),
    prepare: async ({ definition: { isForGood = false } }) => {
      if (isForGood && options.ca === undefined) return NO_AUTHORITY;
      mayHaveRisen ||= isForGood;
      if (gone === undefined) {
        // The case before may have waited for it already.
        const seconds = patienceLeft(session, options.connectTimeout, systemClock.nowMs());
        const again = await waitFor(seat, { ...waiting, seconds });
        gone = notConnected(again, `${seat.identity} is gone and was not back`, { ...options, failure });
      }
      return gone;
    },
    blocked,
  }, { reports: options.report, screen, stopped });
}

/** Why there is no connection, if so. */
function notConnected(
  waited: Waited,
  what: string,
  { connectTimeout, failure }: { readonly connectTimeout: number; readonly failure: string | undefined },
): string | undefined {
  if (waited === "connected") return undefined;
  const attempt = failure === undefined ? "" : `; the last attempt came to nothing: ${plainText(failure)}`;
  return waited === "stopped"
    ? `${what}, and it was interrupted`
    : `${what} within ${connectTimeout} s (--connect-timeout)${attempt}`;
}

/** Why `--driver ocpp` can do nothing for it, if so. Once it is there: a simulator may be started after the tester. */
async function whyNotOperated(
  options: ChargePointTestOptions,
  identity: string,
): Promise<string | undefined> {
  if (options.driver.kind !== "ocpp") return undefined;
  const probed = await controlOf(options).probeFor(identity);
  if (probed.ok) return undefined;
  return probed.why.includes("--control")
    ? probed.why
    : `${probed.why}; --control says where it is simulated`;
}

function controlOf({ control, controlToken }: ChargePointTestOptions): ControlApi {
  return new ControlApi({ url: control, token: controlToken });
}

/** What it says of itself, over what is usual. */
async function askedOf(
  player: CasePlayer,
  { usual, setup, isThere, notTold }: {
    readonly usual: ChargePointCapabilities;
    readonly setup: Partial<CaseSetup>;
    readonly isThere: boolean;
    readonly notTold: (came: string) => void;
  },
): Promise<ChargePointCapabilities> {
  let said: Partial<ChargePointCapabilities> = {};
  if (isThere) {
    const definition = selfDescription((capabilities) => said = capabilities);
    const { result: { failure } } = await player.play({ definition, capabilities: usual, setup });
    if (failure !== undefined) notTold(failure.came);
  }
  return { ...usual, ...said };
}

function operatorOf({ options, cases, screen, stopped }: ChargePointRun, onQuit: () => void): TestOperator {
  const { driver } = options;
  if (driver.kind === "ocpp") return new ControlOperator(controlOf(options));
  return openDriver(driver, {
    ...{ onQuit, stopped },
    place: screen.questions,
    clock: systemClock,
    titleOf: titlesOf(cases),
    token: options.driverToken,
  });
}
