/** Reservations, whatever users and the Central System do: a reserved connector serves only whom it is reserved for. */
import assert from "node:assert/strict";
import fc from "fast-check";
import type { ChargePointEvent } from "../../src/charge_point/contract.ts";
import { PROPERTY_SEED } from "../support/arbitraries.ts";
import { ScriptedCentralSystem } from "../support/scripted_central_system.ts";

const CONNECTORS = 3;

type Step =
  | {
    readonly kind: "reserve";
    readonly connectorId: number;
    readonly reservationId: number;
    readonly user: number;
  }
  | { readonly kind: "cancel"; readonly reservationId: number }
  | { readonly kind: "plugIn" | "unplug" | "fault" | "clearFault"; readonly connectorId: number }
  | { readonly kind: "present" | "remote"; readonly connectorId: number; readonly user: number }
  | { readonly kind: "presentAnywhere" | "remoteAnywhere"; readonly user: number }
  | { readonly kind: "inoperative" | "operative"; readonly connectorId: number }
  | { readonly kind: "time"; readonly seconds: number }
  | { readonly kind: "link"; readonly isUp: boolean };

const user = fc.integer({ min: 0, max: 4 });
const connectorId = fc.integer({ min: 1, max: CONNECTORS });
const anyConnectorId = fc.integer({ min: 0, max: CONNECTORS });
const reservationId = fc.integer({ min: 1, max: 4 });

const step: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 4,
    arbitrary: fc.record({
      ...{ kind: fc.constant("reserve" as const), connectorId: anyConnectorId, reservationId, user },
    }),
  },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant("cancel" as const), reservationId }) },
  {
    weight: 6,
    arbitrary: fc.record({
      kind: fc.constantFrom("plugIn" as const, "plugIn" as const, "unplug" as const),
      connectorId,
    }),
  },
  {
    weight: 6,
    arbitrary: fc.record({
      kind: fc.constantFrom("present" as const, "present" as const, "remote" as const),
      connectorId,
      user,
    }),
  },
  {
    weight: 2,
    arbitrary: fc.record({
      kind: fc.constantFrom("presentAnywhere" as const, "remoteAnywhere" as const),
      user,
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({
      kind: fc.constantFrom(
        "fault" as const,
        "clearFault" as const,
        "inoperative" as const,
        "operative" as const,
      ),
      connectorId: anyConnectorId,
    }),
  },
  {
    weight: 2,
    arbitrary: fc.record({ kind: fc.constant("time" as const), seconds: fc.integer({ min: 0, max: 90 }) }),
  },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant("link" as const), isUp: fc.boolean() }) },
);

/** Users 0 and 1 are a family, 2 and 3 another; 4 has none. */
const tagOf = (user: number) => `USER${user}`;
const parentOf = (user: number) => user < 4 ? `FAMILY${Math.floor(user / 2)}` : undefined;
const parentOfTag = (idTag: string) => parentOf(Number(idTag.slice(-1)));

interface Held {
  readonly connectorId: number;
  readonly idTag: string;
}

/** A Charge Point and what its reservations must be, from its events alone. */
class Booking {
  readonly script = new ScriptedCentralSystem({
    description: { connectors: CONNECTORS },
    configuration: { AllowOfflineTxForUnknownId: "true", ConnectionTimeOut: "30" },
    answers: {
      Authorize: ({ idTag }) => {
        const parentIdTag = parentOfTag(idTag);
        return { idTagInfo: { status: "Accepted", ...(parentIdTag === undefined ? {} : { parentIdTag }) } };
      },
    },
  }).boot();
  readonly #held = new Map<number, Held>();
  #usedNow: { reservationId: number; held: Held } | undefined;
  starts = 0;

