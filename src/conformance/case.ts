/**
 * One compliance case.
 *
 * How to write one:
 * - A case is an object with an id, what it needs, and `*run(t)`: a generator over steps, so that a reader can lay it
 *   beside the specification. Every step is `yield* t.something(…)`; what it gives is typed by its Action.
 * - The run has connected and booted the Charge Point before `run` begins (unless `needs` do not fit, which is
 *   NOT APPLICABLE). Put what else must be so beforehand into `yield* t.prepare(…)`: a fault there is
 *   INCONCLUSIVE, a fault anywhere else FAIL.
 * - `t.expect(call(action, {…}))` takes the next Call of the system under test and no other: a Call that is neither
 *   expected nor tolerated is a fault. Heartbeat, MeterValues, SecurityEventNotification, SignCertificate and
 *   DataTransfer are tolerated unless they are expected. What specification or errata leave open goes into
 *   `t.expectInAnyOrder`, or is an `optionalCall`. Calls are answered as usual (Accepted) unless the expectation says
 *   how.
 * - Times: an expectation's time counts from its step on, and not while somebody is asked to do something. Lower
 *   intervals by `t.configure`, which sees to it that the old values come back.
 * - No need to tidy up: the run ends transactions, takes out cables, gives back configuration, availability,
 *   reservations, profiles and lists when the case is over, whatever its verdict (`restoration.ts`). What the case
 *   alone knows how to put back it adds to `t.record.putBack`; what nobody can makes it `isForGood`.
 * - Payloads need not be checked for their form: every frame of the system under test is checked against schemas and
 *   field rules, and one fault FAILS the case.
 * - Steps that many cases share stand in `charge_point/states.ts` and `central_system/states.ts`.
 * - With a Central System under test the tester plays the Charge Point: the case connects by itself, mostly by
 *   `yield* t.prepare(booted(t))`, and has the operator of the Central System send Calls by `ordered`. In the end
 *   nothing more may come, and the run stops transactions, frees connectors and disconnects.
 * - What is neither a frame nor an operator's deed (files, certificates) is asked for by `t.bench(…)`.
 * Then add it to its group's list, which `registry.ts` gathers.
 */
import type { FeatureProfile, Role } from "../ocpp/action.ts";
import type { CentralSystemNeeds, ChargePointNeeds } from "./capabilities.ts";
import type { Steps } from "./step.ts";
import type { Tester } from "./tester.ts";

/** A case as it is written. */
export interface CaseDefinition {
  /** E.g. `TC_003_CS`. */
  readonly id: string;
  readonly title: string;
  readonly systemUnderTest: Role;
  readonly profile: FeatureProfile;
  /** What a PASS shows, in one sentence. */
  readonly purpose: string;
  /** Sections, e.g. `OCPP 1.6 §4.8`. */
  readonly spec: readonly string[];
  readonly needs: ChargePointNeeds;
  /** It changes what no message puts back: on one and the same system it comes after all others. */
  readonly isForGood?: true;
  /** It asks a Charge Point what it is: how many connectors there are is not known before. */
  readonly isQuestion?: true;
  run(t: Tester): Steps;
}

/** A case with a Charge Point under test. */
export function chargePointCase(
  definition: Omit<CaseDefinition, "systemUnderTest" | "needs"> & { readonly needs?: ChargePointNeeds },
): CaseDefinition {
  const { profile, needs = {} } = definition;
  // The security extension has no identifier among the feature profiles: its cases say what they need.
  const profiles = profile === "Core" || profile === "Security" ? [] : [profile];
  const unwanted = needs.withoutProfiles ?? [];
  const all = [...profiles, ...(needs.profiles ?? [])].filter((one) => !unwanted.includes(one));
  return {
    ...definition,
    systemUnderTest: "chargePoint",
    needs: { ...needs, ...(all.length === 0 ? {} : { profiles: all }) },
  };
}

/** A case with a Central System under test. */
export function centralSystemCase(
  definition: Omit<CaseDefinition, "systemUnderTest" | "needs"> & { readonly needs?: CentralSystemNeeds },
): CaseDefinition {
  const { profile, needs = {}, run } = definition;
  const own = profile === "Core" || profile === "Security" ? {} : { profiles: [profile] };
  return {
    ...definition,
    systemUnderTest: "centralSystem",
    needs: { ...own, ...needs },
    *run(t) {
      yield* run(t);
      // Nobody has asked for anything more: a Call that comes twice is as wrong as one that is missing.
      yield* t.quiet({ for: t.setup.quietSeconds });
    },
  };
}
