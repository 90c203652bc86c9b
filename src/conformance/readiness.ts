/**
 * The state in which every case with a Charge Point under test begins: connected, accepted, its statuses told.
 */
import type { Conf, Req } from "../ocpp/registry.ts";
import { call } from "./step.ts";
import type { Steps } from "./step.ts";
import type { Tester } from "./tester.ts";

/** A Charge Point that was accepted earlier and merely reconnects sends no BootNotification. Units: seconds. */
const BOOT_SECONDS = 15;

/** How long the statuses after a boot may take to come. Units: seconds. */
const STATUSES_SECONDS = 10;

/** How long a Charge Point may wait for an answer that it did not get before it sends the next Call. Units: seconds. */
const LINE_FREE_SECONDS = 60;

/** Units: seconds. */
const CALM_SECONDS = 2;
const FREE_SECONDS = 130;

/** Brings it about; tells whether the Charge Point has booted, or is taken to have done so before anybody looked. */
export function* becomeReady(t: Tester): Steps<"booted" | "before"> {
  yield* t.expectConnection();
  if (t.session.isDisturbed) yield* calmDown(t);
  if (t.session.isAccepted) return "booted";
  const boot = yield* t.attempt(call("BootNotification"), { within: BOOT_SECONDS });
  if (boot === undefined) return "before";
  // §4.2 with errata: connector 0 and every other one; whether it does is for the cases to find.
  for (const connectorId of t.connectorIds) {
    if (t.session.statuses.has(connectorId)) continue;
    const status = yield* t.attempt(call("StatusNotification", { connectorId }), {
      within: STATUSES_SECONDS,
    });
    if (status === undefined) break;
  }
  return "booted";
}

/**
 * After a case that went wrong: what is still on its way is answered and forgotten.
 *
 * A Charge Point sends one Call at a time: when a Heartbeat that was asked for comes, nothing waits before it.
 */
function* calmDown(t: Tester): Steps {
  // Who says that messages take less does not wait longer.
  const lineFreeSeconds = Math.min(LINE_FREE_SECONDS, 2 * t.setup.withinSeconds);
  const beat = { requestedMessage: "Heartbeat" } as const;
  const mayTrigger = t.capabilities.profiles.includes("RemoteTrigger") && (yield* isTriggered(t, beat));
  if (mayTrigger) {
    yield* t.attempt(call("Heartbeat"), { within: lineFreeSeconds });
    yield* t.wait(CALM_SECONDS);
    // What it told last may have been wrong.
    for (const connectorId of t.connectorIds.slice(1)) {
      if (!(yield* isTriggered(t, { requestedMessage: "StatusNotification", connectorId }))) continue;
      yield* t.attempt(call("StatusNotification", { connectorId }), { within: STATUSES_SECONDS });
    }
  } else {
    yield* t.wait(lineFreeSeconds);
  }
  // An idTag that was accepted waits for a cable until ConnectionTimeOut is over, on all connectors at once.
  const untilMs = t.nowMs + FREE_SECONDS * 1_000;
  for (const connectorId of [...t.session.statuses.keys()]) {
    const status = t.session.statuses.get(connectorId);
    if (status === "Available") continue;
    // §4.8 with errata, §9.1.37: the cable may be kept of somebody who was not to charge.
    if (status === "Finishing") yield* t.sendForAny("UnlockConnector", { connectorId });
    yield* t.attempt(call("StatusNotification", { connectorId, status: "Available" }), {
      within: Math.max(0, untilMs - t.nowMs) / 1_000,
    });
  }
}

/** Asks for a message; tells whether it comes. */
function* isTriggered(t: Tester, req: Req<"TriggerMessage">): Steps<boolean> {
  const outcome = yield* t.sendForAny("TriggerMessage", req);
  return outcome.kind === "result" && (outcome.payload as Conf<"TriggerMessage">).status === "Accepted";
}
