/**
 * One simulated Charge Point: its core in its real host, whoever plays on it, and the checker of its side.
 */
import type { ChargePoint } from "../../src/charge_point/charge_point.ts";
import type { ChargePointEvent, ChargePointInput } from "../../src/charge_point/contract.ts";
import type { Action } from "../../src/ocpp/action.ts";
import { ChargePointHost, type HostEvent, type OwnEvent } from "../../src/runtime/charge_point_host.ts";
import type { ClientHandlers } from "../../src/runtime/transport.ts";
import type { ChargingCycle } from "../../src/scenario/charging_cycle.ts";
import { ChargePointChecker } from "./charge_point_checker.ts";
import type { VirtualClock } from "./virtual_clock.ts";

/** Where every simulated Central System is. */
export const URL_OF_CENTRAL_SYSTEM = "ws://central.test:9000";

/** One Charge Point in its host, with whoever plays on it and its checker. */
export class SimulatedChargePoint {
  readonly identity: string;
  readonly core: ChargePoint;
  readonly cycle: ChargingCycle;
  readonly #host: ChargePointHost;
  readonly #clock: VirtualClock;
  readonly #answered = new Map<string, number>();
  #cancelTimer: (() => void) | undefined;
  #timerAtMs = Infinity;

  constructor(options: {
    identity: string;
    core: ChargePoint;
    cycle: ChargingCycle;
    clock: VirtualClock;
    random: () => number;
    connect: (handlers: ClientHandlers) => () => void;
    look: (check: () => void) => void;
    onEvent: (event: ChargePointEvent) => void;
    onFailure: (error: unknown) => void;
  }) {
    const { identity, core, cycle, clock, look } = options;
    this.identity = identity;
    this.core = core;
    this.cycle = cycle;
    this.#clock = clock;
    const checker = new ChargePointChecker(core);
    this.#host = new ChargePointHost({
      chargePoint: {
        handle: (input, nowMs) => {
          if (input.kind === "linkUp" || input.kind === "linkDown") checker.link(input.kind === "linkUp");
          const effects = core.handle(input, nowMs);
          look(() => checker.check(effects, nowMs));
          return effects;
        },
        deadlineMs: () => core.deadlineMs(),
      },
      identity,
      urls: { plain: URL_OF_CENTRAL_SYSTEM, tls: URL_OF_CENTRAL_SYSTEM },
      transport: { connect: (_url, handlers) => options.connect(handlers) },
      clock,
      random: options.random,
      observer: (event: HostEvent) => {
        if (event.kind === "hostFailed") options.onFailure(event.error);
        else if (!isOfHost(event)) this.#happened(event, options.onEvent);
      },
      script: cycle,
      deadlineChanged: () => this.#setTimer(),
    });
  }

  /** How many Calls of an Action the Central System has answered. */
  answered(action: Action): number {
    return this.#answered.get(action) ?? 0;
  }

  get heartbeatsAnswered(): number {
    return this.answered("Heartbeat");
  }

  /** Lets something happen to it. */
  input(...inputs: readonly ChargePointInput[]): void {
    this.#host.input(...inputs);
  }

  /** Begins no further session and ends those that run. */
  finish(): void {
    this.input(...this.cycle.finish(this.#clock.nowMs()));
  }

  #happened(event: ChargePointEvent, onEvent: (event: ChargePointEvent) => void): void {
    if (event.kind === "callAnswered") {
      this.#answered.set(event.action, (this.#answered.get(event.action) ?? 0) + 1);
    }
    onEvent(event);
  }

  #setTimer(): void {
    const atMs = this.#host.deadlineMs();
    if (atMs === this.#timerAtMs) return;
    this.#cancelTimer?.();
    this.#cancelTimer = undefined;
    this.#timerAtMs = atMs;
    if (atMs === Infinity) return;
    this.#cancelTimer = this.#clock.at(atMs, () => {
      this.#timerAtMs = Infinity;
      this.#host.tick();
    });
  }
}

function isOfHost(event: HostEvent): event is OwnEvent {
  switch (event.kind) {
    case "acted":
    case "linkConnecting":
    case "linkUp":
    case "linkDown":
    case "hostFailed":
      return true;
    default:
      return false;
  }
}
