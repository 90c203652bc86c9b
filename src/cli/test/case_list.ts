/**
 * `--list`: the cases, what each shows, and what it needs.
 */
import { unmetNeeds } from "../../conformance/capabilities.ts";
import type { CaseDefinition } from "../../conformance/case.ts";
import { jsonLine } from "../plain_text.ts";
import { amountText } from "../table.ts";
import type { TextOutput } from "../terminal.ts";

/** Prints them, profile by profile. */
export function printCases(
  cases: readonly CaseDefinition[],
  { json, out }: { readonly json: boolean; readonly out: TextOutput },
): void {
  if (json) {
    for (const { id, title, profile, purpose, spec, needs } of cases) {
      out.write(jsonLine({ id, title, profile, purpose, spec, needs }));
    }
    return;
  }
  const { bold, dim } = out.style;
  const width = Math.max(...cases.map(({ id }) => id.length));
  for (const profile of new Set(cases.map((one) => one.profile))) {
    out.write(`${bold(profile)}\n`);
    for (const { id, title, purpose, needs } of cases.filter((one) => one.profile === profile)) {
      const other = unmetNeeds({
        ...needs,
        profiles: (needs.profiles ?? []).filter((one) => one !== profile),
      }, {});
      out.write(
        `  ${id.padEnd(width)}  ${title}${other.length === 0 ? "" : dim(` (${other.join(", ")})`)}\n`,
      );
      out.write(`  ${"".padEnd(width)}  ${dim(purpose)}\n`);
    }
  }
  out.write(`${amountText(cases.length, "case")}\n`);
}
