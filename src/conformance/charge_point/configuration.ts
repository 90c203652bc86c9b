/** Groups 08 and 16: configuration keys. */
import {
  CONFIGURATION_KEY_NAMES,
  CONFIGURATION_KEYS,
  type ConfigurationKey,
  configurationKeyOf,
} from "../../ocpp/configuration_key.ts";
import type { FeatureProfile } from "../../ocpp/action.ts";
import type { Conf } from "../../ocpp/registry.ts";
import { sameCiString } from "../../ocpp/types.ts";
import { type CaseDefinition, chargePointCase } from "../case.ts";
import { optional } from "../matcher.ts";

const SPEC = ["OCPP 1.6 §5.3", "OCPP 1.6 §5.8", "OCPP 1.6 §9"];

type ToldKey = NonNullable<Conf<"GetConfiguration">["configurationKey"]>[number];

/** A key that every Charge Point has and lets be changed. */
const KEY = "MeterValueSampleInterval";

/** Whether a Charge Point of these profiles has to tell a key. */
function isWanted(name: ConfigurationKey, profiles: readonly FeatureProfile[]): boolean {
  const { isRequired, profile, access } = CONFIGURATION_KEYS[name];
  return isRequired && access !== "W" && profiles.includes(profile);
}

/**
 * Whether a standard key may be changed as §9 says, and has a value of its type; any other key may be anything, and what
 * need not be there at all may be there for reading only.
 */
function isAsItShouldBe({ key, value, readonly }: ToldKey, profiles: readonly FeatureProfile[]): boolean {
  const name = configurationKeyOf(key);
  if (name === undefined) return true;
  const { access, type } = CONFIGURATION_KEYS[name];
  if (access === "R" ? !readonly : access === "RW" && readonly && isWanted(name, profiles)) return false;
  if (value === undefined) return true;
  if (type === "integer") return /^-?\d+$/.test(value);
  return type !== "boolean" || /^(true|false)$/i.test(value);
}

export const CONFIGURATION: readonly CaseDefinition[] = [
  chargePointCase({
    id: "TC_019_CS",
    title: "Retrieve configuration",
    profile: "Core",
    purpose: "Every key that the supported profiles require is told, and a single one when it is asked for.",
    spec: SPEC,
    *run(t) {
      const all = yield* t.send("GetConfiguration", {});
      const told = all.configurationKey ?? [];
      const { profiles } = t.capabilities;
      const missing = CONFIGURATION_KEY_NAMES.filter((name) =>
        isWanted(name, profiles) && !told.some(({ key }) => sameCiString(key, name))
      );
      yield* t.check("every required key is told", `without ${missing.join(", ")}`, missing.length === 0);
      const wrong = told.filter((one) => !isAsItShouldBe(one, profiles)).map(({ key }) => key);
      yield* t.check("every standard key is as it should be", `not ${wrong.join(", ")}`, wrong.length === 0);
      const names = told.map(({ key }) => key.toLowerCase());
      yield* t.check("no key is told twice", names, new Set(names).size === names.length);
      const key = "SupportedFeatureProfiles";
      const value = told.find((one) => sameCiString(one.key, key))?.value ?? "";
      yield* t.send("GetConfiguration", { key: [key] }, {
        configurationKey: [{ key, value, readonly: true }],
        unknownKey: optional([]),
      });
    },
  }),
  chargePointCase({
    id: "TC_021_CS",
    title: "Change/set configuration",
    profile: "Core",
    purpose: "A key that is changed has its new value.",
    spec: SPEC,
    *run(t) {
      const before = yield* t.prepare(t.configurationOf(KEY));
      const value = before === "30" ? "60" : "30";
      if (before !== undefined) t.record.configuration.set(KEY, before);
      yield* t.send("ChangeConfiguration", { key: KEY, value }, { status: "Accepted" });
      yield* t.send("GetConfiguration", { key: [KEY] }, { configurationKey: [{ key: KEY, value }] });
    },
  }),
  chargePointCase({
    id: "TC_040_1_CS",
    title: "Configuration keys – NotSupported",
    profile: "Core",
    purpose: "A key that does not exist cannot be changed.",
    spec: SPEC,
    *run(t) {
      yield* t.send("ChangeConfiguration", { key: "NoSuchKeyOfOurs", value: "1" }, {
        status: "NotSupported",
      });
    },
  }),
  chargePointCase({
    id: "TC_040_2_CS",
    title: "Configuration keys – invalid value",
    profile: "Core",
    purpose: "A value that makes no sense is rejected, and the key keeps the one it has.",
    spec: SPEC,
    *run(t) {
      const before = yield* t.prepare(t.configurationOf(KEY));
      yield* t.send("ChangeConfiguration", { key: KEY, value: "-1" }, { status: "Rejected" });
      const after = yield* t.configurationOf(KEY);
      yield* t.check(`${KEY} is what it was`, `${after} after ${before}`, after === before);
    },
  }),
];
