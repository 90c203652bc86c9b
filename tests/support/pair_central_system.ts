/**
 * A Central System whose program can end at any point of a turn and be started again on the same store.
 *
 * A life that has ended does nothing more: its timers do not run, its commits never return, its sockets are mute.
 */
import type { Settings } from "../../src/central_system/decision.ts";
import type {
  Facts,
  FactsNeeded,
  FrameRecord,
  MaybePromise,
  Queries,
  QueryKind,
  Store,
  Write,
} from "../../src/central_system/store.ts";
import { StoreError } from "../../src/central_system/store.ts";
import type { AdmissionSettings } from "../../src/runtime/admission.ts";
import { CentralSystemHost } from "../../src/runtime/central_system_host.ts";
import type { CentralSystemObserver } from "../../src/runtime/central_system_observer.ts";
import type { Clock } from "../../src/runtime/clock.ts";
import type { Connection } from "../../src/runtime/transport.ts";
import { PlainHasher } from "./password_hasher.ts";
import type { MemoryStore } from "./memory_store.ts";
import type { CrashPoint, Dice } from "./pair_trouble.ts";
import type { Wire } from "./pair_wire.ts";
import type { VirtualClock } from "./virtual_clock.ts";

/** What a simulated Central System is made from. */
export interface SimulatedCentralSystemOptions {
  readonly clock: VirtualClock;
  readonly store: MemoryStore;
  readonly dice: Dice;
  readonly settings: Settings;
  readonly admission: AdmissionSettings;
  readonly observer: CentralSystemObserver;
  /** Told of every commit once it is durable. */
  readonly onCommitted: (writes: readonly Write[]) => void;
}

/** Lives of one Central System, one after the other. */
export class SimulatedCentralSystem {
  readonly #options: SimulatedCentralSystemOptions;
  #life: Life | undefined;
  /** Lives so far. */
  lives = 0;

  constructor(options: SimulatedCentralSystemOptions) {
    this.#options = options;
  }

  /** The program that runs now, if one does. */
  get life(): Life | undefined {
    return this.#life?.isAlive ? this.#life : undefined;
  }

  start(): void {
    if (this.life !== undefined) return;
    this.#life = new Life(this.#options, ++this.lives);
  }

  /** Lets the program end at the next `point`; `onEnd` runs when it has. */
  crashAt(point: CrashPoint, onEnd: () => void): void {
    this.life?.crashAt(point, onEnd);
  }
}

/** One run of the program. */
export class Life {
  readonly host: CentralSystemHost;
  readonly #wires = new Set<Wire>();
  readonly #options: SimulatedCentralSystemOptions;
  #isAlive = true;
  #crash: { point: CrashPoint; onEnd: () => void } | undefined;
  #answersLeft = Infinity;

  constructor(options: SimulatedCentralSystemOptions, number: number) {
    this.#options = options;
    let calls = 0;
    this.host = new CentralSystemHost({
      store: this.#store(),
      clock: this.#clock(),
      settings: options.settings,
      admission: options.admission,
      observer: options.observer,
      // In its own step of the simulation, so that what arrives at the same instant shares a turn.
      soon: (run) => void this.#at(options.clock.nowMs(), run),
      passwords: new PlainHasher(),
      newUniqueId: () => `central-${number}-${++calls}`,
    });
  }

  get isAlive(): boolean {
    return this.#isAlive;
  }

  crashAt(point: CrashPoint, onEnd: () => void): void {
    this.#crash = { point, onEnd };
    if (point === "now") this.#end();
  }

  /** The Central System's end of a wire, as long as the program runs. */
  endOf(wire: Wire): Connection {
    this.#wires.add(wire);
    return {
      send: (text) => {
        if (!this.#isAlive) return;
        wire.serverEnd.send(text);
        this.#answersLeft -= 1;
        if (this.#answersLeft <= 0) this.#end();
      },
      close: (code, reason) => {
        if (this.#isAlive) wire.serverEnd.close(code, reason);
      },
    };
  }

  #end(): void {
    if (!this.#isAlive) return;
    this.#isAlive = false;
    for (const wire of this.#wires) wire.cut({ losesAll: false, serverIsGone: true });
    this.#crash?.onEnd();
  }

  #at(atMs: number, run: () => void): () => void {
    return this.#options.clock.at(atMs, () => {
      if (this.#isAlive) run();
    });
  }

  #clock(): Clock {
    return { nowMs: () => this.#options.clock.nowMs(), at: (atMs, run) => this.#at(atMs, run) };
  }

  #store(): Store {
    const { store } = this.#options;
    return {
      load: (needed: FactsNeeded): MaybePromise<Facts> => store.load(needed),
      commit: (writes: readonly Write[]): MaybePromise<void> => this.#commit(writes),
      commitFrames: (frames: readonly FrameRecord[]): void => store.commitFrames(frames),
      query: <Q extends QueryKind>(kind: Q, parameters: Queries[Q]["parameters"]) =>
        store.query(kind, parameters),
      close: () => {},
    };
  }

  #commit(writes: readonly Write[]): MaybePromise<void> {
    const { clock, dice } = this.#options;
    const commitMs = dice.commitMs();
    if (commitMs === 0) return this.#commitNow(writes);
    return new Promise((resolve, reject) => {
      this.#at(clock.nowMs() + commitMs, () => {
        try {
          resolve(this.#commitNow(writes));
        } catch (error) {
          reject(error as Error);
        }
      });
    });
  }

  #commitNow(writes: readonly Write[]): MaybePromise<void> {
    const { store, dice, onCommitted } = this.#options;
    const point = this.#crash?.point;
    if (point === "beforeCommit") {
      this.#end();
      return never();
    }
    if (dice.commitFails()) throw new StoreError("cannot write to the database: disk is full");
    store.commit(writes);
    onCommitted(writes);
    if (point === "afterCommit") {
      this.#end();
      return never();
    }
    if (point === "amongAnswers") this.#answersLeft = dice.random.between(1, 3);
  }
}

/** What the end of a program makes of everything that it waits for. */
function never(): Promise<void> {
  return new Promise(() => {});
}
