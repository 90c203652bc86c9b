/**
 * Charge Points and a Central System joined in memory, in time that jumps: everything but sockets and the disk.
 *
 * The cores run in their real hosts; between them are wires with latency and, from a seed, everything that goes
 * wrong. Checkers look on; the first thing that breaks a rule ends the run, and its message names the seed.
 * Time is virtual, promises are not: `run` lets them all settle after each step, hence it is one itself.
 * Units: `untilMs` and `atMs` count from the beginning.
 */
import { ChargePoint } from "../../src/charge_point/charge_point.ts";
import { type ChargePointDescription, STANDARD } from "../../src/charge_point/description.ts";
import type { Settings } from "../../src/central_system/decision.ts";
import type { CommandOutcome } from "../../src/central_system/commands.ts";
import type { Action } from "../../src/ocpp/action.ts";
import type { AdmissionSettings } from "../../src/runtime/admission.ts";
import type { CentralSystemHost } from "../../src/runtime/central_system_host.ts";
import { connectionUrl } from "../../src/runtime/identity.ts";
import type { ClientHandlers, LinkFailure } from "../../src/runtime/transport.ts";
import { ChargingCycle, type ChargingCycleOptions } from "../../src/scenario/charging_cycle.ts";
import { MemoryStore } from "./memory_store.ts";
import { SimulatedCentralSystem } from "./pair_central_system.ts";
import { SimulatedChargePoint, URL_OF_CENTRAL_SYSTEM } from "./pair_charge_point.ts";
import { PairChecker } from "./pair_checker.ts";
import { CALM, Dice, type Trouble } from "./pair_trouble.ts";
import { Wire } from "./pair_wire.ts";
import { RecordingObserver } from "./recording_observer.ts";
import { SeededRandom } from "./seeded_random.ts";
import { VirtualClock } from "./virtual_clock.ts";

/** When every simulation begins. */
export const PAIR_BEGINS_AT_MS = Date.UTC(2026, 0, 1);

/** What a test wants otherwise than one Charge Point of one connector that nobody touches, and no trouble. */
export interface PairOptions {
  readonly seed?: number;
  readonly latencyMs?: number;
  readonly heartbeatIntervalSeconds?: number;
  readonly chargePoints?: number;
  readonly connectors?: number;
  readonly configuration?: Readonly<Record<string, string>>;
  /** Plays sessions on every connector. */
  readonly cycle?: Pick<ChargingCycleOptions, "durationSeconds" | "cycles">;
  readonly trouble?: Partial<Trouble>;
  readonly settings?: Partial<Settings>;
  readonly admission?: Partial<AdmissionSettings>;
}

const DESCRIPTION: ChargePointDescription = {
  ...STANDARD,
  chargePointVendor: "Vendor",
  chargePointModel: "Model",
  firmwareVersion: "1.0.0",
  connectors: 1,
  supply: { phases: 3, voltageV: 230, maxCurrentA: 32 },
  vehicle: { batteryCapacityWh: 60_000, socAtArrivalPercent: 20, phases: 3, maxCurrentA: 16 },
};

const SETTINGS: Settings = {
  heartbeatIntervalSeconds: 300,
  bootStatus: "Accepted",
  bootIntervalSeconds: 60,
  authorization: "open",
};

const ADMISSION: AdmissionSettings = {
  registration: "open",
  validation: "strict",
  allowOrigins: [],
  callTimeoutMs: 30_000,
  securityProfile: 0,
  maxFrameRate: 0,
};

const REFUSED: LinkFailure = { opened: false, reason: "refused", message: "connection refused" };

/** More promises in a row than any host waits for within one step. */
const SETTLING_TICKS = 10;

/** Joins Charge Points and a Central System; nothing happens before `run`. */
export function pair(options: PairOptions = {}): Pair {
  return new Pair(options);
}

/** Two ends and all between them. */
export class Pair {
  readonly seed: number;
  readonly clock = new VirtualClock({ nowMs: PAIR_BEGINS_AT_MS });
  readonly store: MemoryStore;
  readonly observer = new RecordingObserver();
  readonly checker: PairChecker;
  readonly chargePoints: readonly SimulatedChargePoint[];
  /** What became of operators' Calls, in the order in which they ended. */
  readonly outcomes: CommandOutcome["kind"][] = [];
  readonly #dice: Dice;
  readonly #centralSystem: SimulatedCentralSystem;
  readonly #latencyMs: number;
  #unreachableUntilMs = 0;
  #failure: { error: unknown } | undefined;

