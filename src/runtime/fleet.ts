/**
 * Many Charge Points in one process: one heap of deadlines, one timer, and a start that is no wave.
 *
 * Each has a slot, a small number; the slot of one that was removed is given to the next that is added.
 */
import type { ChargePointInput } from "../charge_point/contract.ts";
import { ChargePointHost, type ChargePointHostOptions } from "./charge_point_host.ts";
import type { Clock } from "./clock.ts";
import { DeadlineQueue } from "./deadline_queue.ts";

/** What a fleet adds to each of its hosts by itself. */
export type FleetMember = Omit<ChargePointHostOptions, "clock" | "deadlineChanged">;

/** Between the starts of two Charge Points, unless told otherwise: fifty a second. */
export const START_SPACING_MS = 20;

/** The most Charge Points of one fleet. */
export const CHARGE_POINTS_MAX = 100_000;

/** Hosts that share one clock and one timer. */
export class Fleet {
  readonly #clock: Clock;
  readonly #hosts: (ChargePointHost | undefined)[] = [];
  /** When a host that is not yet started will be; `-Infinity`: it is. */
  readonly #startAtMs: number[] = [];
  readonly #freeSlots: number[] = [];
  readonly #deadlines = new DeadlineQueue();
  #timerAtMs = Infinity;
  #cancelTimer: (() => void) | undefined;
  #isRunningDue = false;
  #isStopped = false;

  constructor({ clock }: { clock: Clock }) {
    this.#clock = clock;
  }

  /** All of them, by slot. */
  get hosts(): readonly ChargePointHost[] {
    return this.#hosts.filter((host) => host !== undefined);
  }

  get size(): number {
    return this.#hosts.length - this.#freeSlots.length;
  }

  /** Takes in a Charge Point, which stays off until it is started; gives its slot. */
  add(member: FleetMember): { slot: number; host: ChargePointHost } {
    const slot = this.#freeSlots.pop() ?? this.#hosts.length;
    const host: ChargePointHost = new ChargePointHost({
      ...member,
      clock: this.#clock,
      deadlineChanged: () => {
        // One that was removed may still have to say something while its link closes.
        if (this.#hosts[slot] === host) this.#schedule(slot);
      },
    });
    this.#hosts[slot] = host;
    this.#startAtMs[slot] = Infinity;
    return { slot, host };
  }

  /** Switches all of them on, one after the other. */
  start({ spacingMs }: { spacingMs: number } = { spacingMs: START_SPACING_MS }): void {
    const nowMs = this.#clock.nowMs();
    for (let slot = 0; slot < this.#hosts.length; slot++) {
      this.#startAtMs[slot] = nowMs + slot * spacingMs;
      this.#schedule(slot);
    }
  }

  /** Switches one on that was added later. */
  startOne(slot: number): void {
    this.#startAtMs[slot] = this.#clock.nowMs();
    this.#schedule(slot);
  }

  /** Lets something happen to one of them, unless it has not been started yet. */
  input(slot: number, ...inputs: readonly ChargePointInput[]): void {
    if (this.#startAtMs[slot] === -Infinity) this.#hosts[slot]?.input(...inputs);
  }

  /** Closes the link of one and forgets it; its slot is free once the link is closed. */
  async remove(slot: number, reason: string): Promise<void> {
    const host = this.#hosts[slot];
    if (host === undefined) return;
    this.#startAtMs[slot] = -Infinity; // the slot goes on ticking for the sake of the closing handshake
    await host.close(reason);
    if (this.#hosts[slot] !== host) return; // removed twice
    this.#hosts[slot] = undefined;
    this.#deadlines.set(slot, Infinity);
    this.#startAtMs[slot] = Infinity;
    this.#freeSlots.push(slot);
    this.#setTimer();
  }

  /** Closes every link; resolves when all are closed. Nothing runs afterwards. */
  async stop(reason: string): Promise<void> {
    this.#startAtMs.fill(-Infinity);
    await Promise.all(this.hosts.map((host) => host.close(reason)));
    this.#isStopped = true;
    this.#cancelTimer?.();
  }

  #schedule(slot: number): void {
    const host = this.#hosts[slot];
    if (host === undefined) return;
    const startAtMs = this.#startAtMs[slot]!;
    this.#deadlines.set(slot, startAtMs === -Infinity ? host.deadlineMs() : startAtMs);
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
    const host = this.#hosts[slot];
    if (host === undefined) return;
    if (this.#startAtMs[slot] === -Infinity) {
      host.tick();
    } else {
      this.#startAtMs[slot] = -Infinity;
      host.input({ kind: "powerOn" });
    }
  }
}
