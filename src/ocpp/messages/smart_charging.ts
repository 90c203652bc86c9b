/**
 * Payloads of the SmartCharging profile.
 *
 * Units: `duration` in seconds.
 * Spec: OCPP 1.6 §3.13, §5.5, §5.7, §5.16; §6.13–14, §6.21–22, §6.43–44.
 */
import * as z from "zod";
import {
  ChargingProfile,
  ChargingProfilePurpose,
  ChargingRateUnit,
  ChargingSchedule,
} from "../charging_profile.ts";
import { DateTime } from "../types.ts";

/** With an `id` all other fields are ignored; without any field every profile is cleared. */
export const ClearChargingProfileReq = z.strictObject({
  id: z.int().optional(),
  connectorId: z.int().optional(),
  chargingProfilePurpose: ChargingProfilePurpose.optional(),
  stackLevel: z.int().optional(),
});
export const ClearChargingProfileConf = z.strictObject({ status: z.enum(["Accepted", "Unknown"]) });

export const GetCompositeScheduleReq = z.strictObject({
  connectorId: z.int(),
  duration: z.int(),
  chargingRateUnit: ChargingRateUnit.optional(),
});
export const GetCompositeScheduleConf = z.strictObject({
  status: z.enum(["Accepted", "Rejected"]),
  connectorId: z.int().optional(),
  scheduleStart: DateTime.optional(),
  chargingSchedule: ChargingSchedule.optional(),
});

export const SetChargingProfileReq = z.strictObject({
  connectorId: z.int(),
  csChargingProfiles: ChargingProfile,
});
export const SetChargingProfileConf = z.strictObject({
  status: z.enum(["Accepted", "Rejected", "NotSupported"]),
});
