/**
 * No case gives PASS to a Central System that is wrong in one place: every frame of every case is spoilt in every way.
 */
import assert from "node:assert/strict";
import type { CaseDefinition } from "../../src/conformance/case.ts";
import { CENTRAL_SYSTEM_CASES } from "../../src/conformance/registry.ts";
import { PlayedCentralSystem } from "../support/conformance_central_system.ts";
import {
  type CentralSystemMutant,
  centralSystemMutantsOf,
} from "../support/conformance_central_system_mutants.ts";
import { overSockets } from "../support/server.ts";

/** What a peer that leaves something out costs. Units: seconds. */
const SETUP = { withinSeconds: 1, connectWithinSeconds: 1, operatorWithinSeconds: 1, quietSeconds: 0.1 };

const AT_ONCE = 24;

interface Played {
  readonly definition: CaseDefinition;
  readonly mutant: CentralSystemMutant;
}

Deno.test({
  ...overSockets("no mutant of our Central System passes any case", "env", "read"),
  // Plays end in the middle of an upgrade too; the runtime keeps something for each socket that never opened.
  sanitizeOps: false,
  async fn() {
    await using centralSystem = await PlayedCentralSystem.start("native");
    const plays: Played[] = [];
    await eachAtOnce(CENTRAL_SYSTEM_CASES, async (definition) => {
      const { result: { frames, verdict } } = await centralSystem.play(definition);
      assert.equal(verdict, "PASS");
      const texts = frames.filter(({ from }) => from === "system").map(({ text }) => text);
      plays.push(...centralSystemMutantsOf(texts).map((mutant) => ({ definition, mutant })));
    });
    const survivors: string[] = [];
    await eachAtOnce(plays, async ({ definition, mutant }) => {
      const spoil = mutant.spoiler();
      const { result } = await centralSystem.play(definition, { setup: SETUP, spoil });
      if (result.verdict === "PASS") survivors.push(`${definition.id} ${mutant.name}`);
    });
    console.log(`${plays.length - survivors.length} of ${plays.length} mutants caught`);
    assert.ok(plays.length > 2_500, `only ${plays.length} mutants`);
    assert.deepEqual(survivors, []);
  },
});

/** Does it for each, so many at once. */
async function eachAtOnce<T>(items: readonly T[], act: (item: T) => Promise<void>): Promise<void> {
  const left = items.values();
  await Promise.all(Array.from({ length: AT_ONCE }, async () => {
    for (const item of left) await act(item);
  }));
}
