/**
 * Types that several messages share.
 *
 * They mirror the official JSON schemas: strict objects, lengths, enumerations, no ranges.
 * Spec: OCPP 1.6 §7.
 */
import * as z from "zod";
import { isDateTime } from "./date_time.ts";

/** ISO 8601 date and time with zone; fractions are allowed. Spec: OCPP 1.6 §3.15. */
export const DateTime = z.string().refine(isDateTime, {
  error: "is not an ISO 8601 date and time with zone, e.g. 2024-01-01T12:00:00Z",
  params: { fault: "badFormat" },
});

/** A text of at most `maxLength` characters. `CiString` values compare without regard to case. */
export const text = (maxLength: number) => z.string().max(maxLength);

/** A payload without any field. */
export const empty = () => z.strictObject({});

/** Identifies a user at the reader, at most 20 characters, case-insensitive. Spec: OCPP 1.6 §7.28. */
export const IdToken = text(20);

export const AuthorizationStatus = z.enum(["Accepted", "Blocked", "Expired", "Invalid", "ConcurrentTx"]);
export type AuthorizationStatus = z.infer<typeof AuthorizationStatus>;

/** What the Central System says of an idTag. Spec: OCPP 1.6 §7.27. */
export const IdTagInfo = z.strictObject({
  status: AuthorizationStatus,
  expiryDate: DateTime.optional(),
  parentIdTag: IdToken.optional(),
});
export type IdTagInfo = z.infer<typeof IdTagInfo>;

export const RegistrationStatus = z.enum(["Accepted", "Pending", "Rejected"]);
export type RegistrationStatus = z.infer<typeof RegistrationStatus>;

export const ChargePointStatus = z.enum([
  "Available",
  "Preparing",
  "Charging",
  "SuspendedEVSE",
  "SuspendedEV",
  "Finishing",
  "Reserved",
  "Unavailable",
  "Faulted",
]);
/** Status of a connector, or of the Charge Point as connector 0. Spec: OCPP 1.6 §7.7. */
export type ChargePointStatus = z.infer<typeof ChargePointStatus>;

export const ChargePointErrorCode = z.enum([
  "ConnectorLockFailure",
  "EVCommunicationError",
  "GroundFailure",
  "HighTemperature",
  "InternalError",
  "LocalListConflict",
  "NoError",
  "OtherError",
  "OverCurrentFailure",
  "PowerMeterFailure",
  "PowerSwitchFailure",
  "ReaderFailure",
  "ResetFailure",
  "UnderVoltage",
  "OverVoltage",
  "WeakSignal",
]);
export type ChargePointErrorCode = z.infer<typeof ChargePointErrorCode>;

/** Why a transaction stopped. Spec: OCPP 1.6 §7.36. */
export const Reason = z.enum([
  "EmergencyStop",
  "EVDisconnected",
  "HardReset",
  "Local",
  "Other",
  "PowerLoss",
  "Reboot",
  "Remote",
  "SoftReset",
  "UnlockCommand",
  "DeAuthorized",
]);
export type Reason = z.infer<typeof Reason>;

/** Two `CiString` values are the same whatever their case. Spec: OCPP 1.6 §7.15. */
export function sameCiString(one: string, other: string): boolean {
  return one === other || one.toLowerCase() === other.toLowerCase();
}
