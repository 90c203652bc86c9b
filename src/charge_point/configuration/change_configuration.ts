/**
 * ChangeConfiguration and GetConfiguration: the keys as the Central System sees them.
 *
 * Spec: OCPP 1.6 §5.3, §5.8, §9.
 */
import type { Conf, Req } from "../../ocpp/registry.ts";
import { restartHeartbeat } from "../link/boot.ts";
import {
  CONFIGURATION_KEY_NAMES,
  CONFIGURATION_KEYS,
  type ConfigurationKey,
} from "../../ocpp/configuration_key.ts";
import { hasKey, integer, isReadOnly, withValue } from "./configuration.ts";
import { checkValue, keyOf } from "./configuration_value.ts";
import type { Handled } from "../handler.ts";
import { isSecurityKey, securityRefusal, setSecurity } from "../security/security_profile.ts";
import type { ChargePointState, Turn } from "../state.ts";
import { restartSampling } from "../transaction/transaction.ts";

export function changeConfiguration(
  { state }: Turn,
  { key: name, value: text }: Req<"ChangeConfiguration">,
): Handled<"ChangeConfiguration"> {
  const checked = checkValue(name, text, state.options.description);
  if (!checked.ok) {
    return { conf: { status: checked.refusal === "unknownKey" ? "NotSupported" : "Rejected" } };
  }
  const { key, value } = checked;
  if (isSecurityKey(key) && securityRefusal(state, key, value) !== undefined) {
    return { conf: { status: "Rejected" } };
  }
  return { conf: { status: "Accepted" }, consequence: (turn) => setValue(turn, key, value) };
}

/** Somebody at the Charge Point sets a key; what ChangeConfiguration refuses is refused here too. */
export function setConfiguration(turn: Turn, setting: Req<"ChangeConfiguration">): void {
  const handled = changeConfiguration(turn, setting);
  if ("conf" in handled) handled.consequence?.(turn);
}

/** Everything else reads its key whenever it needs it; these two count from the change. */
function setValue(turn: Turn, key: ConfigurationKey, value: string): void {
  if (isSecurityKey(key)) return setSecurity(turn, key, value);
  turn.state.configuration = withValue(turn.state.configuration, key, value);
  if (key === "HeartbeatInterval") restartHeartbeat(turn);
  if (key === "MeterValueSampleInterval") restartSampling(turn);
}

export function getConfiguration(
  { state }: Turn,
  { key: names }: Req<"GetConfiguration">,
): Handled<"GetConfiguration"> {
  if (names === undefined || names.length === 0) {
    const configurationKey = CONFIGURATION_KEY_NAMES.filter((key) => isReadable(state, key));
    return { conf: { configurationKey: configurationKey.map((key) => keyValue(state, key)) } };
  }
  const maxKeys = integer(state.configuration, "GetConfigurationMaxKeys");
  if (names.length > maxKeys) {
    return {
      faults: [{ kind: "wrongCount", path: ["key"], message: `has more than ${maxKeys} items` }],
    };
  }
  const known = new Set<ConfigurationKey>();
  const unknownKey: string[] = [];
  for (const name of names) {
    const key = keyOf(name, state.options.description);
    if (key === undefined) unknownKey.push(name);
    else if (isReadable(state, key)) known.add(key);
  }
  const configurationKey = [...known].map((key) => keyValue(state, key));
  return {
    conf: {
      ...(configurationKey.length === 0 ? {} : { configurationKey }),
      ...(unknownKey.length === 0 ? {} : { unknownKey }),
    },
  };
}

type KeyValue = NonNullable<Conf<"GetConfiguration">["configurationKey"]>[number];

function keyValue({ configuration, options }: ChargePointState, key: ConfigurationKey): KeyValue {
  const value = configuration[key];
  return { key, readonly: isReadOnly(options.description, key), ...(value === undefined ? {} : { value }) };
}

/** Security §4: the key that authorizes us is never told. */
function isReadable({ options }: ChargePointState, key: ConfigurationKey): boolean {
  return hasKey(options.description, key) && CONFIGURATION_KEYS[key].access !== "W";
}
