/**
 * A WebSocket without a network: two queues with latency between the two ends, and everything that befalls them.
 *
 * Rules: each direction keeps its order. What was sent before a cut may still arrive; what is sent after it does
 * not, and each end notices in its own time. An end that closes is told so when the other one has answered.
 * Whatever is sent keeps to the official schemas.
 */
import type { ConnectionHandlers } from "../../src/runtime/listener.ts";
import type { ClientHandlers, Connection, LinkFailure } from "../../src/runtime/transport.ts";
import { OfficialFrames, type Sender } from "./official_frames.ts";
import type { Dice } from "./pair_trouble.ts";
import type { VirtualClock } from "./virtual_clock.ts";

/** Who looks at what passes; called before the end that it concerns. */
export interface WireWatcher {
  /** A text reached the Central System's end, which still listens. */
  arrived(wire: Wire, text: string): void;
  /** The Central System put a text on the wire. */
  sentBack(wire: Wire, text: string): void;
}

/** What a wire is made from. */
export interface WireOptions {
  readonly chargePoint: string;
  readonly clock: VirtualClock;
  readonly dice: Dice;
  readonly latencyMs: () => number;
  readonly watcher: WireWatcher;
  readonly client: ClientHandlers;
  /** A cut that is more than a hiccup: nothing connects for so long. */
  readonly onOutage: (durationMs: number) => void;
}

const LOST: LinkFailure = { opened: true, reason: "lost", message: "connection lost" };
const CLOSED: LinkFailure = { opened: true, reason: "closed", message: "connection closed" };

/** Abnormal closure, as a WebSocket reports it. */
const ABNORMAL = 1006;

/** One connection. */
export class Wire {
  readonly chargePoint: string;
  readonly #options: WireOptions;
  readonly #official = new OfficialFrames();
  #server: ConnectionHandlers | undefined;
  #toServerMs = 0;
  #toClientMs = 0;
  /** From here on nothing that is sent leaves. */
  #isCut = false;
  /** What is under way is lost too. */
  #isDead = false;
  #hasServerClosed = false;
  #hasClientClosed = false;
  #clientKnows = false;

  constructor(options: WireOptions) {
    this.chargePoint = options.chargePoint;
    this.#options = options;
  }

  /** The Central System grants the upgrade: its end, for `open`. */
  readonly serverEnd: Connection = {
    send: (text) => {
      if (this.#hasServerClosed || this.#server === undefined) return;
      this.#options.watcher.sentBack(this, text);
      this.#send("toClient", text);
    },
    close: () => {
      if (this.#hasServerClosed) return;
      this.#hasServerClosed = true;
      if (!this.#isCut) this.#later("toClient", () => this.#tellClient(CLOSED));
    },
  };

  readonly #clientEnd: Connection = {
    send: (text) => {
      if (!this.#hasClientClosed) this.#send("toServer", text);
    },
    close: () => {
      if (this.#hasClientClosed) return;
      this.#hasClientClosed = true;
      if (this.#isCut) return; // the other end will notice by itself
      this.#later("toServer", () => {
        this.#server?.onClose(1000, "");
        this.#later("toClient", () => this.#tellClient(CLOSED));
      });
    },
  };

  /** Both ends are there. */
  open(server: ConnectionHandlers): void {
    this.#server = server;
    this.#later("toClient", () => {
      if (!this.#clientKnows) this.#options.client.onOpen(this.#clientEnd);
    });
  }

  /** The connection never came to be. */
  refuse(failure: LinkFailure): void {
    this.#tellClient(failure);
  }

  /** The client gives up; it wants to hear nothing more. */
  giveUp(): void {
    this.#clientKnows = true;
    this.#clientEnd.close(1000, "");
  }

  /** Breaks the connection. `losesAll`: also what is under way. */
  cut({ losesAll, serverIsGone }: { losesAll: boolean; serverIsGone?: boolean }): void {
    if (losesAll) this.#isDead = true;
    if (serverIsGone) this.#hasServerClosed = true;
    if (this.#isCut) return;
    this.#isCut = true;
    const { clock, dice, onOutage } = this.#options;
    const nowMs = clock.nowMs();
    clock.at(nowMs + dice.noticesMs("chargePoint"), () => this.#tellClient(LOST));
    if (serverIsGone) return;
    onOutage(dice.outageMs());
    clock.at(nowMs + dice.noticesMs("centralSystem"), () => {
      this.#server?.onClose(ABNORMAL, "");
      this.#server?.onClose(ABNORMAL, ""); // some listeners tell it twice
    });
  }

  #send(direction: "toServer" | "toClient", text: string): void {
    this.#check(direction === "toServer" ? "chargePoint" : "centralSystem", text);
    if (this.#isCut) return;
    const { dice } = this.#options;
    const fate = dice.fate();
    if (fate === "cutBefore") return this.cut({ losesAll: dice.random.chance(0.5) });
    if (fate === "stall") this.#stall(direction, dice.stallMs());
    this.#later(direction, () => {
      this.#deliver(direction, text);
      if (fate === "twice") this.#deliver(direction, text);
      if (fate === "cutAfter") this.cut({ losesAll: true });
    });
  }

  #check(sender: Sender, text: string): void {
    try {
      this.#official.assertOfficial(sender, text);
    } catch (error) {
      // Not here, where the sender would take it for a failure of its own.
      this.#options.clock.at(this.#options.clock.nowMs(), () => {
        throw error;
      });
    }
  }

  #deliver(direction: "toServer" | "toClient", text: string): void {
    if (direction === "toClient") {
      if (!this.#clientKnows) this.#options.client.onText(text);
      return;
    }
    if (this.#server === undefined) return;
    // An end that has closed still gets what was under way, and has to take no notice.
    if (!this.#hasServerClosed) this.#options.watcher.arrived(this, text);
    this.#server.onText(text);
  }

  #tellClient(failure: LinkFailure): void {
    if (this.#clientKnows) return;
    this.#clientKnows = true;
    this.#options.client.onClose(failure);
  }

  #stall(direction: "toServer" | "toClient", durationMs: number): void {
    const atMs = this.#options.clock.nowMs() + durationMs;
    if (direction === "toServer") this.#toServerMs = Math.max(this.#toServerMs, atMs);
    else this.#toClientMs = Math.max(this.#toClientMs, atMs);
  }

  /** Runs after the latency, never before what was sent earlier in this direction. */
  #later(direction: "toServer" | "toClient", run: () => void): void {
    const { clock, latencyMs } = this.#options;
    const soonestMs = clock.nowMs() + latencyMs();
    const atMs = Math.max(soonestMs, direction === "toServer" ? this.#toServerMs : this.#toClientMs);
    if (direction === "toServer") this.#toServerMs = atMs;
    else this.#toClientMs = atMs;
    clock.at(atMs, () => {
      if (!this.#isDead) run();
    });
  }
}
