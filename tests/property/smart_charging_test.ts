/**
 * Charging profiles and limits at random: the composite schedule against a plain evaluation written on its own, and
 * metered power against every limit in force.
 */
import assert from "node:assert/strict";
import fc from "fast-check";
import type { ChargePointDescription } from "../../src/charge_point/description.ts";
import { CHARGE_POINT_PRESETS } from "../../src/charge_point/presets.ts";
import { VEHICLES } from "../../src/charge_point/energy/vehicle_description.ts";
import type { ChargingProfile } from "../../src/ocpp/charging_profile.ts";
import { profile } from "../support/profiles.ts";
import { ScriptedCentralSystem } from "../support/scripted_central_system.ts";

const NOMINAL_V = 230;
const DAY_SECONDS = 86_400;

// --- a plain evaluation, without any of ours ------------------------------------------------------------------

interface Kept {
  readonly connectorId: number;
  readonly profile: ChargingProfile;
}

interface Limit {
  readonly unit: "A" | "W";
  readonly limit: number;
}

function limitOf({ profile }: Kept, atMs: number, chargingStartMs: number): Limit | undefined {
  if (profile.validFrom !== undefined && atMs < Date.parse(profile.validFrom)) return undefined;
  if (profile.validTo !== undefined && atMs >= Date.parse(profile.validTo)) return undefined;
  const { startSchedule, duration, chargingSchedulePeriod, chargingRateUnit } = profile.chargingSchedule;
  const startMs = profile.chargingProfileKind === "Relative" || startSchedule === undefined
    ? chargingStartMs
    : Date.parse(startSchedule);
  let seconds = (atMs - startMs) / 1_000;
  if (seconds < 0) return undefined;
  if (profile.chargingProfileKind === "Recurring") {
    seconds %= profile.recurrencyKind === "Weekly" ? 7 * DAY_SECONDS : DAY_SECONDS;
  }
  if (duration !== undefined && seconds >= duration) return undefined;
  const period = chargingSchedulePeriod.findLast(({ startPeriod }) => startPeriod <= seconds);
  return period && { unit: chargingRateUnit, limit: period.limit };
}

/** The limit of one purpose on one connector. */
function ofPurpose(
  kept: readonly Kept[],
  which: { purpose: string; connectorId: number },
  when: { atMs: number; chargingStartMs: number },
): Limit | undefined {
  return kept
    .filter(({ connectorId, profile }) =>
      connectorId === which.connectorId && profile.chargingProfilePurpose === which.purpose
    )
    .toSorted((one, other) => other.profile.stackLevel - one.profile.stackLevel)
    .map((one) => limitOf(one, when.atMs, when.chargingStartMs))
    .find((limit) => limit !== undefined);
}

/** All limits of a connector at a moment, those of the Charge Point included. */
function limitsAt(
  kept: readonly Kept[],
  connectorId: number,
  when: { atMs: number; chargingStartMs: number; isInTransaction: boolean },
): Limit[] {
  const of = (purpose: string, id: number) => ofPurpose(kept, { purpose, connectorId: id }, when);
  const own = (when.isInTransaction ? of("TxProfile", connectorId) : undefined) ??
    of("TxDefaultProfile", connectorId) ?? of("TxDefaultProfile", 0);
  return [own, of("ChargePointMaxProfile", 0)].filter((limit) => limit !== undefined);
}

/** What replaces what. */
function withProfile(kept: readonly Kept[], added: Kept): readonly Kept[] {
  return [
    ...kept.filter(({ connectorId, profile }) =>
      profile.chargingProfileId !== added.profile.chargingProfileId &&
      !(connectorId === added.connectorId && profile.stackLevel === added.profile.stackLevel &&
        profile.chargingProfilePurpose === added.profile.chargingProfilePurpose)
    ),
    added,
  ];
}

// --- profiles at random -----------------------------------------------------------------------------------------

const HORIZON_SECONDS = 900;

const instant = fc.integer({ min: -HORIZON_SECONDS, max: HORIZON_SECONDS });

