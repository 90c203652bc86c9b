/**
 * BootNotification until it is Accepted, and Heartbeats from then on. Spec: OCPP 1.6 §4.2, §4.6.
 */
import type { Conf } from "../../../src/ocpp/registry.ts";
import type { RegistrationStatus } from "../../../src/ocpp/types.ts";
import type { Life } from "./life.ts";

/** Where the Central System names no time. Units: seconds. */
const RETRY_SECONDS = 60;

/** What the world is to it. */
export interface BootEvents {
  isUp(): boolean;
  send(): Promise<Conf<"BootNotification">>;
  heartbeat(): Promise<unknown>;
  onAccepted(intervalSeconds: number): void;
  /** It is to come back after so long. */
  onRejected(seconds: number): void;
  heartbeatSeconds(): number;
}

/** One device's registration. */
export class Boot {
  readonly #events: BootEvents;
  status: RegistrationStatus | "none" = "none";
  #isAsking = false;
  #cancelRetry = () => {};
  #cancelHeartbeat = () => {};

  constructor(events: BootEvents) {
    this.#events = events;
  }

  get isAccepted(): boolean {
    return this.status === "Accepted";
  }

  /** A new life. */
  forget(): void {
    this.status = "none";
    this.#isAsking = false;
  }

  /** Asks to be accepted, unless it is or is asking. */
  async ask(life: Life): Promise<void> {
    if (this.isAccepted || this.#isAsking || !this.#events.isUp()) return;
    this.#cancelRetry();
    this.#isAsking = true;
    const conf = await this.#events.send().catch(() => undefined);
    if (life.isOver) return;
    this.#isAsking = false;
    if (conf?.status === "Accepted") {
      this.status = "Accepted";
      return this.#events.onAccepted(conf.interval);
    }
    if (conf !== undefined) this.status = conf.status;
    const seconds = conf?.interval === undefined || conf.interval <= 0 ? RETRY_SECONDS : conf.interval;
    if (conf?.status === "Rejected") this.#events.onRejected(seconds);
    this.#cancelRetry = life.after(seconds * 1_000, () => void this.ask(life));
  }

  /** HeartbeatInterval may have changed. */
  planHeartbeat(life: Life): void {
    this.#cancelHeartbeat();
    const seconds = this.#events.heartbeatSeconds();
    if (!this.isAccepted || seconds === 0) return;
    this.#cancelHeartbeat = life.after(seconds * 1_000, () => {
      if (this.#events.isUp()) this.#events.heartbeat().catch(() => {});
      this.planHeartbeat(life);
    });
  }
}
