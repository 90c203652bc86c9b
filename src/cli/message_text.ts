/**
 * The essence of a payload in a few words, for lines that a person reads.
 *
 * The payload may be anything at all: what does not look as expected is shown as JSON, and nothing that a
 * terminal would obey is left in it.
 */
import { isSecretKey, redactedPayload } from "../ocpp/redaction.ts";
import { REDACTED } from "../ocpp/secret_text.ts";
import { plainText, plainValue } from "./plain_text.ts";

/** The longest essence, in characters. */
export const ESSENCE_MAX_LENGTH = 100;

const ACTION_MAX_LENGTH = 40;

type Fields = Readonly<Record<string, unknown>>;

/** What a Call says, e.g. `connector 1  TAG001  at 12345 Wh`. */
export function payloadText(action: string, payload: unknown): string {
  return essence(REQUESTS, action, payload);
}

/** What its CallResult says, e.g. `Accepted, transaction 4711`. */
export function answerText(action: string, payload: unknown): string {
  return essence(ANSWERS, action, payload) || "ok";
}

function essence(texts: Texts, action: string, received: unknown): string {
  if (received === undefined || received === null) return "";
  const payload = redactedPayload(action, received);
  const text = Object.hasOwn(texts, action) && isFields(payload)
    ? texts[action]!(payload)
    : plainValue(payload);
  return shortText(text === "{}" ? "" : text);
}

/** A peer's text on one line, cut to what a line can hold. */
export function shortText(text: string, maxLength = ESSENCE_MAX_LENGTH): string {
  // Cut first: a peer's text may be long.
  return plainText(text.length <= maxLength ? text : `${text.slice(0, maxLength - 1)}…`);
}

/** The name of an Action, which may be any text where a peer calls. */
export function actionText(action: string): string {
  return shortText(action, ACTION_MAX_LENGTH);
}

function isFields(value: unknown): value is Fields {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

type Texts = Readonly<Record<string, (payload: Fields) => string>>;

const words = (...parts: readonly (string | undefined)[]) =>
  parts.filter((part) => part !== undefined && part !== "").join("  ");
const connector = ({ connectorId }: Fields) =>
  connectorId === undefined ? undefined : `connector ${plainValue(connectorId)}`;
const transaction = ({ transactionId }: Fields) =>
  transactionId === undefined ? undefined : `transaction ${plainValue(transactionId)}`;
const maybe = (value: unknown) => value === undefined ? undefined : plainValue(value);
const status = ({ status }: Fields) => maybe(status) ?? "";
const idTagStatus = ({ idTagInfo }: Fields) => isFields(idTagInfo) ? status(idTagInfo) : undefined;

const request = ({ requestId }: Fields) =>
  requestId === undefined ? undefined : `request ${plainValue(requestId)}`;
const location = (value: unknown) =>
  isFields(value) ? maybe(value["location"] ?? value["remoteLocation"]) : undefined;
const statusOfRequest = (p: Fields) => words(status(p), request(p));

const settingText = ({ key, value }: Fields) => isSecretKey(key) ? REDACTED : plainValue(value);

const REQUESTS: Texts = {
  Authorize: ({ idTag }) => plainValue(idTag),
  BootNotification: (p) =>
    words(maybe(p["chargePointVendor"]), maybe(p["chargePointModel"]), maybe(p["firmwareVersion"])),
  ChangeAvailability: (p) => words(connector(p), maybe(p["type"])),
  ChangeConfiguration: (p) => `${plainValue(p["key"])} = ${settingText(p)}`,
  DataTransfer: (p) => words(maybe(p["vendorId"]), maybe(p["messageId"])),
  DiagnosticsStatusNotification: status,
  ExtendedTriggerMessage: (p) => words(maybe(p["requestedMessage"]), connector(p)),
  FirmwareStatusNotification: status,
  GetConfiguration: ({ key }) =>
    Array.isArray(key) && key.length > 0 ? key.map(plainValue).join(", ") : "all keys",
  GetDiagnostics: (p) => location(p) ?? "",
  GetInstalledCertificateIds: ({ certificateType }) => plainValue(certificateType),
  GetLog: (p) => words(maybe(p["logType"]), request(p), location(p["log"])),
  InstallCertificate: ({ certificateType }) => plainValue(certificateType),
  LogStatusNotification: statusOfRequest,
  MeterValues: (p) => words(connector(p), readingsText(p["meterValue"])),
  RemoteStartTransaction: (p) => words(connector(p), maybe(p["idTag"])),
  RemoteStopTransaction: (p) => words(transaction(p)),
  Reset: ({ type }) => plainValue(type),
  SecurityEventNotification: (p) => words(maybe(p["type"]), maybe(p["techInfo"])),
  SignedFirmwareStatusNotification: statusOfRequest,
  SignedUpdateFirmware: (p) => words(request(p), location(p["firmware"])),
  StartTransaction: (p) => words(connector(p), maybe(p["idTag"]), `at ${plainValue(p["meterStart"])} Wh`),
  StatusNotification: (p) =>
    words(
      connector(p),
      maybe(p["status"]),
      p["errorCode"] === "NoError" ? undefined : maybe(p["errorCode"]),
      maybe(p["info"]),
    ),
  StopTransaction: (p) =>
    words(transaction(p), maybe(p["idTag"]), `at ${plainValue(p["meterStop"])} Wh`, maybe(p["reason"])),
  TriggerMessage: (p) => words(maybe(p["requestedMessage"]), connector(p)),
  UnlockConnector: (p) => words(connector(p)),
  UpdateFirmware: (p) => location(p) ?? "",
};

const ANSWERS: Texts = {
  Authorize: (p) => idTagStatus(p) ?? "",
  BootNotification: (p) => `${status(p)}, interval ${plainValue(p["interval"])} s`,
  GetConfiguration: (p) => {
    const known = Array.isArray(p["configurationKey"]) ? p["configurationKey"] : [];
    const unknown = Array.isArray(p["unknownKey"]) ? p["unknownKey"] : [];
    const [first] = known;
    const only = known.length === 1 && isFields(first) ? `: ${settingText(first)}` : "";
    return `${known.length} known${only}${unknown.length > 0 ? `, ${unknown.length} unknown` : ""}`;
  },
  Heartbeat: ({ currentTime }) => plainValue(currentTime),
  StartTransaction: (p) => [idTagStatus(p), transaction(p)].filter((part) => part !== undefined).join(", "),
  StopTransaction: (p) => idTagStatus(p) ?? "",
  ChangeAvailability: status,
  ChangeConfiguration: status,
  CancelReservation: status,
  CertificateSigned: status,
  ClearCache: status,
  ClearChargingProfile: status,
  DataTransfer: status,
  DeleteCertificate: status,
  ExtendedTriggerMessage: status,
  GetDiagnostics: ({ fileName }) => maybe(fileName) ?? "",
  GetLog: (p) => words(status(p), maybe(p["filename"])),
  InstallCertificate: status,
  RemoteStartTransaction: status,
  RemoteStopTransaction: status,
  ReserveNow: status,
  Reset: status,
  SendLocalList: status,
  SetChargingProfile: status,
  SignCertificate: status,
  SignedUpdateFirmware: status,
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
    shown.push(
      `${label}${plainValue(sample["value"])} ${unit === "Percent" ? "%" : plainValue(unit)}`.trim(),
    );
  }
  return shown.length > 0 ? shown.join("  ") : `${sampled.length} readings`;
}
