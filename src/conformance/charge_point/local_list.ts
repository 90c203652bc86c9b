/** Group 18: the Local Authorization List. */
import type { Req } from "../../ocpp/registry.ts";
import { type CaseDefinition, chargePointCase } from "../case.ts";
import { jsonText } from "../../ocpp/json.ts";
import type { Steps } from "../step.ts";
import type { Tester } from "../tester.ts";
import { plugIn, started } from "./states.ts";

const PROFILE = "LocalAuthListManagement";
const SPEC = ["OCPP 1.6 §3.5.2", "OCPP 1.6 §5.10", "OCPP 1.6 §5.15 with errata"];

/** Versions that a case gives its lists; the list is emptied afterwards. */
const VERSION = 5;

type Entries = Req<"SendLocalList">["localAuthorizationList"];

function* sendFull(t: Tester, listVersion: number, localAuthorizationList: Entries): Steps {
  const list = { listVersion, updateType: "Full", localAuthorizationList } as const;
  yield* t.send("SendLocalList", list, { status: "Accepted" });
}

function* versionIs(t: Tester, listVersion: number): Steps {
  yield* t.send("GetLocalListVersion", {}, { listVersion });
}

/** The idTag is in the list, and that is enough to start. */
function* listed(t: Tester): Steps {
  yield* t.configure({ LocalAuthListEnabled: "true", LocalPreAuthorize: "true" });
  yield* sendFull(t, VERSION, [{ idTag: t.setup.idTag, idTagInfo: { status: "Accepted" } }]);
}

function* enabled(t: Tester): Steps {
  yield* t.configure({ LocalAuthListEnabled: "true" });
}

export const LOCAL_LIST: readonly CaseDefinition[] = [
  chargePointCase({
    id: "TC_008_1_CS",
    title: "Regular start charging session – id in local authorization list",
    profile: PROFILE,
    purpose: "An idTag that the list knows as valid starts a transaction without Authorize.",
    spec: [...SPEC, "OCPP 1.6 §9.1 LocalPreAuthorize"],
    *run(t) {
      const { connectorId, idTag } = t.setup;
      yield* t.prepare(listed(t));
      yield* plugIn(t);
      yield* t.operator({ kind: "presentIdTag", connectorId, idTag });
      yield* started(t);
    },
  }),
  chargePointCase({
    id: "TC_008_2_CS",
    title: "Remote start charging session – id in local authorization list",
    profile: PROFILE,
    purpose: "A remote start with an idTag that the list knows needs no Authorize.",
    spec: [...SPEC, "OCPP 1.6 §5.11"],
    *run(t) {
      const { connectorId, idTag } = t.setup;
      yield* t.prepare(listed(t));
      yield* t.prepare(t.configure({ AuthorizeRemoteTxRequests: "true" }));
      yield* plugIn(t);
      yield* t.send("RemoteStartTransaction", { connectorId, idTag }, { status: "Accepted" });
      yield* started(t);
    },
  }),
  chargePointCase({
    id: "TC_042_1_CS",
    title: "Get local list version – not supported",
    profile: PROFILE,
    purpose: "A Charge Point without local lists says so by version -1 or a CALLERROR.",
    spec: SPEC,
    needs: { withoutProfiles: [PROFILE] },
    *run(t) {
      const outcome = yield* t.sendForAny("GetLocalListVersion", {});
      const isSo = outcome.kind === "error"
        ? ["NotSupported", "NotImplemented"].includes(outcome.errorCode)
        : (outcome.payload as { listVersion: number }).listVersion === -1;
      yield* t.check("the version is -1, or the Action not supported", jsonText(outcome), isSo);
    },
  }),
  chargePointCase({
    id: "TC_042_2_CS",
    title: "Get local list version – empty",
    profile: PROFILE,
    purpose: "An empty list has version 0.",
    spec: SPEC,
    *run(t) {
      yield* t.prepare(enabled(t));
      yield* t.prepare(sendFull(t, VERSION, []));
      yield* versionIs(t, 0);
    },
  }),
  chargePointCase({
    id: "TC_043_CS",
    title: "Send local authorization list",
    profile: PROFILE,
    purpose: "A full list is taken, and a differential one on top of it.",
    spec: SPEC,
    *run(t) {
      const { idTag, otherIdTag } = t.setup;
      const idTagInfo = { status: "Accepted" } as const;
      yield* t.prepare(enabled(t));
      yield* sendFull(t, VERSION, [{ idTag, idTagInfo }]);
      yield* versionIs(t, VERSION);
      yield* t.send("SendLocalList", {
        listVersion: VERSION + 1,
        updateType: "Differential",
        localAuthorizationList: [{ idTag: otherIdTag, idTagInfo }, { idTag }],
      }, { status: "Accepted" });
      yield* versionIs(t, VERSION + 1);
    },
  }),
  chargePointCase({
    id: "TC_043_1_CS",
    title: "Send local authorization list – NotSupported",
    profile: PROFILE,
    purpose: "A Charge Point without local lists says so, by the status or a CALLERROR.",
    spec: SPEC,
    needs: { withoutProfiles: [PROFILE] },
    *run(t) {
      const outcome = yield* t.sendForAny("SendLocalList", {
        listVersion: VERSION,
        updateType: "Full",
        localAuthorizationList: [{ idTag: t.setup.idTag, idTagInfo: { status: "Accepted" } }],
      });
      const isSo = outcome.kind === "error"
        ? ["NotSupported", "NotImplemented"].includes(outcome.errorCode)
        : (outcome.payload as { status: string }).status === "NotSupported";
      yield* t.check("the list is not supported", jsonText(outcome), isSo);
    },
  }),
  chargePointCase({
    id: "TC_043_2_CS",
    title: "Send local authorization list – VersionMismatch",
    profile: PROFILE,
    purpose: "A differential update that is not newer than the list is refused and changes nothing.",
    spec: SPEC,
    *run(t) {
      const { idTag, otherIdTag } = t.setup;
      const idTagInfo = { status: "Accepted" } as const;
      yield* t.prepare(enabled(t));
      yield* t.prepare(sendFull(t, VERSION, [{ idTag, idTagInfo }]));
      yield* t.send("SendLocalList", {
        listVersion: VERSION - 1,
        updateType: "Differential",
        localAuthorizationList: [{ idTag: otherIdTag, idTagInfo }],
      }, { status: "VersionMismatch" });
      yield* versionIs(t, VERSION);
    },
  }),
  chargePointCase({
    id: "TC_043_3_CS",
    title: "Send local authorization list – Failed",
    profile: PROFILE,
    purpose: "An update that cannot be carried out is reported and changes nothing.",
    spec: SPEC,
    *run(t) {
      const { idTag, otherIdTag } = t.setup;
      const idTagInfo = { status: "Accepted" } as const;
      yield* t.prepare(enabled(t));
      yield* t.prepare(sendFull(t, VERSION, [{ idTag, idTagInfo }]));
      yield* t.operator({ kind: "orderFailure", failure: "localListUpdate" });
      yield* t.send("SendLocalList", {
        listVersion: VERSION + 1,
        updateType: "Full",
        localAuthorizationList: [{ idTag: otherIdTag, idTagInfo }],
      }, { status: "Failed" });
      yield* versionIs(t, VERSION);
    },
  }),
];
