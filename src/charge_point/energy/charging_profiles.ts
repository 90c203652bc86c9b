/**
 * The charging profiles that are installed: which may be, which replaces which, when they go.
 *
 * They are one value that is replaced when it changes, in no particular order, and outlive a reset.
 * Spec: OCPP 1.6 §3.13, §5.16, §9.4; errata 1.6 (TxProfile needs its transaction).
 */
import { type ChargingProfile, scheduleFault } from "../../ocpp/charging_profile.ts";
import { atMsOf } from "../../ocpp/date_time.ts";
import { integer, listItems, textOf } from "../configuration/configuration.ts";
import { type InstalledProfile, installedProfile } from "./installed_profile.ts";
import { type ChargePointState, connectorOf, simulatedNowMs, type Turn } from "../state.ts";

/** A profile that is to be installed. */
export interface ProfileRequest {
  readonly connectorId: number;
  readonly chargingProfile: ChargingProfile;
}

/** Why a profile cannot be installed, if so. */
export function whyRefused(turn: Turn, request: ProfileRequest): string | undefined {
  return whyUnsuitable(turn, request) ?? whyNotItsPurpose(turn.state, request);
}

/** The same for a profile that comes with the start of a transaction. Spec: OCPP 1.6 §5.11. */
export function whyRefusedAtStart(turn: Turn, request: ProfileRequest): string | undefined {
  const { chargingProfilePurpose, transactionId } = request.chargingProfile;
  if (chargingProfilePurpose !== "TxProfile") return "only a TxProfile comes with a start";
  if (transactionId !== undefined) return "there is no transactionId yet";
  return whyUnsuitable(turn, request);
}

/** What no Charge Point of this configuration can keep. */
function whyUnsuitable(turn: Turn, request: ProfileRequest): string | undefined {
  const { configuration } = turn.state;
  const { stackLevel, chargingProfileKind, recurrencyKind, chargingSchedule, ...rest } =
    request.chargingProfile;
  const { chargingSchedulePeriod, chargingRateUnit } = chargingSchedule;
  const fault = scheduleFault(chargingSchedule);
  if (fault !== undefined) return `its schedule ${fault}`;
  if (stackLevel > integer(configuration, "ChargeProfileMaxStackLevel")) return "its stackLevel is too high";
  if (chargingSchedulePeriod.length > integer(configuration, "ChargingScheduleMaxPeriods")) {
    return "its schedule has too many periods";
  }
  const units = listItems(textOf(configuration, "ChargingScheduleAllowedChargingRateUnit"));
  if (!units.includes(chargingRateUnit === "A" ? "Current" : "Power")) return "its unit is not allowed";
  if (chargingProfileKind === "Recurring" && recurrencyKind === undefined) return "it recurs, but not when";
  if (chargingProfileKind === "Relative" && rest.chargingProfilePurpose === "ChargePointMaxProfile") {
    return "it is relative to nothing";
  }
  const { validFrom, validTo } = rest;
  if (validFrom !== undefined && validTo !== undefined && atMsOf(validFrom) >= atMsOf(validTo)) {
    return "it ends before it begins";
  }
  const left = withoutReplaced(turn, request);
  return left.length < integer(configuration, "MaxChargingProfilesInstalled")
    ? undefined
    : "too many are installed";
}

function whyNotItsPurpose(
  state: ChargePointState,
  { connectorId, chargingProfile }: ProfileRequest,
): string | undefined {
  switch (chargingProfile.chargingProfilePurpose) {
    case "ChargePointMaxProfile":
      return connectorId === 0 ? undefined : "it is for the Charge Point as a whole";
    case "TxDefaultProfile":
      return undefined;
    case "TxProfile": {
      const transaction = connectorOf(state, connectorId)?.transaction;
      if (transaction === undefined) return "no transaction runs there";
      const { transactionId } = chargingProfile;
      return transactionId === undefined || transactionId === transaction.transactionId
        ? undefined
        : "another transaction runs there";
    }
  }
}

/** Installs a profile that nothing speaks against, in place of those that it replaces. */
export function installProfile(turn: Turn, request: ProfileRequest): void {
  const { connectorId, chargingProfile } = request;
  turn.state.profiles = [
    ...withoutReplaced(turn, request),
    installedProfile(connectorId, chargingProfile, simulatedNowMs(turn)),
  ];
}

/**
 * What stays beside a new profile. It replaces the one with its id, and the one with its purpose and stackLevel on
 * its connector (the text leaves the connector out, but TxDefaultProfiles of two connectors are two). What is not
 * valid any more goes as well.
 */
function withoutReplaced(
  turn: Turn,
  { connectorId, chargingProfile }: ProfileRequest,
): readonly InstalledProfile[] {
  const nowMs = simulatedNowMs(turn);
  const { chargingProfileId, chargingProfilePurpose, stackLevel } = chargingProfile;
  return turn.state.profiles.filter((installed) => {
    const { chargingProfile: other, validToMs = Infinity } = installed;
    const isSameId = other.chargingProfileId === chargingProfileId;
    const isSamePlace = installed.connectorId === connectorId && other.stackLevel === stackLevel &&
      other.chargingProfilePurpose === chargingProfilePurpose;
    return !isSameId && !isSamePlace && validToMs > nowMs;
  });
}

/** Takes away what matches; whether anything did. */
export function removeProfiles(turn: Turn, matches: (installed: InstalledProfile) => boolean): boolean {
  const { profiles } = turn.state;
  const left = profiles.filter((installed) => !matches(installed));
  if (left.length === profiles.length) return false;
  turn.state.profiles = left;
  return true;
}

/** §3.13.1: a TxProfile ends with its transaction. */
export function endTxProfiles(turn: Turn, connectorId: number): void {
  removeProfiles(turn, (installed) =>
    installed.connectorId === connectorId &&
    installed.chargingProfile.chargingProfilePurpose === "TxProfile");
}
