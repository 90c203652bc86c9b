/**
 * A Charge Point's description from what is said about it: a preset, then a file's fields, then single options.
 */
import { type ChargePointDescription, STANDARD } from "../charge_point/description.ts";
import { CHARGE_POINT_PRESETS, type ChargePointPreset } from "../charge_point/presets.ts";
import { type VehicleDescription, VEHICLES } from "../charge_point/energy/vehicle_description.ts";
import type { DescriptionFile, VehicleFile } from "./description_file.ts";

/** What a Charge Point is that nobody says more about. */
export const PRESET_DEFAULT: ChargePointPreset = "ac-22kw";

/** A preset as a whole. */
export function presetNamed(name: ChargePointPreset): ChargePointDescription {
  return { ...STANDARD, ...CHARGE_POINT_PRESETS[name] };
}

/**
 * The description below with the fields of a file laid over it; supply, vehicle and limit field by field.
 *
 * The `preset` of the file has been heeded before: it is what lies below.
 */
export function describedBy(below: ChargePointDescription, file: DescriptionFile): ChargePointDescription {
  const { preset: _, chargePointSerialNumber: _serial, configuration: _keys, ...fields } = file;
  const { supply, vehicle, chargePointLimit, featureProfiles = below.featureProfiles, ...plain } = fields;
  const limit = laidOver(below.chargePointLimit ?? {}, chargePointLimit);
  return {
    ...laidOver(below, plain),
    featureProfiles: [...new Set<(typeof featureProfiles)[number]>(["Core", ...featureProfiles])],
    supply: laidOver(below.supply, supply),
    vehicle: vehicle === undefined ? below.vehicle : vehicleOf(vehicle, below.vehicle),
    ...(Object.keys(limit).length === 0 ? {} : { chargePointLimit: limit }),
  };
}

/**
 * An EV as it is named: a class, a class with other fields, or the usual EV with other fields.
 *
 * One with everything that every EV has stands for itself: it takes DC only if it says so.
 */
export function vehicleOf(file: VehicleFile, usual: VehicleDescription): VehicleDescription {
  if (typeof file === "string") return VEHICLES[file];
  const { preset, ...fields } = file;
  if (preset !== undefined) return laidOver<VehicleDescription>(VEHICLES[preset], fields);
  const isWhole = NEEDED.every((field) => fields[field] !== undefined);
  return laidOver(isWhole ? {} as VehicleDescription : usual, fields);
}

const NEEDED = ["batteryCapacityWh", "socAtArrivalPercent", "phases", "maxCurrentA"] as const;

/** The configuration keys of a file as they travel. */
export function configurationOf({ configuration = {} }: DescriptionFile): Readonly<Record<string, string>> {
  return Object.fromEntries(Object.entries(configuration).map(([key, value]) => [key, String(value)]));
}

function laidOver<T extends object>(below: T, above: { [K in keyof T]?: T[K] | undefined } | undefined): T {
  const given = Object.entries(above ?? {}).filter(([, value]) => value !== undefined);
  return given.length === 0 ? below : { ...below, ...Object.fromEntries(given) };
}
