/**
 * Which cases are played: `--case`, `--skip` and `--profile`.
 */
import type { CaseDefinition } from "../../conformance/case.ts";
import type { FeatureProfile } from "../../ocpp/action.ts";
import { UsageError } from "../exit_code.ts";
import { guessText } from "../nearest.ts";
import { plainText } from "../plain_text.ts";
import { amountText } from "../table.ts";

/** What was asked for; empty: all of them. */
export interface CaseSelection {
  /** Ids, `*` for any characters and `?` for one. */
  readonly case?: readonly string[] | undefined;
  readonly skip?: readonly string[] | undefined;
  readonly profile?: readonly FeatureProfile[] | undefined;
}

/**
 * The cases that are asked for, in the order in which `--case` names them, else in their own.
 *
 * Errors: `UsageError` for a pattern that no case fits.
 */
export function selectedCases(
  all: readonly CaseDefinition[],
  { case: wanted = [], skip = [], profile: profiles = [] }: CaseSelection,
): readonly CaseDefinition[] {
  const isWanted = wanted.map((pattern) => matcherOf(pattern, all));
  const isSkipped = skip.map((pattern) => matcherOf(pattern, all));
  const named = wanted.length === 0 ? all : new Set(isWanted.flatMap((matches) => all.filter(matches)));
  const selected = [...named].filter((one) =>
    !isSkipped.some((matches) => matches(one)) && (profiles.length === 0 || profiles.includes(one.profile))
  );
  if (selected.length === 0) throw new UsageError("--case, --skip and --profile leave no case; see --list");
  return selected;
}

/** What a case of these is called. */
export function titlesOf(cases: readonly CaseDefinition[]): (id: string) => string | undefined {
  const titles = new Map(cases.map(({ id, title }) => [id, title]));
  return (id) => titles.get(id);
}

function matcherOf(pattern: string, all: readonly CaseDefinition[]): (one: CaseDefinition) => boolean {
  const expression = expressionOf(pattern);
  const ids = all.map(({ id }) => id);
  if (!ids.some((id) => expression.test(id))) {
    const names = ids.flatMap((id) => [id, id.replace(/_(CSMS|CS)$/, "")]);
    const told = plainText(pattern);
    // TC_04 stands for its group more likely than for TC_014.
    const inGroup = ids.filter((id) => expressionOf(`${pattern}*`).test(id)).length;
    const hint = inGroup > 0
      ? `; ${told}* is ${amountText(inGroup, "case")}`
      : guessText(pattern, names) || "; see --list";
    throw new UsageError(`no case is ${told}${hint}`);
  }
  return ({ id }) => expression.test(id);
}

/** `TC_003` is `TC_003_CSMS` too: what is under test is known. */
function expressionOf(pattern: string): RegExp {
  const source = pattern.replace(/[.+^${}()|[\]\\]/g, "\\$&").replaceAll("*", ".*").replaceAll("?", ".");
  return new RegExp(`^${source}(_CSMS|_CS)?$`, "i");
}
