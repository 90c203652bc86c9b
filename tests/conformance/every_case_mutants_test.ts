/**
 * No case gives PASS to a peer that is wrong in one place: every frame of every case is spoilt in every way.
 */
import assert from "node:assert/strict";
import type { CaseDefinition } from "../../src/conformance/case.ts";
import { CHARGE_POINT_CASES } from "../../src/conformance/registry.ts";
import { testedFor } from "../../src/runtime/tested_charge_point.ts";
import { type Mutant, mutantsOf } from "../support/conformance_mutants.ts";
import { playCase } from "../support/conformance_play.ts";
import { OVER_SOCKETS } from "./over_sockets.ts";

/** Messages that may come at any time: those that a case is about it expects, and one more or less is no matter. */
const TOLERATED = new Set(["Heartbeat", "MeterValues", "SecurityEventNotification", "DataTransfer"]);

/** What a Charge Point may do as well, hence no fault: the case, and what a survivor looks like. */
const ALLOWED: readonly (readonly [caseId: string, survivor: RegExp])[] = [
  // A Hard reset stops transactions before it or afterwards.
  ["TC_015_CS", /sends what follows before .*BootNotification/],
  // Whether Finishing is still told before a Soft reset, or before the power is gone, is a matter of time.
  ["TC_032_1_CS", /(leaves out|sends too late) .*"Finishing"/],
  ["TC_016_CS", /(leaves out|sends too late) .*"Finishing"/],
  // Connectors need not be out of operation for an update without signature.
  ["TC_044_1_CS", /(leaves out|sends too late) .*"Unavailable"/],
  ["TC_044_3_CS", /(leaves out|sends too late) .*"Unavailable"/],
  // Words for people, and names of files.
  ["", /tells a wrong (info|fileName|filename) in/],
  // Another firmware may call the device something else.
  ["TC_044_1_CS", /tells a wrong chargePoint\w+ in/],
  ["TC_080_CS", /tells a wrong chargePoint\w+ in/],
  // What stands behind a PEM block is no part of it.
  ["TC_077_CS", /tells a wrong csr in/],
  // The event may be told before the status.
  ["TC_081_CS", /sends what follows before .*"InvalidSignature"/],
];

function isAllowed(survivor: string): boolean {
  return ALLOWED.some(([caseId, pattern]) => survivor.startsWith(caseId) && pattern.test(survivor));
}

/** Frames of the Charge Point before the first step of a case: BootNotification and every status. */
function framesOfReadiness(definition: CaseDefinition): number {
  return 2 + testedFor(definition.needs).description.connectors;
}

/** What its meter began with nobody can know before it tells something else. */
function isUnknowable({ name }: Mutant, later: readonly string[]): boolean {
  return name === "tells a wrong meterStart in" && !later.some((text) => text.includes("meterStop"));
}

function isTolerated(text: string): boolean {
  const [messageType, , action] = JSON.parse(text) as [number, string, string];
  return messageType === 2 && TOLERATED.has(action);
}

async function survivorsOf(definition: CaseDefinition): Promise<{ count: number; survivors: string[] }> {
  const { result } = await playCase(definition);
  const texts = result.frames.filter(({ from }) => from === "system").map(({ text }) => text);
  const mutants: Mutant[] = texts
    .slice(framesOfReadiness(definition))
    .flatMap((text, index, all) =>
      isTolerated(text)
        ? []
        : mutantsOf(text, all[index + 1]).filter((mutant) => !isUnknowable(mutant, all.slice(index + 1)))
    );
  const survivors: string[] = [];
  for (const { name, text, spoil } of mutants) {
    const played = await playCase(definition, { spoil });
    const survivor = `${definition.id} ${name} ${text}`;
    if (played.result.verdict === "PASS" && !isAllowed(survivor)) survivors.push(survivor);
  }
  return { count: mutants.length, survivors };
}

Deno.test("no mutant of our Charge Point passes any case", async () => {
  let count = 0;
  const survivors: string[] = [];
  for (const definition of CHARGE_POINT_CASES) {
    if (OVER_SOCKETS.has(definition.id)) continue;
    const outcome = await survivorsOf(definition);
    count += outcome.count;
    survivors.push(...outcome.survivors);
  }
  assert.ok(count > 500, `only ${count} mutants`);
  console.log(`${count - survivors.length} of ${count} mutants caught`);
  assert.deepEqual(survivors, []);
});
