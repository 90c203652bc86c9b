/**
 * What a simulated Charge Point is: a preset, over it the description file, over that the options.
 */
import { checkValue } from "../../charge_point/configuration/configuration_value.ts";
import type { ChargePointDescription } from "../../charge_point/description.ts";
import { configurationOf, describedBy, PRESET_DEFAULT, presetNamed } from "../../scenario/described.ts";
import type { ChargePointPreset } from "../../charge_point/presets.ts";
import type { ParsedDescriptionFile } from "../../scenario/description_file.ts";
import { CONFIGURATION_KEY_NAMES, configurationKeyOf } from "../../ocpp/configuration_key.ts";
import { isSecretKey } from "../../ocpp/redaction.ts";
import { guessText } from "../nearest.ts";
import { CommandError, UsageError } from "../exit_code.ts";
import { whyUnreadable } from "../unreadable.ts";

/** The options that say what a Charge Point is. */
export interface DescribeOptions {
  readonly preset?: ChargePointPreset | undefined;
  /** A file. */
  readonly chargePoint?: string | undefined;
  /** What the option that names the file is called; absent: `--charge-point`. */
  readonly option?: string;
  readonly vendor?: string | undefined;
  readonly model?: string | undefined;
  readonly serial?: string | undefined;
  readonly firmwareVersion?: string | undefined;
  readonly connectors?: number | undefined;
  /** `MeterValueSampleInterval`. */
  readonly interval?: number | undefined;
  readonly set?: Readonly<Record<string, string>> | undefined;
}

/** A Charge Point that is fully described. */
export interface Described {
  readonly description: ChargePointDescription;
  readonly serialNumber: string | undefined;
  /** Keys that differ from the factory's settings; checked. */
  readonly configuration: Readonly<Record<string, string>>;
}

/** Between MeterValues when neither an option nor the file says more: a session of a minute shows some. */
export const SAMPLE_INTERVAL_DEFAULT_SECONDS = 10;

/** Describes it. Errors: `UsageError` for what does not fit, `CommandError` for a file that cannot be read. */
export async function describeChargePoint(options: DescribeOptions): Promise<Described> {
  const file = options.chargePoint === undefined
    ? undefined
    : await readFile(options.chargePoint, options.option ?? "--charge-point");
  const fields = file?.fields ?? {};
  const preset = presetNamed(options.preset ?? fields.preset ?? PRESET_DEFAULT);
  const description = describedBy(describedBy(preset, fields), {
    chargePointVendor: options.vendor,
    chargePointModel: options.model,
    firmwareVersion: options.firmwareVersion,
    connectors: options.connectors,
  });
  const ofFile = configurationOf(fields);
  const ofOptions = {
    ...(options.interval === undefined ? {} : { MeterValueSampleInterval: String(options.interval) }),
    ...options.set,
  };
  for (const [key, value] of Object.entries(ofFile)) {
    const checked = checkValue(key, value, description);
    if (!checked.ok) throw new UsageError(`${file?.at(["configuration", key])}: ${checked.reason}`);
  }
  for (const [key, value] of Object.entries(ofOptions)) {
    const checked = checkValue(key, value, description);
    if (!checked.ok) {
      // A key that is known, but not to a Charge Point like this, is none to guess at.
      const isKnown = configurationKeyOf(key) !== undefined;
      const guess = checked.refusal === "unknownKey" && !isKnown
        ? guessText(key, CONFIGURATION_KEY_NAMES)
        : "";
      throw new UsageError(`--set ${key}=${isSecretKey(key) ? "…" : value}: ${checked.reason}${guess}`);
    }
  }
  return {
    description,
    serialNumber: options.serial ?? fields.chargePointSerialNumber,
    configuration: {
      MeterValueSampleInterval: String(SAMPLE_INTERVAL_DEFAULT_SECONDS),
      ...ofFile,
      ...ofOptions,
    },
  };
}

async function readFile(path: string, option: string): Promise<ParsedDescriptionFile> {
  const { DESCRIPTION_FILE_MAX_LENGTH, parseDescriptionFile } = await import(
    "../../scenario/description_file.ts"
  );
  let text: string;
  try {
    const { size, isFile } = await Deno.stat(path);
    // More bytes than this are more characters than are allowed, in whatever encoding.
    if (isFile && size > 4 * DESCRIPTION_FILE_MAX_LENGTH) throw new UsageError(`${path} is too large`);
    text = await Deno.readTextFile(path);
  } catch (cause) {
    if (cause instanceof UsageError) throw cause;
    throw new CommandError(`cannot read ${path} (${option}): ${whyUnreadable(cause)}`, { cause });
  }
  const parsed = parseDescriptionFile(text, path);
  if (!parsed.ok) {
    const [first, ...others] = parsed.faults;
    throw new UsageError(others.length === 0 ? first : `${first} (and ${others.length} more)`);
  }
  return parsed.file;
}
