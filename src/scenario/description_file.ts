/**
 * The file that says what a Charge Point is: YAML or JSON (which is YAML too), read with positions, so that
 * whatever is wrong is told as one line, `file:line:column: what is wrong, what is allowed`.
 *
 * It names a preset and what differs from it; `supply`, `vehicle` and `chargePointLimit` are laid over the preset's
 * field by field, a `dc` within them is taken whole.
 * Shape: `{ preset: "ac-11kw", connectors: 2, supply: { phases: 1 }, configuration: { HeartbeatInterval: 60 } }`
 * Units: as in `charge_point/description.ts`.
 */
import { z } from "zod";
import { ALL_FEATURE_PROFILES, type ChargePointDescription } from "../charge_point/description.ts";
import { CHARGE_POINT_PRESETS, type ChargePointPreset } from "../charge_point/presets.ts";
import { type VehiclePreset, VEHICLES } from "../charge_point/energy/vehicle_description.ts";
import { type ParsedYaml, parseYamlFile, YAML_FILE_MAX_LENGTH } from "./yaml_file.ts";

/** The most connectors of one Charge Point. */
export const CONNECTORS_MAX = 100;

/** The longest description file, in characters. */
export const DESCRIPTION_FILE_MAX_LENGTH = YAML_FILE_MAX_LENGTH;

const shortText = (maxLength: number) => z.string().min(1).max(maxLength);
const positive = (max: number) => z.number().positive().max(max);
const phases = z.union([z.literal(1), z.literal(3)]); // OpenAPI makes texts of a literal of several numbers

/** The names of the presets. */
export const PRESET_NAMES = Object.keys(CHARGE_POINT_PRESETS) as ChargePointPreset[];

/** The names of the EV classes. */
export const VEHICLE_NAMES = Object.keys(VEHICLES) as VehiclePreset[];

const SupplyFields = z.strictObject({
  phases,
  voltageV: positive(1_000),
  maxCurrentA: positive(3_000),
  dc: z.strictObject({
    maxVoltageV: positive(1_500),
    maxCurrentA: positive(3_000),
    maxPowerW: positive(10_000_000),
    efficiency: positive(1),
  }),
}).partial();

const Curve = z.array(
  z.strictObject({ socPercent: z.number().min(0).max(100), powerW: positive(10_000_000) }),
)
  .min(2).max(100)
  .refine(
    (points) => points.every(({ socPercent }, at) => at === 0 || socPercent > points[at - 1]!.socPercent),
    {
      error: "the points ascend by socPercent",
    },
  );

const VehicleFields = z.strictObject({
  preset: z.enum(VEHICLE_NAMES),
  batteryCapacityWh: positive(10_000_000),
  socAtArrivalPercent: z.number().min(0).max(100),
  phases,
  maxCurrentA: positive(3_000),
  minCurrentA: positive(3_000),
  dc: z.strictObject({ nominalVoltageV: positive(1_500), curve: Curve }),
}).partial();

/** An EV: the name of a class, or fields that differ from a class or from the EV of the preset. */
export const VehicleFile = z.union([z.enum(VEHICLE_NAMES), VehicleFields]);
export type VehicleFile = z.infer<typeof VehicleFile>;

const DESCRIPTION_FIELDS = {
  chargePointVendor: shortText(20),
  chargePointModel: shortText(20),
  firmwareVersion: shortText(50),
  iccid: shortText(20),
  imsi: shortText(20),
  meterType: shortText(25),
  meterSerialNumber: shortText(25),
  connectors: z.int().min(1).max(CONNECTORS_MAX),
  supply: SupplyFields,
  chargePointLimit: z.strictObject({ maxCurrentA: positive(10_000), maxPowerW: positive(10_000_000) })
    .partial(),
  switchesToOnePhase: z.boolean(),
  vehicle: VehicleFile,
  cable: z.enum(["fixed", "detachable"]),
  lockJam: z.enum(["lock", "unlock"]),
  hasAuthorizationCache: z.boolean(),
  featureProfiles: z.array(z.enum(ALL_FEATURE_PROFILES)).max(ALL_FEATURE_PROFILES.length),
  acceptsReservations: z.boolean(),
  reservesConnectorZero: z.boolean(),
  firmwareUpdate: z.enum(["plain", "signed", "both"]),
  checksNewRoots: z.boolean(),
  atPowerLoss: z.enum(["stopBeforeGoingDown", "stopAfterBoot", "resume"]),
  // A description that gains a field gains it in files, or this does not compile.
} satisfies Record<keyof ChargePointDescription, z.ZodType>;

/** What a description file may hold; also what the API takes for a Charge Point that is to be added. */
export const DescriptionFile = z.strictObject({
  preset: z.enum(PRESET_NAMES),
  chargePointSerialNumber: shortText(25),
  ...DESCRIPTION_FIELDS,
  configuration: z.record(z.string(), z.union([z.string(), z.number(), z.boolean()])),
}).partial();
export type DescriptionFile = z.infer<typeof DescriptionFile>;

/** A file that was read. `at` gives `file:line:column` of a field, for what is found wrong later. */
export interface ParsedDescriptionFile {
  readonly fields: DescriptionFile;
  readonly at: ParsedYaml<unknown>["at"];
}

/** Reads a file's text. Errors: as `parseYamlFile`. */
export function parseDescriptionFile(
  text: string,
  fileName: string,
): { ok: true; file: ParsedDescriptionFile } | { ok: false; faults: readonly string[] } {
  const parsed = parseYamlFile(text, { fileName, schema: DescriptionFile });
  return parsed.ok ? { ok: true, file: { fields: parsed.value, at: parsed.at } } : parsed;
}