  take(step: Step): void {
    const { script } = this;
    script.forget();
    this.#do(step);
    for (const effect of script.effects) if (effect.kind === "event") this.#happened(effect.event);
    assert.ok(this.#held.size <= CONNECTORS + 1);
    for (const { connectorId } of this.#held.values()) {
      const status = script.chargePoint.connectors[connectorId - 1]?.status;
      if (connectorId > 0) {
        assert.ok(status === "Reserved" || status === "Preparing", `${connectorId} is ${status}`);
      }
    }
    if ([...this.#held.values()].some(({ connectorId }) => connectorId === 0)) {
      // One is left, unless it is broken or somebody has put a cable in.
      assert.ok(script.chargePoint.connectors.some(({ transaction }) => transaction === undefined));
    }
    const reserved = script.chargePoint.connectors.filter(({ status }) => status === "Reserved");
    for (const { connectorId } of reserved) {
      assert.ok([...this.#held.values()].some((held) => held.connectorId === connectorId));
    }
  }

  #do(step: Step): void {
    const { script } = this;
    const isOnline = script.chargePoint.isOnline;
    switch (step.kind) {
      case "reserve": {
        if (!isOnline) return;
        const parentIdTag = parentOf(step.user);
        script.result("ReserveNow", {
          ...{ connectorId: step.connectorId, reservationId: step.reservationId, idTag: tagOf(step.user) },
          ...(parentIdTag === undefined ? {} : { parentIdTag }),
          expiryDate: new Date(script.nowMs + 120_000).toISOString(),
        });
        return;
      }
      case "cancel":
        if (isOnline) script.result("CancelReservation", { reservationId: step.reservationId });
        return;
      case "plugIn":
        return void script.plugIn(step.connectorId);
      case "unplug":
        return void script.unplug(step.connectorId);
      case "fault":
        script.input({ kind: "fault", connectorId: step.connectorId, errorCode: "GroundFailure" }).run(0);
        return;
      case "clearFault":
        return void script.input({ kind: "clearFault", connectorId: step.connectorId }).run(0);
      case "present":
        return void script.present(tagOf(step.user), step.connectorId);
      case "presentAnywhere":
        return void script.present(tagOf(step.user));
      case "remote":
      case "remoteAnywhere": {
        if (!isOnline) return;
        const idTag = tagOf(step.user);
        const where = step.kind === "remote" ? { connectorId: step.connectorId } : {};
        script.result("RemoteStartTransaction", { idTag, ...where });
        return;
      }
      case "inoperative":
      case "operative": {
        if (!isOnline) return;
        const type = step.kind === "operative" ? "Operative" : "Inoperative";
        script.result("ChangeAvailability", { connectorId: step.connectorId, type });
        return;
      }
      case "time":
        return void script.run(step.seconds);
      case "link":
        return void (step.isUp ? script.reconnect() : script.cut());
    }
  }

  #happened(event: ChargePointEvent): void {
    switch (event.kind) {
      case "reserved":
        assert.ok(![...this.#held.values()].some(({ connectorId }) => connectorId === event.connectorId));
        this.#held.set(event.reservationId, event);
        return;
      case "reservationEnded": {
        const held = this.#held.get(event.reservationId);
        assert.ok(held !== undefined, `reservation ${event.reservationId} ends twice`);
        this.#held.delete(event.reservationId);
        if (event.why === "used") this.#usedNow = { reservationId: event.reservationId, held };
        return;
      }
      case "transactionStarted":
        return this.#started(event);
      default:
        return;
    }
  }

  #started({ connectorId, idTag }: { connectorId: number; idTag: string }): void {
    this.starts++;
    const used = this.#usedNow;
    this.#usedNow = undefined;
    const acts = (held: Held) =>
      held.idTag === idTag ||
      (parentOfTag(idTag) !== undefined && parentOfTag(idTag) === parentOfTag(held.idTag));
    if (used !== undefined) {
      assert.ok(used.held.connectorId === 0 || used.held.connectorId === connectorId);
      assert.ok(acts(used.held), `${idTag} used the reservation of ${used.held.idTag}`);
    }
    for (const held of this.#held.values()) {
      assert.notEqual(held.connectorId, connectorId, `${idTag} charges where ${held.idTag} has reserved`);
    }
  }
}

Deno.test("a reserved connector starts only for its idTag or group, and any one that is reserved stays free", () => {
  let starts = 0;
  fc.assert(
    fc.property(fc.array(step, { minLength: 10, maxLength: 60, size: "max" }), (steps) => {
      const booking = new Booking();
      for (const one of steps) booking.take(one);
      starts += booking.starts;
    }),
    { numRuns: 80, seed: PROPERTY_SEED },
  );
  assert.ok(starts > 50, `only ${starts} transactions: the property has looked at too little`);
});
