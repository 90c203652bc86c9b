/** Group 03: stopping a charging session. */
import type { Req } from "../../ocpp/registry.ts";
import { type CaseDefinition, chargePointCase } from "../case.ts";
import type { Matching } from "../matcher.ts";
import { call, optionalCall, type Steps } from "../step.ts";
import type { Tester } from "../tester.ts";
import {
  askTheCentralSystem,
  charging,
  reason,
  type SeenTransaction,
  status,
  stop,
  stopLocally,
  stopped,
  unplug,
} from "./states.ts";

/** Long enough for a Charge Point to do what it should not. Units: seconds. */
const WATCH_SECONDS = 5;

const disconnected: Matching<Req<"StopTransaction">> = { reason: "EVDisconnected" };

/** Charging in fact: what is suspended already would tell nothing of an EV that leaves. */
function* energyFlows(t: Tester): Steps<SeenTransaction> {
  const transaction = yield* charging(t);
  const { connectorId } = transaction;
  if (t.session.statuses.get(connectorId) !== "Charging") yield* t.expect(status(connectorId, "Charging"));
  return transaction;
}

export const STOP_SESSION: readonly CaseDefinition[] = [
  chargePointCase({
    id: "TC_068_CS",
    title: "Stop transaction – idTag matches the one that started it",
    profile: "Core",
    purpose: "The idTag that started a transaction stops it, and no Authorize is sent for it.",
    spec: ["OCPP 1.6 §4.1", "OCPP 1.6 §4.10", "OCPP 1.6 §4.9 C6, F1"],
    *run(t) {
      yield* t.prepare(askTheCentralSystem(t));
      const transaction = yield* t.prepare(charging(t));
      yield* stopLocally(t, transaction);
      yield* unplug(t);
    },
  }),
  chargePointCase({
    id: "TC_069_CS",
    title: "Stop transaction – parentIdTag matches",
    profile: "Core",
    purpose: "Another idTag with the same parentIdTag stops the transaction.",
    spec: ["OCPP 1.6 §3.10", "OCPP 1.6 §4.1", "OCPP 1.6 §4.10"],
    *run(t) {
      const { connectorId, otherIdTag, parentIdTag } = t.setup;
      yield* t.prepare(askTheCentralSystem(t));
      const transaction = yield* t.prepare(charging(t, { parentIdTag }));
      yield* t.operator({ kind: "presentIdTag", connectorId, idTag: otherIdTag });
      yield* t.expect(
        call("Authorize", { idTag: otherIdTag }, { idTagInfo: { status: "Accepted", parentIdTag } }),
      );
      yield* stopped(
        t,
        transaction,
        { idTag: otherIdTag, reason: reason("Local") } as Matching<Req<"StopTransaction">>,
      );
      yield* unplug(t);
    },
  }),
  chargePointCase({
    id: "TC_005_1_CS",
    title: "EV side disconnected – stop = true, unlock = true",
    profile: "Core",
    purpose: "A cable that is taken out of the EV stops the transaction and is let go of.",
    spec: [
      "OCPP 1.6 §4.9, §4.10",
      "OCPP 1.6 §9.1 StopTransactionOnEVSideDisconnect, UnlockConnectorOnEVSideDisconnect",
    ],
    needs: { cable: "detachable", canChooseUnlockOnEvSideDisconnect: true },
    *run(t) {
      const { connectorId } = t.setup;
      yield* t.prepare(askTheCentralSystem(t));
      yield* t.prepare(t.configure({
        StopTransactionOnEVSideDisconnect: "true",
        UnlockConnectorOnEVSideDisconnect: "true",
      }));
      const transaction = yield* t.prepare(charging(t));
      yield* t.operator({ kind: "unplug", connectorId });
      // The transaction may be seen suspended for a moment, until the Charge Point is sure.
      yield* t.expectInAnyOrder([
        stop(transaction, disconnected),
        optionalCall("StatusNotification", { connectorId, status: "SuspendedEV", errorCode: "NoError" }),
        status(connectorId, "Finishing"),
      ]);
      // F1: a cable that is let go of is still there until somebody takes it out.
      yield* unplug(t);
    },
  }),
  chargePointCase({
    id: "TC_005_2_CS",
    title: "EV side disconnected – stop = true, unlock = false",
    profile: "Core",
    purpose: "The transaction stops, and the cable stays locked until the user comes forward.",
    spec: [
      "OCPP 1.6 §4.9, §4.10",
      "OCPP 1.6 §9.1 StopTransactionOnEVSideDisconnect, UnlockConnectorOnEVSideDisconnect",
    ],
    needs: { cable: "detachable", canChooseUnlockOnEvSideDisconnect: true },
    *run(t) {
      const { connectorId, idTag } = t.setup;
      yield* t.prepare(askTheCentralSystem(t));
      yield* t.prepare(t.configure({
        StopTransactionOnEVSideDisconnect: "true",
        UnlockConnectorOnEVSideDisconnect: "false",
      }));
      const transaction = yield* t.prepare(charging(t));
      yield* t.operator({ kind: "unplug", connectorId });
      yield* t.expectInAnyOrder([
        stop(transaction, disconnected),
        optionalCall("StatusNotification", { connectorId, status: "SuspendedEV", errorCode: "NoError" }),
        status(connectorId, "Finishing"),
      ]);
      yield* t.quiet({ for: WATCH_SECONDS });
      yield* t.operator({ kind: "presentIdTag", connectorId, idTag });
      yield* t.operator({ kind: "unplug", connectorId });
      // §4.1 forbids Authorize for the same idTag only while it stops a transaction.
      yield* t.expectInAnyOrder([optionalCall("Authorize", { idTag }), status(connectorId, "Available")]);
    },
  }),
  chargePointCase({
    id: "TC_005_3_CS",
    title: "EV side disconnected – stop = false, unlock = false",
    profile: "Core",
    purpose: "The transaction goes on without the EV, and energy flows again when the cable is back.",
    spec: ["OCPP 1.6 §4.9, §4.10", "OCPP 1.6 §9.1 StopTransactionOnEVSideDisconnect"],
    needs: { canStayOnEvSideDisconnect: true },
    *run(t) {
      const { connectorId } = t.setup;
      yield* t.prepare(askTheCentralSystem(t));
      yield* t.prepare(t.configure({ StopTransactionOnEVSideDisconnect: "false" }));
      const transaction = yield* t.prepare(energyFlows(t));
      yield* t.operator({ kind: "unplug", connectorId });
      yield* t.expect(status(connectorId, "SuspendedEV"));
      yield* t.quiet({ for: WATCH_SECONDS });
      yield* t.operator({ kind: "plugIn", connectorId });
      yield* t.expect(status(connectorId, "Charging"));
      yield* stopLocally(t, transaction);
      yield* unplug(t);
    },
  }),
];
