import fc from "fast-check";
import type { ChargePointDescription } from "../../src/charge_point/description.ts";
import { PROPERTY_SEED } from "../support/arbitraries.ts";
import { Life } from "../support/life.ts";

const LIVES = 10_000;
const STEPS = 100;

const description: fc.Arbitrary<Partial<ChargePointDescription>> = fc.record({
  atPowerLoss: fc.constantFrom("stopAfterBoot", "stopBeforeGoingDown", "resume"),
  cable: fc.constantFrom("detachable", "fixed"),
  hasAuthorizationCache: fc.boolean(),
});

Deno.test(`${LIVES} Charge Points keep their word through cuts, kills and lost frames, ${STEPS} steps each`, () => {
  fc.assert(
    fc.property(
      description,
      fc.integer({ min: 0, max: 3 }).map((nth) => nth === 0),
      fc.array(fc.nat(0xffff_ffff), { minLength: STEPS, maxLength: STEPS }),
      (description, isOfficial, numbers) => {
        const life = new Life({ description, isOfficial });
        for (const number of numbers) life.take(number);
        life.settle();
      },
    ),
    { numRuns: LIVES, seed: PROPERTY_SEED },
  );
});
