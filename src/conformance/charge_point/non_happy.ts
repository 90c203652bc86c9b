/** Groups 10, 11 and 17: sessions that do not come to be, and faults. */
import { type CaseDefinition, chargePointCase } from "../case.ts";
import { not } from "../matcher.ts";
import { call, optionalCall } from "../step.ts";
import { askTheCentralSystem, plugIn, status } from "./states.ts";

/** Units: seconds. */
const WATCH_SECONDS = 10;

export const NON_HAPPY: readonly CaseDefinition[] = [
  chargePointCase({
    id: "TC_023_4_CS",
    title: "Local start – Authorize invalid",
    profile: "Core",
    purpose: "An idTag that the Central System refuses starts nothing.",
    spec: ["OCPP 1.6 §4.1", "OCPP 1.6 §7.2"],
    *run(t) {
      const { connectorId, idTag } = t.setup;
      yield* t.prepare(askTheCentralSystem(t));
      yield* plugIn(t);
      yield* t.operator({ kind: "presentIdTag", connectorId, idTag });
      yield* t.expect(call("Authorize", { idTag }, { idTagInfo: { status: "Invalid" } }));
      yield* t.quiet({ for: WATCH_SECONDS });
    },
  }),
  chargePointCase({
    id: "TC_023_5_CS",
    title: "Remote start – Authorize invalid",
    profile: "Core",
    purpose: "A remote start with an idTag that is refused on authorization starts nothing.",
    spec: ["OCPP 1.6 §5.11", "OCPP 1.6 §9.1 AuthorizeRemoteTxRequests"],
    *run(t) {
      const { connectorId, idTag } = t.setup;
      yield* t.prepare(askTheCentralSystem(t));
      yield* t.prepare(t.configure({ AuthorizeRemoteTxRequests: "true" }));
      yield* plugIn(t);
      yield* t.send("RemoteStartTransaction", { connectorId, idTag }, { status: "Accepted" });
      yield* t.expect(call("Authorize", { idTag }, { idTagInfo: { status: "Invalid" } }));
      yield* t.quiet({ for: WATCH_SECONDS });
    },
  }),
  chargePointCase({
    id: "TC_024_CS",
    title: "Start charging session – lock failure",
    profile: "Core",
    purpose: "A cable that cannot be locked is reported, and no transaction starts.",
    spec: ["OCPP 1.6 §4.8", "OCPP 1.6 §4.9 B9", "OCPP 1.6 §7.6 ConnectorLockFailure"],
    needs: { cable: "detachable" },
    *run(t) {
      const { connectorId, idTag } = t.setup;
      yield* t.prepare(askTheCentralSystem(t));
      yield* t.operator({ kind: "jamLock", connectorId, jam: "lock" });
      yield* t.operator({ kind: "plugIn", connectorId });
      yield* t.operator({ kind: "presentIdTag", connectorId, idTag });
      // The lock may be tried when the cable comes, or when the idTag is accepted.
      yield* t.expectInAnyOrder([
        optionalCall("StatusNotification", { connectorId, status: "Preparing", errorCode: "NoError" }),
        optionalCall("Authorize", { idTag }),
        call("StatusNotification", { connectorId, status: "Faulted", errorCode: "ConnectorLockFailure" }),
      ]);
      yield* t.absent([call("StartTransaction")], { for: WATCH_SECONDS });
    },
  }),
  chargePointCase({
    id: "TC_041_CS",
    title: "Fault behaviour",
    profile: "Core",
    purpose: "A fault is reported with its error code, and so is its end.",
    spec: ["OCPP 1.6 §4.9 A9, I1", "OCPP 1.6 §7.6"],
    *run(t) {
      const { connectorId } = t.setup;
      yield* t.operator({ kind: "fault", connectorId, errorCode: "GroundFailure" });
      yield* t.expect(
        call("StatusNotification", { connectorId, status: "Faulted", errorCode: not("NoError") }),
      );
      yield* t.quiet({ for: WATCH_SECONDS / 2 });
      yield* t.operator({ kind: "clearFault", connectorId });
      yield* t.expect(status(connectorId, "Available"));
    },
  }),
];
