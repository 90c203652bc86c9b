/**
 * What an EV is, and EVs as they are found on the road, by class.
 *
 * Plain data. `compact` is the EV of every Charge Point whose description names none: at an AC socket it charges
 * with 11 kW.
 */

/** An EV. Units: Wh, percent, A per phase. */
export interface VehicleDescription {
  readonly batteryCapacityWh: number;
  readonly socAtArrivalPercent: number;
  /** The phases of its AC charger. */
  readonly phases: 1 | 3;
  readonly maxCurrentA: number;
  /** The least AC that it takes, where that is more than the 6 A of every EV. */
  readonly minCurrentA?: number;
  /** Absent: it takes AC only. */
  readonly dc?: DcInletDescription;
}

/** How an EV charges with DC. */
export interface DcInletDescription {
  /** Of the battery half full; it is lower when empty and higher when full. Units: V. */
  readonly nominalVoltageV: number;
  /** The most power by state of charge: straight lines between these points, ascending by SoC. */
  readonly curve: readonly DcCurvePoint[];
}

/** Units: percent, W. */
export interface DcCurvePoint {
  readonly socPercent: number;
  readonly powerW: number;
}

/** The names of the EV classes. */
export type VehiclePreset = keyof typeof VEHICLES;

/** The figures are typical of their class and no one's data sheet. */
export const VEHICLES = {
  /** 7.4 kW on one phase, up to 50 kW DC. */
  "city-car": {
    batteryCapacityWh: 36_000,
    socAtArrivalPercent: 35,
    phases: 1,
    maxCurrentA: 32,
    dc: {
      nominalVoltageV: 350,
      curve: [
        { socPercent: 0, powerW: 40_000 },
        { socPercent: 10, powerW: 50_000 },
        { socPercent: 65, powerW: 48_000 },
        { socPercent: 80, powerW: 28_000 },
        { socPercent: 90, powerW: 14_000 },
        { socPercent: 100, powerW: 4_000 },
      ],
    },
  },
  /** 22 kW AC with a charger that wants 8 A at least, up to 46 kW DC. */
  "three-phase-22kw": {
    batteryCapacityWh: 52_000,
    socAtArrivalPercent: 30,
    phases: 3,
    maxCurrentA: 32,
    minCurrentA: 8,
    dc: {
      nominalVoltageV: 360,
      curve: [
        { socPercent: 0, powerW: 40_000 },
        { socPercent: 25, powerW: 46_000 },
        { socPercent: 55, powerW: 38_000 },
        { socPercent: 80, powerW: 22_000 },
        { socPercent: 100, powerW: 5_000 },
      ],
    },
  },
  /** 11 kW AC, up to 100 kW DC. */
  "compact": {
    batteryCapacityWh: 60_000,
    socAtArrivalPercent: 40,
    phases: 3,
    maxCurrentA: 16,
    dc: {
      nominalVoltageV: 370,
      curve: [
        { socPercent: 0, powerW: 60_000 },
        { socPercent: 8, powerW: 100_000 },
        { socPercent: 35, powerW: 96_000 },
        { socPercent: 60, powerW: 66_000 },
        { socPercent: 80, powerW: 42_000 },
        { socPercent: 90, powerW: 22_000 },
        { socPercent: 100, powerW: 5_000 },
      ],
    },
  },
  /** 11 kW AC, up to 150 kW DC. */
  "large": {
    batteryCapacityWh: 90_000,
    socAtArrivalPercent: 30,
    phases: 3,
    maxCurrentA: 16,
    dc: {
      nominalVoltageV: 396,
      curve: [
        { socPercent: 0, powerW: 80_000 },
        { socPercent: 5, powerW: 150_000 },
        { socPercent: 50, powerW: 142_000 },
        { socPercent: 70, powerW: 90_000 },
        { socPercent: 80, powerW: 62_000 },
        { socPercent: 90, powerW: 32_000 },
        { socPercent: 100, powerW: 6_000 },
      ],
    },
  },
  /** 11 kW AC, up to 250 kW DC with a battery of 800 V, which older DC Charge Points cannot charge. */
  "grand-tourer": {
    batteryCapacityWh: 93_000,
    socAtArrivalPercent: 20,
    phases: 3,
    maxCurrentA: 16,
    dc: {
      nominalVoltageV: 725,
      curve: [
        { socPercent: 0, powerW: 150_000 },
        { socPercent: 5, powerW: 250_000 },
        { socPercent: 40, powerW: 235_000 },
        { socPercent: 60, powerW: 150_000 },
        { socPercent: 80, powerW: 85_000 },
        { socPercent: 90, powerW: 40_000 },
        { socPercent: 100, powerW: 8_000 },
      ],
    },
  },
  /** 3.7 kW on one phase, no DC. */
  "plug-in-hybrid": {
    batteryCapacityWh: 12_000,
    socAtArrivalPercent: 15,
    phases: 1,
    maxCurrentA: 16,
  },
} as const satisfies Readonly<Record<string, VehicleDescription>>;
