/**
 * The options that both halves of `ocpp test` have.
 */
import { InvalidArgumentError } from "@commander-js/extra-typings";
import type { FeatureProfile } from "../../ocpp/action.ts";
import { ALL_FEATURE_PROFILES } from "../../charge_point/description.ts";
import { option, shortText } from "../options.ts";
import { guessText } from "../nearest.ts";
import { REPORT_FORMATS, reportFile } from "./report_files.ts";

/** `--case`. */
export function caseOption() {
  return option("--case <id>", "only these, * for any characters; may be given often").argParser(collected);
}

/** `--skip`. */
export function skipOption() {
  return option("--skip <id>", "not these, likewise").argParser(collected);
}

/** `--profile`. */
export function profileOption() {
  return option("--profile <name>", "only those of a feature profile, e.g. Core; may be given often")
    .argParser(profileNamed);
}

/** An idTag that a run uses. Spec: OCPP 1.6 §7.28, a CiString20Type. */
export function idTagOption<Flags extends string>(flags: Flags, what: string, standard: string) {
  return option(flags, what).argParser(shortText({ maxLength: 20 })).default(standard);
}

/** `--report` and `--json`. */
export function outputOptions() {
  return [
    option("--report <format=file>", `write a report: ${REPORT_FORMATS.join(", ")}; may be given often`)
      .argParser(reportFile),
    option("--json", "each case as a JSON object on stdout"),
  ];
}

/** Several stand in one environment variable, with commas or spaces between them. */
function collected(text: string, previous: readonly string[] | undefined): readonly string[] {
  return [...(previous ?? []), ...text.split(/[\s,]+/).filter((one) => one !== "")];
}

function profileNamed(
  text: string,
  previous: readonly FeatureProfile[] | undefined,
): readonly FeatureProfile[] {
  const found = collected(text, undefined).map((name) => {
    const profile = ALL_FEATURE_PROFILES.find((one) => one.toLowerCase() === name.toLowerCase());
    if (profile !== undefined) return profile;
    const guess = guessText(name, ALL_FEATURE_PROFILES);
    throw new InvalidArgumentError(
      `There is no such profile${guess || `: ${ALL_FEATURE_PROFILES.join(", ")}`}.`,
    );
  });
  return [...(previous ?? []), ...found];
}
