/** Local Authorization List: its version, and how it is sent. */
import type { Conf, Req } from "../../ocpp/registry.ts";
import { type CaseDefinition, centralSystemCase } from "../case.ts";
import type { Steps } from "../step.ts";
import type { Tester } from "../tester.ts";
import { booted, ordered } from "./states.ts";

const PROFILE = "LocalAuthListManagement";
const LIST_VERSION = 1;

function* listVersion(t: Tester, answered: number): Steps {
  yield* t.prepare(booted(t));
  yield* ordered(t, "GetLocalListVersion", {}, { listVersion: answered });
}

function* listSent(
  t: Tester,
  updateType: Req<"SendLocalList">["updateType"],
  status: Conf<"SendLocalList">["status"],
): Steps {
  const { idTag } = t.setup;
  yield* t.prepare(booted(t));
  yield* ordered(t, "SendLocalList", {
    listVersion: LIST_VERSION,
    updateType,
    localAuthorizationList: [{ idTag, idTagInfo: { status: "Accepted" } }],
  }, { status });
}

export const LOCAL_LIST: readonly CaseDefinition[] = [
  centralSystemCase({
    id: "TC_042_1_CSMS",
    title: "Get Local List Version (not supported)",
    profile: PROFILE,
    purpose: "The operator is told that the Charge Point has no Local Authorization List.",
    spec: ["OCPP 1.6 §5.10"],
    run: (t) => listVersion(t, -1),
  }),
  centralSystemCase({
    id: "TC_042_2_CSMS",
    title: "Get Local List Version (empty)",
    profile: PROFILE,
    purpose: "The operator is told that the Local Authorization List is empty.",
    spec: ["OCPP 1.6 §5.10"],
    run: (t) => listVersion(t, 0),
  }),
  centralSystemCase({
    id: "TC_043_1_CSMS",
    title: "Send Local Authorization List – NotSupported",
    profile: PROFILE,
    purpose: "A list that the Charge Point does not support is taken note of.",
    spec: ["OCPP 1.6 §5.15"],
    run: (t) => listSent(t, "Full", "NotSupported"),
  }),
  centralSystemCase({
    id: "TC_043_3_CSMS",
    title: "Send Local Authorization List – Failed",
    profile: PROFILE,
    purpose: "A list that could not be stored is taken note of.",
    spec: ["OCPP 1.6 §5.15"],
    run: (t) => listSent(t, "Full", "Failed"),
  }),
  centralSystemCase({
    id: "TC_043_4_CSMS",
    title: "Send Local Authorization List – Full",
    profile: PROFILE,
    purpose: "A list that replaces the one before is sent.",
    spec: ["OCPP 1.6 §5.15"],
    run: (t) => listSent(t, "Full", "Accepted"),
  }),
  centralSystemCase({
    id: "TC_043_5_CSMS",
    title: "Send Local Authorization List – Differential",
    profile: PROFILE,
    purpose: "A list that changes the one before is sent.",
    spec: ["OCPP 1.6 §5.15"],
    run: (t) => listSent(t, "Differential", "Accepted"),
  }),
];