const kept: fc.Arbitrary<Kept> = fc.record({
  connectorId: fc.integer({ min: 0, max: 2 }),
  id: fc.integer({ min: 1, max: 8 }),
  level: fc.integer({ min: 0, max: 3 }),
  purpose: fc.constantFrom("ChargePointMaxProfile", "TxDefaultProfile", "TxProfile"),
  kind: fc.constantFrom("Absolute", "Recurring", "Relative"),
  recurrency: fc.constantFrom("Daily", "Weekly"),
  unit: fc.constantFrom("A", "W"),
  start: fc.option(fc.oneof(instant, instant.map((seconds) => seconds - 3 * DAY_SECONDS)), {
    nil: undefined,
  }),
  duration: fc.option(fc.integer({ min: 1, max: HORIZON_SECONDS }), { nil: undefined }),
  from: fc.option(instant, { nil: undefined }),
  length: fc.option(fc.integer({ min: 1, max: HORIZON_SECONDS }), { nil: undefined }),
  lengths: fc.array(fc.integer({ min: 1, max: 300 }), { maxLength: 4 }),
  tenths: fc.array(fc.integer({ min: 0, max: 400 }), { minLength: 5, maxLength: 5 }),
}).map(({ lengths, tenths, length, ...sketch }) => {
  const { unit, kind, purpose, start, from, duration } = sketch;
  const starts = lengths.reduce((list, seconds) => [...list, list.at(-1)! + seconds], [0]);
  const isOfAll = purpose === "ChargePointMaxProfile";
  return {
    connectorId: isOfAll ? 0 : purpose === "TxProfile" ? Math.max(1, sketch.connectorId) : sketch.connectorId,
    profile: profile({
      id: sketch.id,
      level: sketch.level,
      purpose,
      unit,
      kind: isOfAll && kind === "Relative" ? "Absolute" : kind,
      ...(kind === "Recurring" ? { recurrency: sketch.recurrency } : {}),
      start: isOfAll ? start ?? 0 : kind === "Relative" ? undefined : start,
      ...(duration === undefined ? {} : { duration }),
      ...(from === undefined ? {} : { from }),
      ...(length === undefined ? {} : { to: (from ?? 0) + length }),
      periods: starts.map((startPeriod, index) => {
        const limit = tenths[index]! / 10;
        return [startPeriod, unit === "A" ? limit : limit * 690] as const;
      }).map(([startPeriod, limit]) => [startPeriod, Math.round(limit * 10) / 10] as const),
    }),
  };
});

const install = (script: ScriptedCentralSystem, { connectorId, profile }: Kept) =>
  script.result("SetChargingProfile", { connectorId, csChargingProfiles: profile }).status;

Deno.test("§7.4 a composite schedule is what a plain evaluation of each second gives, and never above a limit", () => {
  let periodsSeen = 0;
  fc.assert(
    fc.property(
      fc.array(kept, { maxLength: 6 }),
      fc.boolean(),
      fc.constantFrom("A", "W"),
      fc.integer({ min: 1, max: HORIZON_SECONDS }),
      (profiles, isCharging, unit, duration) => {
        const script = new ScriptedCentralSystem({ description: { connectors: 2 } }).boot();
        if (isCharging) script.charge(1);
        const chargingStartMs = script.nowMs;
        let installed: readonly Kept[] = [];
        for (const one of profiles) {
          if (install(script, one) === "Accepted") installed = withProfile(installed, one);
        }
        const conf = script.result("GetCompositeSchedule", {
          connectorId: 1,
          duration,
          chargingRateUnit: unit,
        });
        const { chargingSchedulePeriod, duration: covered } = conf.chargingSchedule!;
        periodsSeen += chargingSchedulePeriod.length;
        assert.ok(chargingSchedulePeriod.length <= 24);
        assert.ok(covered === duration || chargingSchedulePeriod.length === 24);
        for (let seconds = 0; seconds < covered!; seconds++) {
          const atMs = script.nowMs + seconds * 1_000;
          const limits = limitsAt(installed, 1, { atMs, chargingStartMs, isInTransaction: isCharging });
          const expected = Math.min(
            unit === "A" ? 32 : 32 * 690,
            ...limits.map(({ unit: own, limit }) =>
              own === unit ? limit : unit === "A" ? limit / 690 : limit * 690
            ),
          );
          const told = chargingSchedulePeriod.findLast(({ startPeriod }) => startPeriod <= seconds)!.limit;
          assert.ok(told <= expected + 1e-6, `${told} above ${expected} after ${seconds} s`);
          assert.ok(told > expected - 0.1 - 1e-6, `${told} for ${expected} after ${seconds} s`);
        }
      },
    ),
    { numRuns: 300, seed: 4 },
  );
  assert.ok(periodsSeen > 400, `${periodsSeen} periods`);
});

