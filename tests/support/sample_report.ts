/**
 * A run to make reports of: real cases, played in virtual time, some of them against a Charge Point that is wrong.
 */
import assert from "node:assert/strict";
import type { CaseDefinition } from "../../src/conformance/case.ts";
import { CHARGE_POINT_CASES } from "../../src/conformance/registry.ts";
import { parseFrame } from "../../src/ocpp/frame.ts";
import type { CaseReport, SuiteReport } from "../../src/report/suite_report.ts";
import { testedFor } from "../../src/runtime/tested_charge_point.ts";
import { playCase, type PlayOptions, type SpoiltFrame } from "./conformance_play.ts";

/** How the Charge Point of a case is wrong. */
const WRONG: Readonly<Record<string, PlayOptions>> = {
  TC_003_CS: { spoil: statusInstead("Preparing", "Finishing") },
  TC_004_1_CS: { spoil: (text) => text.includes('"StopTransaction"') ? [] : [{ text }] },
  TC_010_CS: { spoil: (text) => [{ text: text.replace('"Accepted"', '"<b>Yes</b>"') }] },
  TC_019_CS: { spoil: (text) => text.includes('"configurationKey"') ? [{ text: '[3,"half' }] : [{ text }] },
  // Nothing is ever said: no case can begin.
  TC_026_CS: { spoil: () => [] },
  // Lacks what the case needs.
  TC_042_1_CS: { played: testedFor({ withoutProfiles: ["LocalAuthListManagement"] }) },
  TC_048_1_CS: { played: testedFor({ withoutProfiles: ["Reservation"] }) },
};

const CASES = [
  ...["TC_001_CS", "TC_003_CS", "TC_004_1_CS", "TC_010_CS", "TC_011_1_CS", "TC_019_CS", "TC_026_CS"],
  ...["TC_042_1_CS", "TC_043_CS", "TC_048_1_CS", "TC_056_CS", "TC_044_1_CS", "TC_054_CS"],
];

let sample: Promise<SuiteReport> | undefined;

/** Some cases of every feature profile; all four verdicts are among them. Played once. */
export function sampleReport(): Promise<SuiteReport> {
  const chosen = CHARGE_POINT_CASES.filter(({ id }) => CASES.includes(id));
  assert.equal(chosen.length, CASES.length);
  return sample ??= played(chosen);
}

/** Any cases, those of `WRONG` against what is wrong. */
export async function played(definitions: readonly CaseDefinition[]): Promise<SuiteReport> {
  const cases: CaseReport[] = [];
  for (const definition of definitions) cases.push(await reportOf(definition, WRONG[definition.id]));
  const last = cases.at(-1);
  return {
    tool: "ocpp 0.1.0",
    systemUnderTest: "chargePoint",
    target: "ws://localhost:9000/CP001",
    startedAtMs: cases[0]?.startedAtMs ?? 0,
    endedAtMs: (last?.startedAtMs ?? 0) + (last?.durationMs ?? 0),
    setup: { driver: "ocpp", idTag: "TAG001", timeout: "30 s" },
    cases,
  };
}

async function reportOf(definition: CaseDefinition, options: PlayOptions = {}): Promise<CaseReport> {
  const { result, description } = await playCase(definition, options);
  const { id, title, profile, purpose, spec } = definition;
  const startedAtMs = Date.UTC(2026, 0, 1, 12, 0, 0); // as every case of `playCase` begins
  return {
    ...{ id, title, profile, purpose, spec, startedAtMs },
    ...result,
    durationMs: (result.frames.at(-1)?.atMs ?? startedAtMs) - startedAtMs,
    playedOn: description,
  };
}

function statusInstead(status: string, wrong: string) {
  return (text: string): readonly SpoiltFrame[] => {
    const parsed = parseFrame(text);
    if (!parsed.ok || parsed.frame.kind !== "call" || parsed.frame.action !== "StatusNotification") {
      return [{ text }];
    }
    return [{ text: text.replace(`"${status}"`, `"${wrong}"`) }];
  };
}
