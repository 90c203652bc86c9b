/**
 * What a Charge Point says of itself, asked before the cases: its configuration keys tell most of what cases need.
 *
 * It is written like a case, and plays like one; nobody reports it. What cannot be read from a key is not said.
 */
import { type Action, ACTIONS, type FeatureProfile, maySend } from "../../ocpp/action.ts";
import { configurationKeyOf } from "../../ocpp/configuration_key.ts";
import type { Conf } from "../../ocpp/registry.ts";
import { type ChargePointCapabilities, CONNECTORS_MAX } from "../capabilities.ts";
import { type CaseDefinition, chargePointCase } from "../case.ts";
import { call } from "../step.ts";

const KEYS = [
  "NumberOfConnectors",
  "SupportedFeatureProfiles",
  "AuthorizationCacheEnabled",
  "ReserveConnectorZeroSupported",
  "StopTransactionOnEVSideDisconnect",
  "UnlockConnectorOnEVSideDisconnect",
  "SecurityProfile",
];

/** Whatever it may have to say by itself. */
const ITS_OWN = (Object.keys(ACTIONS) as Action[]).filter((action) => maySend("chargePoint", action));

/** Those that SupportedFeatureProfiles may name. Spec: OCPP 1.6 §9.1.29. */
const NAMED: readonly FeatureProfile[] = [
  "Core",
  "FirmwareManagement",
  "LocalAuthListManagement",
  "Reservation",
  "SmartCharging",
  "RemoteTrigger",
];

/** Asks; `found` gets what the answers amount to. */
export function selfDescription(
  found: (capabilities: Partial<ChargePointCapabilities>) => void,
): CaseDefinition {
  return chargePointCase({
    id: "ASK",
    title: "What the Charge Point says of itself",
    profile: "Core",
    purpose: "Which cases apply is known before they are played.",
    spec: ["OCPP 1.6 §5.8"],
    isQuestion: true,
    *run(t) {
      // It may just have started, have more connectors than anybody knew, or be in use. A Call that is not answered
      // would keep it silent in the first case.
      yield* t.tolerate(...ITS_OWN.map((action) => call(action)));
      const answers: Conf<"GetConfiguration">[] = [];
      // One by one: how many may be asked for at once is a key too.
      for (const key of KEYS) {
        const outcome = yield* t.sendForAny("GetConfiguration", { key: [key] });
        if (outcome.kind === "result") answers.push(outcome.payload as Conf<"GetConfiguration">);
      }
      found(capabilitiesIn(answers));
    },
  });
}

/** What answers amount to. */
export function capabilitiesIn(
  answers: readonly Conf<"GetConfiguration">[],
): Partial<ChargePointCapabilities> {
  const known = new Map(
    answers.flatMap(({ configurationKey = [] }) => configurationKey.map((one) => [nameOf(one.key), one])),
  );
  const unknown = new Set(answers.flatMap(({ unknownKey = [] }) => unknownKey.map(nameOf)));
  const isWritable = (key: string) => {
    const entry = known.get(key);
    return entry === undefined ? unknown.has(key) ? false : undefined : !entry.readonly;
  };
  const connectors = Number(known.get("NumberOfConnectors")?.value);
  const names = known.get("SupportedFeatureProfiles")?.value?.split(",").map((one) => one.trim());
  const securityProfile = Number(known.get("SecurityProfile")?.value);
  const knowsSecurity = known.has("SecurityProfile") || (unknown.has("SecurityProfile") ? false : undefined);
  const profiles = names === undefined ? undefined : [
    ...NAMED.filter((one) => one === "Core" || names.includes(one)),
    ...(knowsSecurity === true ? ["Security" as const] : []),
  ];
  const isSaid = <T>(value: T | undefined): value is T => value !== undefined;
  const canStay = isWritable("StopTransactionOnEVSideDisconnect");
  const canChoose = isWritable("UnlockConnectorOnEVSideDisconnect");
  return {
    ...(Number.isInteger(connectors) && connectors > 0 && connectors <= CONNECTORS_MAX ? { connectors } : {}),
    ...(isSaid(profiles) ? { profiles, firmwareUpdate: firmwareUpdateOf(profiles) } : {}),
    ...(known.has("AuthorizationCacheEnabled") || unknown.has("AuthorizationCacheEnabled")
      ? { hasAuthorizationCache: known.has("AuthorizationCacheEnabled") }
      : {}),
    ...(known.has("ReserveConnectorZeroSupported") || unknown.has("ReserveConnectorZeroSupported")
      ? { reservesConnectorZero: known.get("ReserveConnectorZeroSupported")?.value?.toLowerCase() === "true" }
      : {}),
    ...(isSaid(canStay) ? { canStayOnEvSideDisconnect: canStay } : {}),
    ...(isSaid(canChoose) ? { canChooseUnlockOnEvSideDisconnect: canChoose } : {}),
    ...([0, 1, 2, 3].includes(securityProfile) ? { securityProfile: securityProfile as 0 | 1 | 2 | 3 } : {}),
  };
}

/** The key as §9 writes it, where it is one of those. */
function nameOf(key: string): string {
  return configurationKeyOf(key) ?? key;
}

function firmwareUpdateOf(profiles: readonly FeatureProfile[]): ChargePointCapabilities["firmwareUpdate"] {
  const isPlain = profiles.includes("FirmwareManagement");
  const isSigned = profiles.includes("Security");
  return isPlain && isSigned ? "both" : isPlain ? "plain" : isSigned ? "signed" : "none";
}
