/**
 * The stages that updates with and without signature share: transfers, waiting, a restart, being there again.
 *
 * Spec: OCPP 1.6 §4.5 recommends that idle connectors are Unavailable before an installation, Security §5 demands it of
 * signed updates; a restart may come before or after the last status.
 */
import type { ChargePointStatus } from "../../ocpp/types.ts";
import { type Matcher, oneOf } from "../matcher.ts";
import { call, type ExpectedCall, optionalCall, type Seen, type Steps } from "../step.ts";
import type { Tester } from "../tester.ts";
import { status } from "./states.ts";

/** How long a transfer or an installation may take. Units: seconds. */
export const UPDATE_SECONDS = 300;

/** The next Call tells this stage; connectors may be taken out of operation meanwhile. */
export function* stage(
  t: Tester,
  expected: ExpectedCall,
  others: readonly ExpectedCall[] = [],
): Steps<readonly unknown[]> {
  const unavailable = each(t, "Unavailable").map(optionally);
  return yield* t.expectInAnyOrder([expected, ...others, ...unavailable], { within: UPDATE_SECONDS });
}

/** Every connector is told to be out of operation, if that has not come yet. */
export function* inoperative(t: Tester): Steps {
  const [whole, ...connectors] = each(t, "Unavailable");
  const missing = connectors.filter((_, index) => t.session.statuses.get(index + 1) !== "Unavailable");
  if (missing.length > 0) {
    yield* t.expectInAnyOrder([...missing, optionally(whole!)], { within: UPDATE_SECONDS });
  }
}

/** What a connector may be told to be after the restart of an update, of whose end it may still have to be told. */
const RESTARTED = oneOf("Available", "Preparing", "Finishing", "Unavailable");

/** The update is over; a restart tells the new version, and every status. */
export function* installed(
  t: Tester,
  expected: ExpectedCall,
  firmwareVersion: string | undefined,
  others: readonly ExpectedCall[] = [],
): Steps {
  const boot = optionalCall("BootNotification", firmwareVersion === undefined ? {} : { firmwareVersion });
  const statuses = [...each(t, "Unavailable"), ...each(t, RESTARTED)];
  const [, restarted] = yield* t.expectInAnyOrder(
    [expected, boot as ExpectedCall, ...statuses.map(optionally), ...others],
    { within: UPDATE_SECONDS },
  ) as Steps<readonly (Seen | undefined)[]>;
  const isTold = restarted !== undefined ||
    (yield* t.attempt(call("BootNotification"), { within: t.setup.withinSeconds })) !== undefined;
  const missing = isTold ? each(t, RESTARTED).filter((_, id) => !t.session.statuses.has(id)) : [];
  if (missing.length > 0) yield* t.expectInAnyOrder([...missing, ...each(t, "Available").map(optionally)]);
  yield* operativeAgain(t);
}

/** What was taken out of operation for the update is there again. */
export function* operativeAgain(t: Tester): Steps {
  const isOut = each(t, "Available").filter((_, id) => t.session.statuses.get(id) === "Unavailable");
  if (isOut.length > 0) yield* t.expectInAnyOrder(isOut);
  yield* checkOperative(t);
}

/** One status of each connector, 0 being the Charge Point. */
function each(t: Tester, expected: ChargePointStatus | Matcher): readonly ExpectedCall[] {
  return t.connectorIds.map((connectorId) => status(connectorId, expected) as ExpectedCall);
}

function optionally(expected: ExpectedCall): ExpectedCall {
  return { ...expected, isOptional: true };
}

function* checkOperative(t: Tester): Steps {
  for (const connectorId of t.connectorIds.slice(1)) {
    // Of one that merely connected anew nothing was told, nor has to be: taking it out of operation is recommended only.
    const status = t.session.statuses.get(connectorId) ?? "Available";
    yield* t.check(`connector ${connectorId} is Available again`, status, status === "Available");
  }
}
