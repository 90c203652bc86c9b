/**
 * Verdicts, counted: of a run and of each feature profile.
 */
import { CASE_VERDICTS, type CaseReport, type CaseVerdict, type ReportedShare } from "./suite_report.ts";

/** How many cases got which verdict. */
export type VerdictCounts = Readonly<Record<CaseVerdict, number>>;

/** The cases of one feature profile. */
export interface ProfileTally {
  readonly profile: string;
  readonly cases: readonly CaseReport[];
  readonly counts: VerdictCounts;
  readonly durationMs: number;
}

/** Counts verdicts. */
export function verdictCounts(cases: readonly Pick<CaseReport, "verdict">[]): VerdictCounts {
  const counts = { "PASS": 0, "FAIL": 0, "INCONCLUSIVE": 0, "NOT APPLICABLE": 0 };
  for (const { verdict } of cases) counts[verdict]++;
  return counts;
}

/** The feature profiles in the order in which they were first played. */
export function tallyByProfile(cases: readonly CaseReport[]): readonly ProfileTally[] {
  const byProfile = new Map<string, CaseReport[]>();
  for (const one of cases) {
    const others = byProfile.get(one.profile);
    if (others === undefined) byProfile.set(one.profile, [one]);
    else others.push(one);
  }
  return [...byProfile].map(([profile, own]) => ({
    profile,
    cases: own,
    counts: verdictCounts(own),
    durationMs: own.reduce((sum, { durationMs }) => sum + durationMs, 0),
  }));
}

/** `74 PASS, 2 FAIL`; verdicts that no case got are not told. */
export function countsText(counts: VerdictCounts): string {
  return CASE_VERDICTS.filter((verdict) => counts[verdict] > 0)
    .map((verdict) => `${counts[verdict]} ${verdict}`).join(", ");
}

/** `refused 41 of 43 broken messages`. */
export function shareText({ refused, sent }: ReportedShare): string {
  return `refused ${refused} of ${sent} broken messages`;
}
