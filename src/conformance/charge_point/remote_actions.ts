/** Groups 05 and 12: remote start and stop, accepted and rejected. */
import { type CaseDefinition, chargePointCase } from "../case.ts";
import { call, type ExpectedCall, type Steps } from "../step.ts";
import type { Tester } from "../tester.ts";
import { askTheCentralSystem, charging, plugIn, started, status, stopped, unplug } from "./states.ts";

/** Units: seconds. */
const CONNECTION_TIME_OUT_SECONDS = 10;
const WATCH_SECONDS = 5;

/**
 * The Authorize that a remote start leads to: as AuthorizeRemoteTxRequests says, which may be read-only.
 *
 * Spec: OCPP 1.6 §5.11, §9.1.
 */
function* remoteAuthorize(t: Tester): Steps<readonly ExpectedCall<"Authorize", false>[]> {
  yield* askTheCentralSystem(t);
  const value = yield* t.configurationOf("AuthorizeRemoteTxRequests");
  return value?.toLowerCase() === "true" ? [call("Authorize", { idTag: t.setup.idTag })] : [];
}

function* remoteStart(t: Tester): Steps {
  const { connectorId, idTag } = t.setup;
  yield* t.send("RemoteStartTransaction", { connectorId, idTag }, { status: "Accepted" });
}

export const REMOTE_ACTIONS: readonly CaseDefinition[] = [
  chargePointCase({
    id: "TC_010_CS",
    title: "Remote start charging session – cable plugged in first",
    profile: "Core",
    purpose: "A remote start with the cable in place starts a transaction for the idTag that it names.",
    spec: ["OCPP 1.6 §5.11", "OCPP 1.6 §4.8"],
    *run(t) {
      const authorize = yield* t.prepare(remoteAuthorize(t));
      yield* plugIn(t);
      yield* remoteStart(t);
      // Where nothing is authorized there is nothing to wait for.
      for (const expected of authorize) yield* t.expect(expected);
      yield* started(t);
    },
  }),
  chargePointCase({
    id: "TC_011_1_CS",
    title: "Remote start charging session – remote start first",
    profile: "Core",
    purpose: "A remote start waits for the cable and starts the transaction then.",
    spec: ["OCPP 1.6 §5.11", "OCPP 1.6 §4.9 A2, B3"],
    *run(t) {
      const { connectorId } = t.setup;
      const authorize = yield* t.prepare(remoteAuthorize(t));
      yield* remoteStart(t);
      yield* t.expectInAnyOrder([...authorize, status(connectorId, "Preparing")]);
      yield* t.operator({ kind: "plugIn", connectorId });
      yield* started(t);
    },
  }),
  chargePointCase({
    id: "TC_011_2_CS",
    title: "Remote start charging session – time out",
    profile: "Core",
    purpose: "A remote start without a cable is called off when ConnectionTimeOut is over.",
    spec: ["OCPP 1.6 §5.11", "OCPP 1.6 §4.9 B1", "OCPP 1.6 §9.1 ConnectionTimeOut"],
    *run(t) {
      const { connectorId } = t.setup;
      const authorize = yield* t.prepare(remoteAuthorize(t));
      yield* t.prepare(t.configure({ ConnectionTimeOut: String(CONNECTION_TIME_OUT_SECONDS) }));
      yield* remoteStart(t);
      yield* t.expectInAnyOrder([...authorize, status(connectorId, "Preparing")]);
      yield* t.quiet({ for: CONNECTION_TIME_OUT_SECONDS - 1 });
      yield* t.expect(status(connectorId, "Available"));
      yield* t.absent([call("StartTransaction")], { for: WATCH_SECONDS });
    },
  }),
  chargePointCase({
    id: "TC_012_CS",
    title: "Remote stop charging session",
    profile: "Core",
    purpose: "A remote stop ends the transaction that it names.",
    spec: ["OCPP 1.6 §5.12", "OCPP 1.6 §4.10"],
    *run(t) {
      yield* t.prepare(askTheCentralSystem(t));
      const transaction = yield* t.prepare(charging(t));
      const { transactionId } = transaction;
      yield* t.send("RemoteStopTransaction", { transactionId }, { status: "Accepted" });
      yield* stopped(t, transaction, { reason: "Remote" });
      yield* unplug(t);
    },
  }),
  chargePointCase({
    id: "TC_026_CS",
    title: "Remote start charging session – rejected",
    profile: "Core",
    purpose: "A remote start on a connector where a transaction runs is rejected and disturbs nothing.",
    spec: ["OCPP 1.6 §5.11"],
    *run(t) {
      const { connectorId, otherIdTag } = t.setup;
      yield* t.prepare(askTheCentralSystem(t));
      yield* t.prepare(charging(t));
      yield* t.send("RemoteStartTransaction", { connectorId, idTag: otherIdTag }, { status: "Rejected" });
      yield* t.quiet({ for: WATCH_SECONDS });
    },
  }),
  chargePointCase({
    id: "TC_027_CS",
    title: "Remote start transaction – connector id shall not be 0",
    profile: "Core",
    purpose: "A remote start on connector 0 is rejected.",
    spec: ["OCPP 1.6 §5.11", "OCPP 1.6 §6.33"],
    *run(t) {
      const { idTag } = t.setup;
      yield* t.send("RemoteStartTransaction", { connectorId: 0, idTag }, { status: "Rejected" });
      yield* t.quiet({ for: WATCH_SECONDS });
    },
  }),
  chargePointCase({
    id: "TC_028_CS",
    title: "Remote stop transaction – rejected",
    profile: "Core",
    purpose: "A remote stop of a transaction that does not run is rejected and disturbs nothing.",
    spec: ["OCPP 1.6 §5.12"],
    *run(t) {
      yield* t.prepare(askTheCentralSystem(t));
      const { transactionId } = yield* t.prepare(charging(t));
      yield* t.send("RemoteStopTransaction", { transactionId: transactionId + 1 }, { status: "Rejected" });
      yield* t.quiet({ for: WATCH_SECONDS });
    },
  }),
];
