/**
 * SetChargingProfile, ClearChargingProfile, GetCompositeSchedule.
 *
 * Spec: OCPP 1.6 §5.16, §5.5, §5.7; errata 1.6: a connectorId that does not exist is a CALLERROR.
 */
import type { PayloadFault } from "../../ocpp/call_error.ts";
import { dateTimeOf } from "../../ocpp/date_time.ts";
import type { Req } from "../../ocpp/registry.ts";
import { installProfile, removeProfiles, whyRefused } from "./charging_profiles.ts";
import { compositeSchedule } from "./composite_schedule.ts";
import type { Handled } from "../handler.ts";
import type { InstalledProfile } from "./installed_profile.ts";
import { simulatedNowMs, type Turn } from "../state.ts";

export function setChargingProfile(
  turn: Turn,
  { connectorId, csChargingProfiles: chargingProfile }: Req<"SetChargingProfile">,
): Handled<"SetChargingProfile"> {
  if (turn.state.connectors[connectorId] === undefined) return { faults: [NO_SUCH_CONNECTOR] };
  const request = { connectorId, chargingProfile };
  if (whyRefused(turn, request) !== undefined) return { conf: { status: "Rejected" } };
  return { conf: { status: "Accepted" }, consequence: (turn) => installProfile(turn, request) };
}

const NO_SUCH_CONNECTOR: PayloadFault = {
  kind: "outOfRange",
  path: ["connectorId"],
  message: "there is no such connector (errata 1.6 §5.16)",
};

export function clearChargingProfile(
  { state }: Turn,
  req: Req<"ClearChargingProfile">,
): Handled<"ClearChargingProfile"> {
  const isMeant = (installed: InstalledProfile) => matches(installed, req);
  if (!state.profiles.some(isMeant)) return { conf: { status: "Unknown" } };
  return { conf: { status: "Accepted" }, consequence: (turn) => void removeProfiles(turn, isMeant) };
}

/** With an id nothing else counts; otherwise every field that is given has to fit. */
function matches(
  { connectorId, chargingProfile }: InstalledProfile,
  req: Req<"ClearChargingProfile">,
): boolean {
  if (req.id !== undefined) return chargingProfile.chargingProfileId === req.id;
  const { chargingProfilePurpose, stackLevel } = chargingProfile;
  return (req.connectorId === undefined || req.connectorId === connectorId) &&
    (req.chargingProfilePurpose === undefined || req.chargingProfilePurpose === chargingProfilePurpose) &&
    (req.stackLevel === undefined || req.stackLevel === stackLevel);
}

export function getCompositeSchedule(
  turn: Turn,
  { connectorId, duration, chargingRateUnit }: Req<"GetCompositeSchedule">,
): Handled<"GetCompositeSchedule"> {
  const connector = turn.state.connectors[connectorId];
  if (connector === undefined || duration <= 0) return { conf: { status: "Rejected" } };
  const fromMs = simulatedNowMs(turn);
  return {
    conf: {
      status: "Accepted",
      connectorId,
      scheduleStart: dateTimeOf(fromMs),
      chargingSchedule: compositeSchedule(turn.state, {
        connector,
        fromMs,
        durationSeconds: duration,
        unit: chargingRateUnit,
      }),
    },
  };
}