// --- metered power -----------------------------------------------------------------------------------------------

const VEHICLE_NAMES = Object.keys(VEHICLES) as (keyof typeof VEHICLES)[];

type Step =
  | { readonly kind: "install"; readonly kept: Kept }
  | { readonly kind: "clear"; readonly id: number }
  | { readonly kind: "plug" | "leave" | "pause" | "resume"; readonly connectorId: number }
  | { readonly kind: "car"; readonly connectorId: number; readonly vehicle: keyof typeof VEHICLES }
  | { readonly kind: "gridLimit"; readonly maxCurrentA?: number; readonly maxPowerW?: number };

const connectorId = fc.integer({ min: 1, max: 2 });
const step: fc.Arbitrary<Step> = fc.oneof(
  { weight: 3, arbitrary: fc.record({ kind: fc.constant("install" as const), kept }) },
  fc.record({ kind: fc.constant("clear" as const), id: fc.integer({ min: 1, max: 8 }) }),
  {
    weight: 2,
    arbitrary: fc.record({ kind: fc.constantFrom("leave", "pause", "resume"), connectorId }),
  },
  {
    weight: 3,
    arbitrary: fc.record({
      kind: fc.constant("car" as const),
      connectorId,
      vehicle: fc.constantFrom(...VEHICLE_NAMES),
    }),
  },
  fc.record({
    kind: fc.constant("gridLimit" as const),
    maxCurrentA: fc.integer({ min: 0, max: 70 }),
  }),
  fc.record({
    kind: fc.constant("gridLimit" as const),
    maxPowerW: fc.integer({ min: 0, max: 60_000 }),
  }),
  fc.constant({ kind: "gridLimit" as const }),
);

const READ = [
  "Energy.Active.Import.Register",
  "Power.Active.Import",
  "Voltage",
  "Current.Import",
  "SoC",
].join();

/** What one meter shows, by measurand and phase. */
type Shown = ReadonlyMap<string, number>;

function read(script: ScriptedCentralSystem, connectorId: number): Shown {
  const before = script.seen("MeterValues").length;
  script.result("TriggerMessage", { requestedMessage: "MeterValues", connectorId });
  script.run(0);
  const { meterValue: [{ sampledValue }] } =
    script.seen("MeterValues").slice(before).find(({ payload }) =>
      payload.connectorId === connectorId &&
      payload.meterValue[0].sampledValue[0].context === "Trigger"
    )!.payload;
  return new Map(
    sampledValue.map((
      { measurand, phase, value }: { measurand: string; phase?: string; value: string },
    ) => [phase === undefined ? measurand : `${measurand}.${phase}`, Number(value)]),
  );
}

const currents = (shown: Shown) =>
  [...shown].filter(([name]) => name.startsWith("Current.Import")).map(([, value]) => value);

const powerOf = (shown: Shown) => shown.get("Power.Active.Import")!;

for (
  const [preset, description] of [
    ["ac-22kw", { connectors: 2 }],
    ["ac-22kw with a limit of its own", { connectors: 2, chargePointLimit: { maxCurrentA: 40 } }],
    ["ac-3.7kw", { ...CHARGE_POINT_PRESETS["ac-3.7kw"], connectors: 2 }],
    ["dc-150kw", { ...CHARGE_POINT_PRESETS["dc-150kw"], connectors: 2 }],
  ] as const satisfies readonly (readonly [string, Partial<ChargePointDescription>])[]
) {
  Deno.test(`design §6 ${preset}: any profiles, EVs and limits: metered power keeps them all`, () => {
    let charged = 0;
    fc.assert(
      fc.property(
        fc.array(fc.tuple(step, fc.integer({ min: 5, max: 400 })), { minLength: 5, maxLength: 25 }),
        (steps) => {
          const script = new ScriptedCentralSystem({
            description,
            configuration: { MeterValuesSampledData: READ, MeterValueSampleInterval: "0" },
          }).boot();
          const world = new World(script, description);
          for (const [step, seconds] of steps) {
            world.take(step);
            world.check();
            script.run(seconds);
            world.check();
          }
          charged += world.chargedWh;
        },
      ),
      { numRuns: 40, seed: 6 },
    );
    assert.ok(charged > 10_000, `${charged} Wh`);
  });
}

