/**
 * Every compliance case that is written.
 */
import type { CaseDefinition } from "./case.ts";
import { START_SESSION } from "./charge_point/start_session.ts";

/** Those with a Charge Point under test, in the order of the groups. */
export const CHARGE_POINT_CASES: readonly CaseDefinition[] = [
  ...START_SESSION,
];
