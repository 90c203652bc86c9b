/**
 * The stages that updates with and without signature share: transfers, waiting, a restart, being there again.
 *
 * Spec: OCPP 1.6 §4.5 recommends that idle connectors are Unavailable before an installation, Security §5 demands it of
 * signed updates; a restart may come before or after the last status.
 */
import { call, type ExpectedCall, optionalCall, type Seen, type Steps } from "../step.ts";
import type { Tester } from "../tester.ts";
import { allStatuses, status } from "./states.ts";

/** How long a transfer or an installation may take. Units: seconds. */
export const UPDATE_SECONDS = 300;

/** The next Call tells this stage; connectors may be taken out of operation meanwhile. */
export function* stage(
  t: Tester,
  expected: ExpectedCall,
  others: readonly ExpectedCall[] = [],
): Steps<readonly unknown[]> {
  const unavailable = connectorIds(t).map((connectorId) =>
    ({ ...status(connectorId, "Unavailable"), isOptional: true }) as ExpectedCall
  );
  return yield* t.expectInAnyOrder([expected, ...others, ...unavailable], { within: UPDATE_SECONDS });
}

/** Every connector is told to be out of operation, if that has not come yet. */
export function* inoperative(t: Tester): Steps {
  const missing = connectorIds(t).filter((id) => t.session.statuses.get(id) !== "Unavailable");
  if (missing.length === 0) return;
  yield* t.expectInAnyOrder(
    missing.map((connectorId) => status(connectorId, "Unavailable")),
    { within: UPDATE_SECONDS },
  );
}

/** The update is over; a restart tells the new version, and every status. */
export function* installed(
  t: Tester,
  expected: ExpectedCall,
  firmwareVersion: string | undefined,
  others: readonly ExpectedCall[] = [],
): Steps {
  const boot = optionalCall("BootNotification", firmwareVersion === undefined ? {} : { firmwareVersion });
  const statuses = allStatuses(t).map((status) => ({ ...status, isOptional: true }) as ExpectedCall);
  const came = yield* t.expectInAnyOrder(
    [expected, boot as ExpectedCall, ...statuses, ...others],
    { within: UPDATE_SECONDS },
  ) as Steps<readonly (Seen | undefined)[]>;
  const told = came.slice(2, 2 + statuses.length);
  if (came[1] === undefined) {
    const restart = yield* t.attempt(call("BootNotification"), { within: t.setup.withinSeconds });
    if (restart === undefined) return yield* operativeAgain(t);
    told.fill(undefined); // told before the restart
  }
  const missing = allStatuses(t).filter((_, index) => told[index] === undefined);
  if (missing.length > 0) yield* t.expectInAnyOrder(missing);
  yield* checkOperative(t);
}

/** Connectors that were taken out of operation for the update are there again. */
export function* operativeAgain(t: Tester): Steps {
  const isOut = connectorIds(t).filter((connectorId) =>
    t.session.statuses.get(connectorId) === "Unavailable"
  );
  if (isOut.length > 0) {
    yield* t.expectInAnyOrder(
      isOut.map((connectorId) => status(connectorId, "Available")),
    );
  }
  yield* checkOperative(t);
}

function* checkOperative(t: Tester): Steps {
  for (const connectorId of connectorIds(t)) {
    const status = t.session.statuses.get(connectorId);
    yield* t.check(`connector ${connectorId} is Available again`, status, status === "Available");
  }
}

/** Of the connectors above 0. */
function connectorIds(t: Tester): readonly number[] {
  return Array.from({ length: t.capabilities.connectors }, (_, index) => index + 1);
}