/** What is known of a Charge Point from outside, and what must hold of it. */
class World {
  readonly #script: ScriptedCentralSystem;
  readonly #description: Partial<ChargePointDescription>;
  #kept: readonly Kept[] = [];
  #grid: { maxCurrentA?: number; maxPowerW?: number } = {};
  readonly #startedAtMs = new Map<number, number>();
  readonly #vehicles = new Map<number, keyof typeof VEHICLES>();
  #before: { registerWh: number; socPercent: number | undefined }[] = [];
  chargedWh = 0;

  constructor(script: ScriptedCentralSystem, description: Partial<ChargePointDescription>) {
    this.#script = script;
    this.#description = description;
  }

  take(step: Step): void {
    const script = this.#script;
    switch (step.kind) {
      case "install":
        if (install(script, step.kept) === "Accepted") this.#kept = withProfile(this.#kept, step.kept);
        return;
      case "clear":
        script.result("ClearChargingProfile", { id: step.id });
        this.#kept = this.#kept.filter(({ profile }) => profile.chargingProfileId !== step.id);
        return;
      case "car":
        if (this.#vehicles.has(step.connectorId)) return;
        script.input({ kind: "plugIn", connectorId: step.connectorId, vehicle: VEHICLES[step.vehicle] });
        script.run(0).present(`TAG${step.connectorId}`, step.connectorId);
        this.#vehicles.set(step.connectorId, step.vehicle);
        this.#startedAtMs.set(step.connectorId, script.nowMs);
        return;
      case "leave":
        script.unplug(step.connectorId);
        this.#vehicles.delete(step.connectorId);
        this.#startedAtMs.delete(step.connectorId);
        this.#kept = this.#kept.filter(({ connectorId, profile }) =>
          connectorId !== step.connectorId || profile.chargingProfilePurpose !== "TxProfile"
        );
        return;
      case "pause":
      case "resume":
        script.input({
          kind: step.kind === "pause" ? "evPause" : "evResume",
          connectorId: step.connectorId,
        }).run(0);
        return;
      case "gridLimit":
        this.#grid = step;
        script.input(step).run(0);
        return;
    }
  }

  check(): void {
    const script = this.#script;
    const main = read(script, 0);
    const outlets = [1, 2].map((connectorId) => read(script, connectorId));
    const efficiency = this.#description.supply?.dc?.efficiency;
    const taken = outlets.map((shown) => powerOf(shown) / (efficiency ?? 1));
    outlets.forEach((shown, index) => {
      this.#checkOutlet(index + 1, shown, taken[index]!);
      this.#checkEnergy(index, shown);
    });
    // The main meter shows the sum, and together they keep what the Charge Point may take.
    const sumW = taken.reduce((sum, powerW) => sum + powerW, 0);
    assert.ok(Math.abs(powerOf(main) - sumW) <= 5, `${powerOf(main)} W in, ${sumW} W out`);
    const ofAll = ofPurpose(this.#kept, { purpose: "ChargePointMaxProfile", connectorId: 0 }, {
      atMs: script.nowMs,
      chargingStartMs: script.nowMs,
    });
    const own = this.#description.chargePointLimit;
    const maxA = Math.min(
      this.#grid.maxCurrentA ?? Infinity,
      own?.maxCurrentA ?? Infinity,
      ofAll?.unit === "A" ? ofAll.limit : Infinity,
    );
    const maxW = Math.min(this.#grid.maxPowerW ?? Infinity, ofAll?.unit === "W" ? ofAll.limit : Infinity);
    for (const currentA of currents(main)) assert.ok(currentA <= maxA + 0.011, `${currentA} A of ${maxA}`);
    assert.ok(powerOf(main) <= maxW + 1, `${powerOf(main)} W of ${maxW}`);
  }

