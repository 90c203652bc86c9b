/**
 * Charging profiles, and what they allow at each moment. Spec: OCPP 1.6 §3.13, §5.6, §5.7, §5.16.
 *
 * Units: A per phase within this file.
 */
import type { Conf, Req } from "../../../src/ocpp/registry.ts";
import type { Configuration } from "./configuration.ts";
import { type Handlers, Refusal } from "./handler.ts";
import type { InstalledProfile, Memory } from "./memory.ts";

type Profile = InstalledProfile["profile"];
type Purpose = Profile["chargingProfilePurpose"];

/** What the hardware can do. */
const HARDWARE_A = 32;
const VOLTAGE_V = 230;
const PHASES = 3;

const PERIOD_MS = { Daily: 86_400_000, Weekly: 7 * 86_400_000 } as const;

/** One device's. */
export class ChargingProfiles {
  readonly #memory: Memory;
  readonly #configuration: Configuration;
  readonly #connectors: number;
  readonly #isSupported: boolean;
  readonly #tellsConnector: boolean;

  constructor(
    options: {
      readonly memory: Memory;
      readonly configuration: Configuration;
      readonly connectors: number;
      readonly isSupported: boolean;
      readonly tellsConnector: boolean;
    },
  ) {
    this.#memory = options.memory;
    this.#configuration = options.configuration;
    this.#connectors = options.connectors;
    this.#isSupported = options.isSupported;
    this.#tellsConnector = options.tellsConnector;
  }

  /** Takes a profile in the place of the one that it replaces. */
  install(connectorId: number, profile: Profile): void {
    if (!this.#isSupported) return; // §5.11: ignored
    const { chargingProfileId, chargingProfilePurpose, stackLevel } = profile;
    const others = this.#memory.profiles.filter((one) =>
      one.profile.chargingProfileId !== chargingProfileId &&
      !(one.connectorId === connectorId && one.profile.chargingProfilePurpose === chargingProfilePurpose &&
        one.profile.stackLevel === stackLevel)
    );
    this.#memory.profiles = [...others, { connectorId, profile }];
  }

