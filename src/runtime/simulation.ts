/**
 * The simulated Charge Points of one process, by identity: whoever operates them finds each core and host here,
 * adds further ones and removes them while the others run.
 */
import { ChargePoint } from "../charge_point/charge_point.ts";
import type { ChargePointInput, ChargePointOptions } from "../charge_point/contract.ts";
import type { ChargePointDescription } from "../charge_point/description.ts";
import { seededFraction } from "../charge_point/seeded.ts";
import type { ChargePointCore, ChargePointHost, HostEvent, Script } from "./charge_point_host.ts";
import type { Clock } from "./clock.ts";
import { CHARGE_POINTS_MAX, Fleet } from "./fleet.ts";
import type { Jobs } from "./jobs.ts";
import type { CentralSystemUrls } from "./link_security.ts";
import { restoredFrom } from "./restored_core.ts";
import type { StateStore } from "./state_store.ts";
import { StoredChargePoint } from "./stored_charge_point.ts";
import type { ClientTransport } from "./transport.ts";

/** What is said of one Charge Point that is to be simulated. */
export interface ChargePointWish
  extends
    Pick<ChargePointOptions, "identity" | "serialNumber" | "description" | "configuration" | "security"> {
  readonly urls: CentralSystemUrls;
}

/** What all of them have in common. */
export interface SimulationContext
  extends Pick<ChargePointOptions, "heartbeatIntervalSeconds" | "speed" | "validation" | "newUniqueId"> {
  readonly clock: Clock;
  readonly transport: ClientTransport;
  readonly jobs?: Jobs;
  /** Where what outlives power is kept; without it, in memory. */
  readonly store?: StateStore;
  /** Of every random choice; each Charge Point has its own by its identity. */
  readonly seed: number;
  readonly observe: (chargePoint: string, event: HostEvent, nowMs: number) => void;
  /** Who acts on it by itself, if anybody does. */
  readonly scriptOf?: (wish: ChargePointWish) => Script;
  /** Told once one is taken out. */
  readonly removed?: (identity: string) => void;
  /** Absent: `CHARGE_POINTS_MAX`. */
  readonly chargePointsMax?: number;
}

/** A Charge Point that is simulated. */
export interface SimulatedChargePoint {
  readonly identity: string;
  readonly description: ChargePointDescription;
  readonly serialNumber: string | undefined;
  readonly core: ChargePoint;
  readonly host: ChargePointHost;
  readonly slot: number;
}

/** What came of adding one. */
export type AddOutcome =
  | { readonly kind: "added"; readonly chargePoint: SimulatedChargePoint }
  | { readonly kind: "exists" }
  | { readonly kind: "full" };

/** Runs them. */
export class Simulation {
  readonly #context: SimulationContext;
  readonly #fleet: Fleet;
  readonly #byIdentity = new Map<string, SimulatedChargePoint>();
  /** On their way out: their identity and place are not free before the link is closed. */
  readonly #leaving = new Set<string>();
  /** Whose state was found in the store. */
  readonly restored: string[] = [];
  /** Whose stored state could not be understood, and why: they are as they were delivered. */
  readonly setAside: { readonly identity: string; readonly reason: string }[] = [];
  #hasStarted = false;

  constructor(context: SimulationContext) {
    this.#context = context;
    this.#fleet = new Fleet({ clock: context.clock });
  }

  get size(): number {
    return this.#byIdentity.size;
  }

  /** In the order in which they were added. */
  chargePoints(): Iterable<SimulatedChargePoint> {
    return this.#byIdentity.values();
  }

  chargePoint(identity: string): SimulatedChargePoint | undefined {
    return this.#byIdentity.get(identity);
  }

  /** Takes one in; after `start` it is switched on at once. */
  add(wish: ChargePointWish): AddOutcome {
    const { identity, description } = wish;
    if (this.#byIdentity.has(identity) || this.#leaving.has(identity)) return { kind: "exists" };
    if (this.#fleet.size >= (this.#context.chargePointsMax ?? CHARGE_POINTS_MAX)) return { kind: "full" };
    const { transport, jobs, seed, observe, scriptOf } = this.#context;
    const { heartbeatIntervalSeconds, speed, validation, newUniqueId } = this.#context;
    const { urls, ...own } = wish;
    const ownSeed = seedOf(seed, identity);
    let draws = 0;
    const { core, keeper } = this.#restore({
      ...{ ...own, speed, validation, newUniqueId, seed: ownSeed, heartbeatAfterBoot: true },
      ...(heartbeatIntervalSeconds === undefined ? {} : { heartbeatIntervalSeconds }),
    });
    const script = scriptOf?.(wish);
    const { slot, host } = this.#fleet.add({
      chargePoint: keeper,
      identity,
      urls,
      transport,
      random: () => seededFraction(ownSeed, draws++),
      observer: (event, nowMs) => observe(identity, event, nowMs),
      ...(jobs === undefined ? {} : { jobs }),
      ...(script === undefined ? {} : { script }),
    });
    const chargePoint = { identity, description, serialNumber: wish.serialNumber, core, host, slot };
    this.#byIdentity.set(identity, chargePoint);
    if (this.#hasStarted) this.#fleet.startOne(slot);
    return { kind: "added", chargePoint };
  }

  /** The core, as it was stored where it was, and what the host is to talk to. */
  #restore(options: ChargePointOptions): { core: ChargePoint; keeper: ChargePointCore } {
    const { store } = this.#context;
    if (store === undefined) {
      const core = new ChargePoint(options);
      return { core, keeper: core };
    }
    const { identity } = options;
    const { core, stored, reason } = restoredFrom(store, options);
    if (stored !== undefined) this.restored.push(identity);
    if (reason !== undefined) this.setAside.push({ identity, reason });
    return { core, keeper: new StoredChargePoint({ identity, core, store, stored }) };
  }

  /** Lets something happen to one, unless it has not been switched on for the first time yet. */
  input({ slot }: SimulatedChargePoint, ...inputs: readonly ChargePointInput[]): void {
    this.#fleet.input(slot, ...inputs);
  }

  /** Closes the link of one and forgets it; false when there is none. Resolves when the link is closed. */
  async remove(identity: string): Promise<boolean> {
    const chargePoint = this.#byIdentity.get(identity);
    if (chargePoint === undefined) return false;
    this.#byIdentity.delete(identity);
    this.#context.removed?.(identity);
    this.#leaving.add(identity);
    await this.#fleet.remove(chargePoint.slot, "removed");
    this.#leaving.delete(identity);
    return true;
  }

  /** Switches all of them on, one after the other. */
  start(spacing?: { readonly spacingMs: number }): void {
    this.#hasStarted = true;
    this.#fleet.start(spacing);
  }

  /** Closes every link; nothing runs afterwards. */
  stop(reason: string): Promise<void> {
    return this.#fleet.stop(reason);
  }
}

/** Randomness of one Charge Point: the same for the same seed and identity, whoever else is in the fleet. */
function seedOf(seed: number, identity: string): number {
  let hash = seed;
  for (let index = 0; index < identity.length; index++) {
    hash = Math.floor(seededFraction(hash, identity.charCodeAt(index)) * 0x1_0000_0000);
  }
  return hash;
}