  /** P = U × I × phases, every limit of the connector, and a status that fits. */
  #checkOutlet(connectorId: number, shown: Shown, takenW: number): void {
    const script = this.#script;
    const { supply } = this.#description;
    const voltageV = shown.get("Voltage") ?? shown.get("Voltage.L1-N")!;
    const sumA = currents(shown).reduce((sum, currentA) => sum + currentA, 0);
    assert.ok(Math.abs(powerOf(shown) - voltageV * sumA) <= 0.5);
    const view = script.chargePoint.connectors[connectorId - 1]!;
    assert.equal(powerOf(shown) > 0, view.status === "Charging", `${powerOf(shown)} W while ${view.status}`);
    const chargingStartMs = this.#startedAtMs.get(connectorId) ?? script.nowMs;
    const when = { atMs: script.nowMs, chargingStartMs, isInTransaction: true };
    for (const { unit, limit } of limitsAt(this.#kept, connectorId, when)) {
      const phases = supply?.phases ?? 3;
      if (unit === "W") assert.ok(takenW <= limit + 1, `${takenW} W of ${limit}`);
      else if (supply?.dc === undefined) {
        for (const currentA of currents(shown)) {
          assert.ok(currentA <= limit + 1e-6, `${currentA} A of ${limit}`);
        }
      } else assert.ok(takenW <= limit * phases * NOMINAL_V + 1);
      if (unit === "A" && limit < 6 && supply?.dc === undefined) assert.equal(powerOf(shown), 0);
    }
  }

  #checkEnergy(index: number, shown: Shown): void {
    const registerWh = shown.get("Energy.Active.Import.Register")!;
    const socPercent = shown.get("SoC");
    const before = this.#before[index];
    if (before !== undefined) {
      const addedWh = registerWh - before.registerWh;
      assert.ok(addedWh >= 0, `${addedWh} Wh`);
      this.chargedWh += addedWh;
      const vehicle = this.#vehicles.get(index + 1);
      if (vehicle !== undefined && socPercent !== undefined && before.socPercent !== undefined) {
        const addedPercent = addedWh / VEHICLES[vehicle].batteryCapacityWh * 100;
        assert.ok(Math.abs(socPercent - before.socPercent - addedPercent) < 0.12);
      }
    }
    this.#before[index] = { registerWh, socPercent: this.#vehicles.has(index + 1) ? socPercent : undefined };
  }
}

Deno.test("energy is the integral of the power that is metered", () => {
  for (const name of ["ac-22kw", "dc-50kw", "dc-150kw"] as const) {
    const script = new ScriptedCentralSystem({
      description: CHARGE_POINT_PRESETS[name],
      configuration: {
        MeterValuesSampledData: "Energy.Active.Import.Register,Power.Active.Import",
        MeterValueSampleInterval: "1",
      },
    }).boot().charge();
    install(script, { connectorId: 0, profile: profile({ periods: [[0, 30], [300, 0], [400, 12.5]] }) });
    script.run(900);
    const samples = script.seen("MeterValues").map(({ payload }) =>
      payload.meterValue[0].sampledValue.map(({ value }: { value: string }) => Number(value))
    );
    const { meterStart } = script.seen("StartTransaction")[0]!.payload;
    const chargedWh = samples.at(-1)[0] - meterStart;
    // Each second counts with the mean of the power at its ends, but where a limit jumps: at its beginning.
    const summedWh = samples.reduce((sum, [, powerW], index) => {
      const before = samples[index - 1]?.[1] ?? powerW;
      const isJump = Math.abs(powerW - before) > 500;
      return sum + (isJump ? before : (powerW + before) / 2) / 3_600;
    }, 0);
    assert.ok(chargedWh > 500, `${name}: ${chargedWh} Wh`);
    assert.ok(Math.abs(chargedWh - summedWh) < 1 + chargedWh * 0.001, `${name}: ${chargedWh}, ${summedWh}`);
  }
});
