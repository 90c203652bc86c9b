/**
 * The essence of a payload in a few words, for lines that a person reads.
 *
 * The payload may be anything at all: what does not look as expected is shown as JSON.
 */

/** The longest essence, in characters. */
export const ESSENCE_MAX_LENGTH = 100;

type Fields = Readonly<Record<string, unknown>>;

/** What a Call says, e.g. `connector 1  TAG001  at 12345 Wh`. */
export function payloadText(action: string, payload: unknown): string {
  return essence(REQUESTS, action, payload);
}

/** What its CallResult says, e.g. `Accepted, transaction 4711`. */
export function answerText(action: string, payload: unknown): string {
  return essence(ANSWERS, action, payload) || "ok";
}

function essence(texts: Texts, action: string, payload: unknown): string {
  if (payload === undefined || payload === null) return "";
  const text = Object.hasOwn(texts, action) && isFields(payload)
    ? texts[action]!(payload)
    : JSON.stringify(payload);
  const short = text === "{}" ? "" : text;
  // deno-lint-ignore no-control-regex -- a peer's control characters would move the cursor of a terminal
  const plain = short.replace(/[\u0000-\u001f\u007f-\u009f]/g, "·");
  return plain.length <= ESSENCE_MAX_LENGTH ? plain : `${plain.slice(0, ESSENCE_MAX_LENGTH - 1)}…`;
}

function isFields(value: unknown): value is Fields {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

type Texts = Readonly<Record<string, (payload: Fields) => string>>;

const words = (...parts: readonly (string | undefined)[]) =>
  parts.filter((part) => part !== undefined && part !== "").join("  ");
const connector = ({ connectorId }: Fields) =>
  connectorId === undefined ? undefined : `connector ${connectorId}`;
const transaction = ({ transactionId }: Fields) =>
  transactionId === undefined ? undefined : `transaction ${transactionId}`;
const maybe = (value: unknown) => value === undefined ? undefined : String(value);
const status = ({ status }: Fields) => maybe(status) ?? "";
const idTagStatus = ({ idTagInfo }: Fields) => isFields(idTagInfo) ? status(idTagInfo) : undefined;

const REQUESTS: Texts = {
  Authorize: ({ idTag }) => String(idTag),
  BootNotification: (p) =>
    words(maybe(p["chargePointVendor"]), maybe(p["chargePointModel"]), maybe(p["firmwareVersion"])),
  ChangeAvailability: (p) => words(connector(p), maybe(p["type"])),
  ChangeConfiguration: ({ key, value }) =>
    `${key} = ${String(key).toLowerCase() === "authorizationkey" ? "[redacted]" : value}`,
  DataTransfer: (p) => words(maybe(p["vendorId"]), maybe(p["messageId"])),
  GetConfiguration: ({ key }) => Array.isArray(key) && key.length > 0 ? key.join(", ") : "all keys",
  MeterValues: (p) => words(connector(p), readingsText(p["meterValue"])),
  RemoteStartTransaction: (p) => words(connector(p), maybe(p["idTag"])),
  RemoteStopTransaction: (p) => words(transaction(p)),
  Reset: ({ type }) => String(type),
  StartTransaction: (p) => words(connector(p), maybe(p["idTag"]), `at ${p["meterStart"]} Wh`),
  StatusNotification: (p) =>
    words(
      connector(p),
      maybe(p["status"]),
      p["errorCode"] === "NoError" ? undefined : maybe(p["errorCode"]),
      maybe(p["info"]),
    ),
  StopTransaction: (p) =>
    words(transaction(p), maybe(p["idTag"]), `at ${p["meterStop"]} Wh`, maybe(p["reason"])),
  TriggerMessage: (p) => words(maybe(p["requestedMessage"]), connector(p)),
  UnlockConnector: (p) => words(connector(p)),
};

const ANSWERS: Texts = {
  Authorize: (p) => idTagStatus(p) ?? "",
  BootNotification: (p) => `${status(p)}, interval ${p["interval"]} s`,
  GetConfiguration: (p) => {
    const known = Array.isArray(p["configurationKey"]) ? p["configurationKey"] : [];
    const unknown = Array.isArray(p["unknownKey"]) ? p["unknownKey"] : [];
    const only = known.length === 1 && isFields(known[0]) ? `: ${known[0]["value"]}` : "";
    return `${known.length} known${only}${unknown.length > 0 ? `, ${unknown.length} unknown` : ""}`;
  },
  Heartbeat: ({ currentTime }) => String(currentTime),
  StartTransaction: (p) => [idTagStatus(p), transaction(p)].filter((part) => part !== undefined).join(", "),
  StopTransaction: (p) => idTagStatus(p) ?? "",
  ChangeAvailability: status,
  ChangeConfiguration: status,
  ClearCache: status,
  DataTransfer: status,
  RemoteStartTransaction: status,
  RemoteStopTransaction: status,
  Reset: status,
  TriggerMessage: status,
  UnlockConnector: status,
};

/** Measurands in the order in which they tell most, with their names cut to what a line can hold. */
const READINGS_SHOWN: readonly (readonly [measurand: string, label: string])[] = [
  ["Energy.Active.Import.Register", ""],
  ["Power.Active.Import", ""],
  ["SoC", "SoC "],
  ["Current.Import", ""],
  ["Voltage", ""],
];

/** `12345 Wh  11040 W  SoC 57 %` of the last MeterValue. */
export function readingsText(meterValue: unknown): string {
  const last = Array.isArray(meterValue) ? meterValue.at(-1) : undefined;
  const sampled = isFields(last) && Array.isArray(last["sampledValue"])
    ? last["sampledValue"].filter(isFields)
    : [];
  const shown: string[] = [];
  for (const [measurand, label] of READINGS_SHOWN) {
    const sample = sampled.find((one) =>
      (one["measurand"] ?? "Energy.Active.Import.Register") === measurand && one["phase"] === undefined
    );
    if (sample === undefined) continue;
    const unit = sample["unit"] ?? (measurand.startsWith("Energy") ? "Wh" : "");
    shown.push(`${label}${sample["value"]} ${unit === "Percent" ? "%" : unit}`.trim());
  }
  return shown.length > 0 ? shown.join("  ") : `${sampled.length} readings`;
}
