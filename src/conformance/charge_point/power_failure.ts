/** Group 14, power failure: what becomes of a transaction when the power goes. */
import { type CaseDefinition, chargePointCase } from "../case.ts";
import { call, optionalCall, type Steps } from "../step.ts";
import type { Tester } from "../tester.ts";
import { allStatuses, askTheCentralSystem, booted, charging, energyEnds, status, stop } from "./states.ts";

const SPEC = ["OCPP 1.6 §4.10", "OCPP 1.6 §7.36 PowerLoss", "OCPP 1.6 §3.7"];

function* switchOn(t: Tester): Steps {
  yield* t.operator({ kind: "powerOn" });
  yield* t.expectConnection();
}

export const POWER_FAILURE: readonly CaseDefinition[] = [
  chargePointCase({
    id: "TC_032_1_CS",
    title: "Power failure – stop transactions before going down",
    profile: "Core",
    purpose: "The transaction is stopped while there is power enough to tell so.",
    spec: SPEC,
    needs: { atPowerLoss: "stopBeforeGoingDown" },
    *run(t) {
      yield* t.prepare(askTheCentralSystem(t));
      const transaction = yield* t.prepare(charging(t));
      const { connectorId } = transaction;
      yield* t.operator({ kind: "powerOff" });
      yield* t.expectInAnyOrder([
        stop(transaction, { reason: "PowerLoss" }),
        energyEnds(connectorId),
        optionalCall("StatusNotification", { connectorId, status: "Finishing", errorCode: "NoError" }),
      ]);
      yield* t.tolerate(status(connectorId, "Finishing"));
      yield* t.expectDisconnection();
      yield* switchOn(t);
      yield* t.expect(call("BootNotification"), { within: t.setup.connectWithinSeconds });
      yield* t.until(allStatuses(t), { forbidden: [call("StopTransaction")] });
    },
  }),
  chargePointCase({
    id: "TC_032_2_CS",
    title: "Power failure – stop transactions after going down",
    profile: "Core",
    purpose: "The transaction that ran when the power failed is stopped after the next boot.",
    spec: SPEC,
    needs: { atPowerLoss: "stopAfterBoot" },
    *run(t) {
      yield* t.prepare(askTheCentralSystem(t));
      const transaction = yield* t.prepare(charging(t));
      yield* t.operator({ kind: "powerOff" });
      yield* t.expectDisconnection();
      yield* switchOn(t);
      yield* t.expect(call("BootNotification"), { within: t.setup.connectWithinSeconds });
      // Statuses may overtake what has to do with transactions.
      yield* t.expectInAnyOrder([stop(transaction, { reason: "PowerLoss" }), ...allStatuses(t)]);
    },
  }),
  chargePointCase({
    id: "TC_034_CS",
    title: "Power failure with Unavailable status",
    profile: "Core",
    purpose: "A connector that was taken out of operation still is when the power is back.",
    spec: ["OCPP 1.6 §5.2", "OCPP 1.6 §4.9 A8, H1"],
    *run(t) {
      const { connectorId } = t.setup;
      yield* t.send("ChangeAvailability", { connectorId, type: "Inoperative" }, { status: "Accepted" });
      yield* t.expect(status(connectorId, "Unavailable"));
      yield* t.operator({ kind: "powerOff" });
      yield* t.expectDisconnection();
      yield* switchOn(t);
      yield* booted(t, { [connectorId]: "Unavailable" });
      yield* t.send("ChangeAvailability", { connectorId, type: "Operative" }, { status: "Accepted" });
      yield* t.expect(status(connectorId, "Available"));
    },
  }),
];
