/**
 * What a Charge Point is: how it is built, as opposed to what it is set to (`configuration.ts`).
 *
 * Plain data, the same for every one of a fleet. What a description does not name is as in `STANDARD`.
 */
import type { FeatureProfile } from "../ocpp/action.ts";

/** How a Charge Point is built. */
export interface ChargePointDescription {
  readonly chargePointVendor: string;
  readonly chargePointModel: string;
  readonly firmwareVersion?: string;
  readonly iccid?: string;
  readonly imsi?: string;
  readonly meterType?: string;
  readonly meterSerialNumber?: string;
  readonly connectors: number;
  /** The supply of each connector. */
  readonly supply: SupplyDescription;
  /** What all connectors together may take; absent: as much as all of them at once. */
  readonly chargePointLimit?: { readonly maxCurrentA?: number; readonly maxPowerW?: number };
  /** The EV that comes to each connector unless another is plugged in. */
  readonly vehicle: VehicleDescription;
  /** Whether the cable belongs to the Charge Point or to the user; only the latter's is locked. */
  readonly cable: "fixed" | "detachable";
  /** What the lock of each connector fails to do from the beginning. */
  readonly lockJam?: "lock" | "unlock";
  readonly hasAuthorizationCache: boolean;
  /** Core is always among them. */
  readonly featureProfiles: readonly FeatureProfile[];
  readonly reservesConnectorZero: boolean;
  /**
   * Which messages update the firmware. Spec: Security §5 asks of a Charge Point that knows signed updates to refuse
   * plain ones; `both` is a documented deviation.
   */
  readonly firmwareUpdate: "plain" | "signed" | "both";
  /** What becomes of running transactions when the mains fail. Spec: OCPP 1.6 §4.10 (PowerLoss). */
  readonly atPowerLoss: "stopBeforeGoingDown" | "stopAfterBoot" | "resume";
}

/** The supply of a connector. Units: V between phase and neutral, A per phase; DC: V and A at the EV. */
export interface SupplyDescription {
  /** Absent: AC. */
  readonly current?: "AC" | "DC";
  readonly phases: 1 | 3;
  readonly voltageV: number;
  readonly maxCurrentA: number;
}

/** An EV. Units: Wh, percent, A per phase. */
export interface VehicleDescription {
  readonly batteryCapacityWh: number;
  readonly socAtArrivalPercent: number;
  readonly phases: 1 | 3;
  readonly maxCurrentA: number;
}

/** All profiles. */
export const ALL_FEATURE_PROFILES: readonly FeatureProfile[] = [
  "Core",
  "FirmwareManagement",
  "LocalAuthListManagement",
  "Reservation",
  "SmartCharging",
  "RemoteTrigger",
  "Security",
];

/** One socket with 22 kW, an EV that charges at 11 kW, and everything that OCPP 1.6 knows. */
export const STANDARD: ChargePointDescription = {
  chargePointVendor: "ocpp",
  chargePointModel: "AC-22kW",
  connectors: 1,
  supply: { phases: 3, voltageV: 230, maxCurrentA: 32 },
  vehicle: { batteryCapacityWh: 60_000, socAtArrivalPercent: 40, phases: 3, maxCurrentA: 16 },
  cable: "detachable",
  hasAuthorizationCache: true,
  featureProfiles: ALL_FEATURE_PROFILES,
  reservesConnectorZero: true,
  firmwareUpdate: "both",
  atPowerLoss: "stopAfterBoot",
};

/** Whether a Charge Point knows a feature profile. */
export function hasProfile({ featureProfiles }: ChargePointDescription, profile: FeatureProfile): boolean {
  return profile === "Core" || featureProfiles.includes(profile);
}