  readonly handlers: Handlers = {
    SetChargingProfile: ({ connectorId, csChargingProfiles }) => {
      this.#mustBeSupported();
      // Errata §5.16.
      if (connectorId < 0 || connectorId > this.#connectors) throw new Refusal("PropertyConstraintViolation");
      if (!this.#isRight(connectorId, csChargingProfiles)) return { conf: { status: "Rejected" } };
      this.install(connectorId, csChargingProfiles);
      return { conf: { status: "Accepted" } };
    },
    ClearChargingProfile: (req) => {
      this.#mustBeSupported();
      const kept = this.#memory.profiles.filter((one) => !isMeant(one, req));
      const status = kept.length < this.#memory.profiles.length ? "Accepted" : "Unknown";
      this.#memory.profiles = kept;
      return { conf: { status } };
    },
    GetCompositeSchedule: (req) => {
      this.#mustBeSupported();
      return { conf: this.#composite(req) };
    },
  };

  #mustBeSupported(): void {
    if (!this.#isSupported) throw new Refusal("NotSupported");
  }

  #isRight(connectorId: number, profile: Profile): boolean {
    const { chargingProfilePurpose, transactionId, stackLevel, chargingSchedule } = profile;
    const transaction = this.#memory.transactions.get(connectorId);
    const isInPlace = {
      ChargePointMaxProfile: connectorId === 0,
      TxDefaultProfile: true,
      TxProfile: transaction !== undefined &&
        (transactionId === undefined || transactionId === transaction.transactionId),
    }[chargingProfilePurpose];
    const { chargingSchedulePeriod, chargingRateUnit } = chargingSchedule;
    const units = this.#configuration.list("ChargingScheduleAllowedChargingRateUnit");
    const isUnitRight = units.includes(chargingRateUnit === "A" ? "Current" : "Power");
    return isInPlace && isUnitRight &&
      stackLevel <= this.#configuration.number("ChargeProfileMaxStackLevel") &&
      chargingSchedulePeriod.length <= this.#configuration.number("ChargingScheduleMaxPeriods") &&
      chargingSchedulePeriod[0]?.startPeriod === 0;
  }

  #composite({ connectorId, duration, chargingRateUnit }: Req<"GetCompositeSchedule">) {
    if (connectorId < 0 || connectorId > this.#connectors || duration <= 0) {
      return { status: "Rejected" } as const;
    }
    const nowMs = Date.now();
    const unit = chargingRateUnit ?? "W";
    const periods: { startPeriod: number; limit: number }[] = [];
    for (let second = 0; second < duration; second++) {
      const limit = told(this.#limitAt(connectorId, nowMs + second * 1_000), unit);
      if (periods.at(-1)?.limit !== limit) periods.push({ startPeriod: second, limit });
    }
    return {
      status: "Accepted",
      ...(this.#tellsConnector ? { connectorId } : {}),
      scheduleStart: new Date(nowMs).toISOString(),
      chargingSchedule: { duration, chargingRateUnit: unit, chargingSchedulePeriod: periods },
    } satisfies Conf<"GetCompositeSchedule">;
  }

  #limitAt(connectorId: number, atMs: number): number {
    const whole = this.#stackedAt(0, "ChargePointMaxProfile", atMs) ?? Infinity;
    if (connectorId === 0) return Math.min(whole, HARDWARE_A * this.#connectors);
    const own = this.#stackedAt(connectorId, "TxProfile", atMs) ??
      this.#stackedAt(connectorId, "TxDefaultProfile", atMs) ??
      (this.#has(connectorId, "TxDefaultProfile")
        ? undefined
        : this.#stackedAt(0, "TxDefaultProfile", atMs, connectorId));
    return Math.min(whole, own ?? Infinity, HARDWARE_A);
  }

  #has(connectorId: number, purpose: Purpose): boolean {
    return this.#memory.profiles.some((one) =>
      one.connectorId === connectorId && one.profile.chargingProfilePurpose === purpose
    );
  }

  /** The highest level that says something at that moment. `of`: whose transaction relative times count from. */
  #stackedAt(connectorId: number, purpose: Purpose, atMs: number, of = connectorId): number | undefined {
    const transaction = this.#memory.transactions.get(of);
    const levels = this.#memory.profiles
      .filter((one) => one.connectorId === connectorId && one.profile.chargingProfilePurpose === purpose)
      .map(({ profile }) => profile)
      .filter(({ transactionId }) =>
        transactionId === undefined || transactionId === transaction?.transactionId
      )
      .sort((one, other) => other.stackLevel - one.stackLevel);
    for (const profile of levels) {
      const limit = limitOf(profile, atMs, transaction?.startedAtMs);
      if (limit !== undefined) return limit;
    }
    return undefined;
  }
}

/** What one profile says of a moment; `undefined`: nothing. */
function limitOf(profile: Profile, atMs: number, startedAtMs = atMs): number | undefined {
  const { validFrom, validTo, chargingProfileKind, recurrencyKind, chargingSchedule } = profile;
  if (validFrom !== undefined && atMs < Date.parse(validFrom)) return undefined;
  if (validTo !== undefined && atMs >= Date.parse(validTo)) return undefined;
  const { startSchedule, duration = Infinity, chargingSchedulePeriod, chargingRateUnit } = chargingSchedule;
  const isRelative = chargingProfileKind === "Relative" || startSchedule === undefined;
  let passedMs = atMs - (isRelative ? startedAtMs : Date.parse(startSchedule));
  if (chargingProfileKind === "Recurring" && recurrencyKind !== undefined) {
    const periodMs = PERIOD_MS[recurrencyKind];
    passedMs = (passedMs % periodMs + periodMs) % periodMs;
  }
  const seconds = passedMs / 1_000;
  if (seconds < 0 || seconds >= duration) return undefined;
  const period = chargingSchedulePeriod.findLast(({ startPeriod }) => startPeriod <= seconds);
  if (period === undefined) return undefined;
  const { limit, numberPhases = PHASES } = period;
  return chargingRateUnit === "A" ? limit : limit / VOLTAGE_V / numberPhases;
}

/** As it is told: at most one decimal. */
function told(amperes: number, unit: "A" | "W"): number {
  return Math.round((unit === "A" ? amperes : amperes * VOLTAGE_V * PHASES) * 10) / 10;
}

/** Whether a profile is to be cleared. An id makes the rest meaningless. */
function isMeant({ connectorId, profile }: InstalledProfile, req: Req<"ClearChargingProfile">): boolean {
  if (req.id !== undefined) return profile.chargingProfileId === req.id;
  return (req.connectorId === undefined || req.connectorId === connectorId) &&
    (req.chargingProfilePurpose === undefined ||
      req.chargingProfilePurpose === profile.chargingProfilePurpose) &&
    (req.stackLevel === undefined || req.stackLevel === profile.stackLevel);
}
