/** Core: configuration keys, and DataTransfer. */
import type { Conf, Req } from "../../ocpp/registry.ts";
import { type CaseDefinition, centralSystemCase } from "../case.ts";
import { type Matching, optional } from "../matcher.ts";
import type { Steps } from "../step.ts";
import type { Tester } from "../tester.ts";
import { booted, ordered } from "./states.ts";

const PROFILES = {
  key: "SupportedFeatureProfiles",
  readonly: true,
  value: "Core,FirmwareManagement,LocalAuthListManagement,Reservation,SmartCharging,RemoteTrigger",
};

const ALL_KEYS = [
  { key: "MeterValueSampleInterval", readonly: false, value: "60" },
  { key: "NumberOfConnectors", readonly: true, value: "2" },
  PROFILES,
];

/** What has been changed is not asked for: nobody has asked for that. */
function* changed(
  t: Tester,
  payload: Req<"ChangeConfiguration">,
  status: Conf<"ChangeConfiguration">["status"],
): Steps {
  yield* t.prepare(booted(t));
  yield* ordered(t, "ChangeConfiguration", payload, { status });
  yield* t.quiet({ for: t.setup.quietSeconds });
}

export const CONFIGURATION: readonly CaseDefinition[] = [
  centralSystemCase({
    id: "TC_019_1_CSMS",
    title: "Retrieve all configuration keys",
    profile: "Core",
    purpose: "The operator gets every configuration key.",
    spec: ["OCPP 1.6 §5.8"],
    *run(t) {
      yield* t.prepare(booted(t));
      const all = { key: optional([]) } as unknown as Matching<Req<"GetConfiguration">>;
      yield* ordered(t, "GetConfiguration", {}, { configurationKey: ALL_KEYS }, all);
    },
  }),
  centralSystemCase({
    id: "TC_019_2_CSMS",
    title: "Retrieve specific configuration key",
    profile: "Core",
    purpose: "The operator gets the configuration key that was asked for.",
    spec: ["OCPP 1.6 §5.8"],
    *run(t) {
      yield* t.prepare(booted(t));
      yield* ordered(t, "GetConfiguration", { key: [PROFILES.key] }, { configurationKey: [PROFILES] });
    },
  }),
  centralSystemCase({
    id: "TC_021_CSMS",
    title: "Change/set configuration",
    profile: "Core",
    purpose: "The operator sets a configuration key, and nothing else is sent.",
    spec: ["OCPP 1.6 §5.3"],
    run: (t) => changed(t, { key: "MeterValueSampleInterval", value: "120" }, "Accepted"),
  }),
];

/** Those in which the Charge Point says no. */
export const CONFIGURATION_REFUSALS: readonly CaseDefinition[] = [
  centralSystemCase({
    id: "TC_040_1_CSMS",
    title: "Configuration keys – NotSupported",
    profile: "Core",
    purpose: "A configuration key that the Charge Point does not know is taken note of.",
    spec: ["OCPP 1.6 §5.3"],
    run: (t) => changed(t, { key: "UnknownKeyOfConformance", value: "1" }, "NotSupported"),
  }),
  centralSystemCase({
    id: "TC_040_2_CSMS",
    title: "Configuration keys – invalid value",
    profile: "Core",
    purpose: "A value that the Charge Point rejects is taken note of, and nothing else is sent.",
    spec: ["OCPP 1.6 §5.3"],
    run: (t) => changed(t, { key: "MeterValueSampleInterval", value: "-1" }, "Rejected"),
  }),
];

export const DATA_TRANSFER: readonly CaseDefinition[] = [
  centralSystemCase({
    id: "TC_064_CSMS",
    title: "Data transfer to a Central System",
    profile: "Core",
    purpose: "A message of a vendor that is not known is answered so.",
    spec: ["OCPP 1.6 §4.3"],
    *run(t) {
      yield* t.prepare(booted(t));
      yield* t.send("DataTransfer", {
        vendorId: "test.conformance.unknown",
        messageId: "Question",
        data: "42",
      }, { status: "UnknownVendorId" });
    },
  }),
];
