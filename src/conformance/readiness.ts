/**
 * The state in which every case with a Charge Point under test begins: connected, accepted, its statuses told.
 */
import { call } from "./step.ts";
import type { Steps } from "./step.ts";
import type { Tester } from "./tester.ts";

/** A Charge Point that was accepted earlier and merely reconnects sends no BootNotification. Units: seconds. */
const BOOT_SECONDS = 15;

/** How long the statuses after a boot may take to come. Units: seconds. */
const STATUSES_SECONDS = 10;

/** Brings it about. */
export function* becomeReady(t: Tester): Steps {
  yield* t.expectConnection();
  if (t.session.isAccepted) return;
  const boot = yield* t.attempt(call("BootNotification"), { within: BOOT_SECONDS });
  if (boot === undefined) return;
  // §4.2 with errata: connector 0 and every other one; whether it does is for the cases to find.
  const all = Array.from({ length: t.capabilities.connectors + 1 }, (_, connectorId) => connectorId);
  for (const connectorId of all) {
    if (t.session.statuses.has(connectorId)) continue;
    const status = yield* t.attempt(call("StatusNotification", { connectorId }), {
      within: STATUSES_SECONDS,
    });
    if (status === undefined) return;
  }
}
