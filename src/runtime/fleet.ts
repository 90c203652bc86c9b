/**
 * Many Charge Points in one process: one heap of deadlines, one timer, and a start that is no wave.
 */
import type { ChargePointInput } from "../charge_point/contract.ts";
import { ChargePointHost, type ChargePointHostOptions } from "./charge_point_host.ts";
import type { Clock } from "./clock.ts";
import { DeadlineQueue } from "./deadline_queue.ts";

/** What a fleet adds to each of its hosts by itself. */
export type FleetMember = Omit<ChargePointHostOptions, "clock" | "deadlineChanged">;

/** Between the starts of two Charge Points, unless told otherwise: fifty a second. */
export const START_SPACING_MS = 20;

/** Hosts that share one clock and one timer. */
export class Fleet {
  readonly #clock: Clock;
  readonly #hosts: ChargePointHost[] = [];
  /** When a host that is not yet started will be. */
  readonly #startAtMs: number[] = [];
  readonly #deadlines = new DeadlineQueue();
  #timerAtMs = Infinity;
  #cancelTimer: (() => void) | undefined;
  #isRunningDue = false;
  #isStopped = false;

  constructor({ clock }: { clock: Clock }) {
    this.#clock = clock;
  }

  get hosts(): readonly ChargePointHost[] {
    return this.#hosts;
  }

  /** Takes in a Charge Point; it stays off until `start`. */
  add(member: FleetMember): ChargePointHost {
    const slot = this.#hosts.length;
    const host = new ChargePointHost({
      ...member,
      clock: this.#clock,
      deadlineChanged: () => this.#schedule(slot),
    });
    this.#hosts.push(host);
    this.#startAtMs.push(Infinity);
    return host;
  }

  /** Switches all of them on, one after the other. */
  start({ spacingMs }: { spacingMs: number } = { spacingMs: START_SPACING_MS }): void {
    const nowMs = this.#clock.nowMs();
    for (let slot = 0; slot < this.#hosts.length; slot++) {
      this.#startAtMs[slot] = nowMs + slot * spacingMs;
      this.#schedule(slot);
    }
  }

  /** Lets something happen to one of them, unless it has not been started yet. */
  input(slot: number, ...inputs: readonly ChargePointInput[]): void {
    if (this.#startAtMs[slot] === -Infinity) this.#hosts[slot]?.input(...inputs);
  }

  /** Closes every link; resolves when all are closed. Nothing runs afterwards. */
  async stop(reason: string): Promise<void> {
    this.#startAtMs.fill(-Infinity);
    await Promise.all(this.#hosts.map((host) => host.close(reason)));
    this.#isStopped = true;
    this.#cancelTimer?.();
  }

  #schedule(slot: number): void {
    const startAtMs = this.#startAtMs[slot]!;
    this.#deadlines.set(slot, startAtMs === -Infinity ? this.#hosts[slot]!.deadlineMs() : startAtMs);
    if (!this.#isRunningDue) this.#setTimer();
  }

  #setTimer(): void {
    const nextMs = this.#deadlines.nextMs();
    if (this.#isStopped || nextMs === this.#timerAtMs) return;
    this.#cancelTimer?.();
    this.#timerAtMs = nextMs;
    this.#cancelTimer = nextMs === Infinity ? undefined : this.#clock.at(nextMs, () => this.#runDue());
  }

  #runDue(): void {
    this.#timerAtMs = Infinity;
    this.#isRunningDue = true;
    try {
      for (const slot of this.#takeAllDue()) this.#runOne(slot);
    } finally {
      this.#isRunningDue = false;
      this.#setTimer();
    }
  }

  /** Taken out before any of them runs: one that is due again at once lets the others go first. */
  #takeAllDue(): number[] {
    const nowMs = this.#clock.nowMs();
    const due: number[] = [];
    for (
      let slot = this.#deadlines.takeDue(nowMs);
      slot !== undefined;
      slot = this.#deadlines.takeDue(nowMs)
    ) due.push(slot);
    return due;
  }

  #runOne(slot: number): void {
    const host = this.#hosts[slot]!;
    if (this.#startAtMs[slot] === -Infinity) {
      host.tick();
    } else {
      this.#startAtMs[slot] = -Infinity;
      host.input({ kind: "powerOn" });
    }
  }
}
