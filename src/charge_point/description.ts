/**
 * What a Charge Point is: how it is built, as opposed to what it is set to (`configuration.ts`).
 *
 * Plain data, the same for every one of a fleet. What a description does not name is as in `STANDARD`.
 */
import type { FeatureProfile } from "../ocpp/action.ts";
import { type VehicleDescription, VEHICLES } from "./energy/vehicle_description.ts";

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
  /** What all connectors together may take from the grid; absent: as much as all of them at once. */
  readonly chargePointLimit?: GridLimit;
  /** Whether an EV on three phases can be left with one, as a charging profile may ask; absent: no. */
  readonly switchesToOnePhase?: boolean;
  /** The EV that comes to each connector unless another is plugged in. */
  readonly vehicle: VehicleDescription;
  /** Whether the cable belongs to the Charge Point or to the user; only the latter's is locked. */
  readonly cable: "fixed" | "detachable";
  /** What the lock of each connector fails to do from the beginning. */
  readonly lockJam?: "lock" | "unlock";
  readonly hasAuthorizationCache: boolean;
  /** Core is always among them. */
  readonly featureProfiles: readonly FeatureProfile[];
  /** Whether its owner lets it be reserved at all; else every ReserveNow is Rejected. Spec: OCPP 1.6 §5.13. */
  readonly acceptsReservations: boolean;
  readonly reservesConnectorZero: boolean;
  /**
   * Which messages update the firmware. Spec: Security §5 asks of a Charge Point that knows signed updates to refuse
   * plain ones; `both` is a documented deviation.
   */
  readonly firmwareUpdate: "plain" | "signed" | "both";
  /** Whether a new Central System root has to be signed by the old one: AdditionalRootCertificateCheck. */
  readonly checksNewRoots?: boolean;
  /** What becomes of running transactions when the mains fail. Spec: OCPP 1.6 §4.10 (PowerLoss). */
  readonly atPowerLoss: "stopBeforeGoingDown" | "stopAfterBoot" | "resume";
}

/** The most that may be taken from the grid, in either unit or both. Units: A per phase, W in total. */
export interface GridLimit {
  readonly maxCurrentA?: number;
  readonly maxPowerW?: number;
}

/**
 * The supply of a connector: what comes from the grid, and for DC what becomes of it.
 *
 * Units: V between phase and neutral, A per phase.
 */
export interface SupplyDescription {
  readonly phases: 1 | 3;
  readonly voltageV: number;
  readonly maxCurrentA: number;
  /** Absent: AC. */
  readonly dc?: DcOutputDescription;
}

/** A rectifier with its DC outlet. Units: V, A and W at the EV. */
export interface DcOutputDescription {
  /** An EV whose battery is above this cannot be charged here. */
  readonly maxVoltageV: number;
  readonly maxCurrentA: number;
  readonly maxPowerW: number;
  /** What arrives at the EV of each W from the grid; above 0, at most 1. */
  readonly efficiency: number;
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
  vehicle: VEHICLES.compact,
  cable: "detachable",
  hasAuthorizationCache: true,
  featureProfiles: ALL_FEATURE_PROFILES,
  acceptsReservations: true,
  reservesConnectorZero: true,
  firmwareUpdate: "both",
  atPowerLoss: "stopAfterBoot",
};

/** Whether a Charge Point knows a feature profile. */
export function hasProfile({ featureProfiles }: ChargePointDescription, profile: FeatureProfile): boolean {
  return profile === "Core" || featureProfiles.includes(profile);
}