  constructor(options: PairOptions) {
    const { seed = 1, latencyMs = 50, chargePoints = 1, trouble = {}, heartbeatIntervalSeconds = 300 } =
      options;
    this.seed = seed;
    this.#latencyMs = latencyMs;
    this.#dice = new Dice(new SeededRandom(seed), { ...CALM, ...trouble });
    this.store = new MemoryStore({ firstTransactionId: 1_000 });
    const admission = { ...ADMISSION, ...options.admission };
    this.checker = new PairChecker({
      store: this.store,
      nowMs: () => this.clock.nowMs(),
      callTimeoutMs: admission.callTimeoutMs,
    });
    this.observer.mistaken = (_call, error) => this.#fail(error);
    this.#centralSystem = new SimulatedCentralSystem({
      clock: this.clock,
      store: this.store,
      dice: this.#dice,
      settings: { ...SETTINGS, heartbeatIntervalSeconds, ...options.settings },
      admission,
      observer: this.observer,
      onCommitted: (writes) => this.#look(() => this.checker.committed(writes)),
    });
    this.#centralSystem.start();
    this.chargePoints = Array.from(
      { length: chargePoints },
      (_, index) => this.#chargePoint(index + 1, options),
    );
    this.#planRestart();
    this.#planOperator();
  }

  /** The first Charge Point, where there is only one. */
  get chargePoint(): SimulatedChargePoint {
    return this.chargePoints[0]!;
  }

  /** The Central System's host, while its program runs. */
  get host(): CentralSystemHost | undefined {
    return this.#centralSystem.life?.host;
  }

  /** How often the Central System's program was started. */
  get lives(): number {
    return this.#centralSystem.lives;
  }

  get elapsedMs(): number {
    return this.clock.nowMs() - PAIR_BEGINS_AT_MS;
  }

  // --- time ------------------------------------------------------------------------------------------------

  /** Lets time pass until an instant, or until `ends` holds. */
  readonly run = async ({ untilMs, ends }: { untilMs: number; ends?: () => boolean }): Promise<void> => {
    const untilAtMs = PAIR_BEGINS_AT_MS + untilMs;
    while (ends?.() !== true) {
      const nextMs = this.clock.nextMs();
      const isOver = nextMs > untilAtMs;
      this.clock.advance(Math.max(0, Math.min(nextMs, untilAtMs) - this.clock.nowMs()));
      for (let tick = 0; tick < SETTLING_TICKS; tick++) await undefined;
      if (this.#failure !== undefined) throw this.#named(this.#failure.error);
      if (isOver) return;
    }
  };

  /** From here on nothing goes wrong any more; what is broken mends by itself. */
  calm(): void {
    this.#dice.calm();
    this.#unreachableUntilMs = 0;
  }

  #named(error: unknown): Error {
    const message = error instanceof Error ? error.message : String(error);
    const at = new Date(this.clock.nowMs()).toISOString();
    return new Error(`seed ${this.seed}, at ${at}: ${message}`, { cause: error });
  }

  #fail(error: unknown): void {
    this.#failure ??= { error };
  }

  /** Checkers run within hosts that survive exceptions: what they find is kept for `run` to tell. */
  #look(check: () => void): void {
    try {
      check();
    } catch (error) {
      this.#fail(error);
    }
  }

  // --- what happens by itself ------------------------------------------------------------------------------

  #planRestart(): void {
    const waitMs = this.#dice.untilRestartMs();
    if (waitMs === Infinity) return;
    this.clock.at(this.clock.nowMs() + waitMs, () => {
      this.restart(this.#dice.crashPoint(), this.#dice.downMs());
    });
  }

  /** Ends the Central System's program at a point and starts it again on the same store. */
  restart(point: Parameters<SimulatedCentralSystem["crashAt"]>[0], downMs: number): void {
    this.#centralSystem.crashAt(point, () => {
      this.clock.at(this.clock.nowMs() + downMs, () => {
        this.#centralSystem.start();
        this.#look(() => this.checker.assertTransactionsAreStored());
        this.#planRestart();
      });
    });
  }

  #planOperator(): void {
    const waitMs = this.#dice.untilOperatorMs();
    if (waitMs === Infinity) return;
    this.clock.at(this.clock.nowMs() + waitMs, () => {
      for (let calls = this.#dice.random.between(1, 3); calls > 0; calls--) this.#operate();
      this.#planOperator();
    });
  }

  #operate(): void {
    const { identity } = this.#dice.oneOf(this.chargePoints);
    const open = [...this.store.transactionsOf(identity).values()].filter(({ stop }) => stop === undefined);
    const [action, payload] = this.#dice.oneOf<readonly [Action, unknown]>([
      ["TriggerMessage", { requestedMessage: "Heartbeat" }],
      ["TriggerMessage", { requestedMessage: "StatusNotification" }],
      ["TriggerMessage", { requestedMessage: "MeterValues", connectorId: 1 }],
      ["TriggerMessage", { requestedMessage: "BootNotification" }],
      ["GetConfiguration", {}],
      ["RemoteStopTransaction", { transactionId: open.at(-1)?.transactionId ?? 1 }],
      ["RemoteStartTransaction", { idTag: "REMOTE" }],
      ["UnlockConnector", { connectorId: 1 }],
      ["Reset", { type: "Soft" }],
      ["Reset", { type: "Hard" }],
    ]);
    void this.call(identity, action, payload);
  }

  /** An operator's Call, if the Central System's program runs; resolves when `run` has brought its outcome. */
  async call(identity: string, action: Action, payload: unknown): Promise<CommandOutcome | undefined> {
    const command = { action, payload, timeoutMs: ADMISSION.callTimeoutMs, validate: true };
    const outcome = await this.host?.call(identity, command);
    if (outcome !== undefined) this.outcomes.push(outcome.kind);
    return outcome;
  }

  // --- Charge Points ---------------------------------------------------------------------------------------

  #chargePoint(number: number, options: PairOptions): SimulatedChargePoint {
    const { connectors = 1, configuration = {}, cycle } = options;
    const identity = `CP${String(number).padStart(3, "0")}`;
    let calls = 0;
    const core = new ChargePoint({
      identity,
      description: { ...DESCRIPTION, connectors },
      configuration,
      speed: 1,
      validation: "strict",
      seed: this.seed + number,
      newUniqueId: () => `${identity}-${++calls}`,
    });
    const chargePoint = new SimulatedChargePoint({
      identity,
      core,
      clock: this.clock,
      random: () => this.#dice.random.next(),
      connect: (handlers) => this.#connect(identity, handlers),
      cycle: new ChargingCycle({
        connectors,
        idTag: "TAG001",
        durationSeconds: cycle?.durationSeconds ?? 0,
        cycles: cycle?.cycles ?? 0,
        speed: 1,
        isIdle: cycle === undefined,
      }),
      look: (check) => this.#look(check),
      onEvent: (event) => this.#look(() => this.checker.happened(identity, event)),
      onFailure: (error) => this.#fail(error),
    });
    // A few seconds apart, as after a power cut.
    this.clock.at(PAIR_BEGINS_AT_MS + (number - 1) * 700, () => chargePoint.input({ kind: "powerOn" }));
    return chargePoint;
  }

  #connect(identity: string, handlers: ClientHandlers): () => void {
    const wire = new Wire({
      chargePoint: identity,
      clock: this.clock,
      dice: this.#dice,
      latencyMs: () => this.#latencyMs,
      client: handlers,
      watcher: {
        arrived: (wire, text) => this.#look(() => this.checker.arrived(wire, text)),
        sentBack: (wire, text) => this.#look(() => this.checker.sentBack(wire, text)),
      },
      onOutage: (durationMs) => {
        this.#unreachableUntilMs = Math.max(this.#unreachableUntilMs, this.clock.nowMs() + durationMs);
      },
    });
    this.clock.at(this.clock.nowMs() + this.#latencyMs, () => void this.#upgrade(identity, wire));
    return () => wire.giveUp();
  }

  async #upgrade(identity: string, wire: Wire): Promise<void> {
    const life = this.#centralSystem.life;
    if (life === undefined || this.clock.nowMs() < this.#unreachableUntilMs) return wire.refuse(REFUSED);
    const decision = await life.host.upgrade({
      path: new URL(connectionUrl({ url: URL_OF_CENTRAL_SYSTEM, identity })).pathname,
      subprotocols: ["ocpp1.6"],
      origin: undefined,
      authorization: undefined,
      remoteAddress: "127.0.0.1",
    });
    if (!life.isAlive) return wire.refuse(REFUSED);
    if (!decision.granted) {
      const { status, text } = decision;
      return wire.refuse({ opened: false, reason: "httpStatus", message: text, httpStatus: status });
    }
    wire.open(decision.open(life.endOf(wire)));
  }
}
