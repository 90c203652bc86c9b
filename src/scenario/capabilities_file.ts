/**
 * The file that says what a Charge Point of somebody else's offers, as far as compliance cases want to know: YAML or
 * JSON, fields named as in a description file where that has them too. What it does not name is as usual.
 *
 * Shape: `{ connectors: 2, cable: fixed, profiles: [Core, SmartCharging], firmwareUpdate: none }`
 */
import { z } from "zod";
import { ALL_FEATURE_PROFILES } from "../charge_point/description.ts";
import { CONNECTORS_MAX } from "./description_file.ts";
import { parseYamlFile } from "./yaml_file.ts";

/** What the file may hold. */
export const CapabilitiesFile = z.strictObject({
  connectors: z.int().min(1).max(CONNECTORS_MAX),
  profiles: z.array(z.enum(ALL_FEATURE_PROFILES)).max(ALL_FEATURE_PROFILES.length),
  cable: z.enum(["fixed", "detachable"]),
  hasAuthorizationCache: z.boolean(),
  acceptsReservations: z.boolean(),
  reservesConnectorZero: z.boolean(),
  firmwareUpdate: z.enum(["none", "plain", "signed", "both"]),
  atPowerLoss: z.enum(["stopBeforeGoingDown", "stopAfterBoot", "resume"]),
  canStayOnEvSideDisconnect: z.boolean(),
  canChooseUnlockOnEvSideDisconnect: z.boolean(),
  securityProfile: z.literal([0, 1, 2, 3]),
}).partial();
export type CapabilitiesFile = z.infer<typeof CapabilitiesFile>;

/** Reads a file's text. Errors: a line for each fault. */
export function parseCapabilitiesFile(
  text: string,
  fileName: string,
): { ok: true; fields: CapabilitiesFile } | { ok: false; faults: readonly string[] } {
  const parsed = parseYamlFile(text, { fileName, schema: CapabilitiesFile });
  return parsed.ok ? { ok: true, fields: parsed.value } : parsed;
}
