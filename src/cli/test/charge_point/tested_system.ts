/**
 * What a Charge Point under test is, out of the options: a preset or a description file of a simulated one, or a file
 * of capabilities of anybody's; and on what each case is played.
 */
import type { ChargePointPreset } from "../../../charge_point/presets.ts";
import type { ChargePointCapabilities } from "../../../conformance/capabilities.ts";
import type { CaseDefinition } from "../../../conformance/case.ts";
import { capabilitiesOf, type TestedChargePoint, testedFor } from "../../../runtime/tested_charge_point.ts";
import { describeChargePoint } from "../../simulate/describe.ts";
import { CommandError, UsageError } from "../../exit_code.ts";
import { plainText } from "../../plain_text.ts";
import { whyUnreadable } from "../../unreadable.ts";

/** The options that say what it is. */
export interface SystemOptions {
  readonly preset?: ChargePointPreset | undefined;
  /** Names of files. */
  readonly description?: string | undefined;
  readonly capabilities?: string | undefined;
  readonly securityProfile?: 0 | 1 | 2 | 3 | undefined;
}

/** What is known of it. `simulated`: where it is described as a simulated one is. */
export interface TestedSystem {
  readonly name: string;
  readonly capabilities: ChargePointCapabilities;
  readonly simulated?: TestedChargePoint;
}

/** A case, and what it is played on. */
export interface ChargePointCase {
  readonly definition: CaseDefinition;
  readonly capabilities: ChargePointCapabilities;
  readonly playedOn: string;
}

/** `undefined`: nothing was said of it. Errors: `UsageError` for what does not fit, `CommandError` for a file. */
export async function testedSystem(options: SystemOptions): Promise<TestedSystem | undefined> {
  const { preset, description, capabilities } = options;
  if (capabilities !== undefined) {
    if (preset !== undefined || description !== undefined) {
      throw new UsageError("--capabilities says it all: leave --preset and --description out");
    }
    return await ofCapabilities(capabilities, options);
  }
  if (preset === undefined && description === undefined) return undefined;
  const { description: described } = await describeChargePoint({
    preset,
    chargePoint: description,
    option: "--description",
  });
  const { securityProfile = 0 } = options;
  const name = [description ?? preset, securityProfile === 0 ? "" : `security profile ${securityProfile}`];
  const simulated = {
    name: name.filter((one) => one !== "").join(", "),
    description: described,
    securityProfile,
  };
  return { name: simulated.name, capabilities: capabilitiesOf(simulated), simulated };
}

/** One that offers everything and whose security is as it was said: what files and answers are laid over. */
export function usualCapabilities({ securityProfile = 0 }: SystemOptions): ChargePointCapabilities {
  return { ...capabilitiesOf(testedFor({})), securityProfile };
}

async function ofCapabilities(path: string, options: SystemOptions): Promise<TestedSystem> {
  const { parseCapabilitiesFile } = await import("../../../scenario/capabilities_file.ts");
  let text: string;
  try {
    text = await Deno.readTextFile(path);
  } catch (cause) {
    throw new CommandError(`cannot read ${plainText(path)} (--capabilities): ${whyUnreadable(cause)}`, {
      cause,
    });
  }
  const parsed = parseCapabilitiesFile(text, path);
  if (!parsed.ok) {
    const [first, ...others] = parsed.faults;
    throw new UsageError(others.length === 0 ? first : `${first} (and ${others.length} more)`);
  }
  const given = Object.fromEntries(Object.entries(parsed.fields).filter(([, value]) => value !== undefined));
  const { securityProfile } = options;
  return {
    name: path,
    capabilities: {
      ...usualCapabilities(options),
      ...given as Partial<ChargePointCapabilities>,
      ...(securityProfile === undefined ? {} : { securityProfile }),
    },
  };
}

/**
 * On what simulated Charge Point a case is played: the given one, or the one that its needs name, on the security
 * profile that was chosen, if any.
 */
export function simulatedCase(
  definition: CaseDefinition,
  given: TestedChargePoint | undefined,
  { securityProfile }: Pick<SystemOptions, "securityProfile"> = {},
): ChargePointCase & { readonly tested: TestedChargePoint } {
  const tested = given ?? testedFor(definition.needs, securityProfile);
  return { definition, tested, capabilities: capabilitiesOf(tested), playedOn: tested.name };
}
