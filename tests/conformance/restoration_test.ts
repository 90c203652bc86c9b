/**
 * Whatever went wrong in a case, the next one finds the Charge Point as the first one did.
 */
import assert from "node:assert/strict";
import { CHARGE_POINT_CASES } from "../../src/conformance/registry.ts";
import { testedFor } from "../../src/runtime/tested_charge_point.ts";
import { mutantsOf } from "../support/conformance_mutants.ts";
import { playCase, playInARow } from "../support/conformance_play.ts";
import { resultText } from "../support/conformance_result.ts";

/**
 * A Charge Point repeats what has to do with transactions, and critical security events, for minutes: what is lost of it for good on purpose is no
 * matter of restoration. One that is never accepted cannot be had back.
 */
const REPEATED =
  /"(StartTransaction|StopTransaction|MeterValues|SecurityEventNotification|BootNotification)"/;

Deno.test("after a case that went wrong in any place an ordinary session passes on the same Charge Point", async () => {
  const session = CHARGE_POINT_CASES.find(({ id }) => id === "TC_003_CS");
  assert.ok(session !== undefined);
  const left: string[] = [];
  for (const definition of CHARGE_POINT_CASES) {
    const { result } = await playCase(definition);
    const texts = result.frames.filter(({ from }) => from === "system").map(({ text }) => text);
    const readiness = 2 + testedFor(definition.needs).description.connectors;
    const mutants = texts.slice(readiness).flatMap((text) => mutantsOf(text, undefined));
    for (const { name, text, spoil } of mutants) {
      if (REPEATED.test(text)) continue;
      // Nobody waits for an update that was refused.
      if (definition.id === "TC_080_CS" && name === "tells a wrong status in" && text.startsWith("[3,")) {
        continue;
      }
      let isOver = false;
      const cases = [
        definition,
        {
          ...session,
          *run(t) {
            isOver = true;
            yield* session.run(t);
          },
        } as typeof session,
      ];
      const [, after] = await playInARow(cases, testedFor(definition.needs), {
        spoil: (sent) => isOver ? [{ text: sent }] : spoil(sent),
      });
      if (after?.result.verdict !== "PASS") {
        left.push(`${definition.id} ${name} ${text}\n${resultText(after!.result)}`);
      }
    }
  }
  assert.deepEqual(left, []);
});
