/**
 * The standard charging session, over and over on every connector: what the user and the EV do.
 *
 * Rules: wait for an accepted boot and an Available connector; plug in; show the idTag; once the Central System
 * has confirmed the transaction charge for a while; show the idTag again; unplug; the session is over when the
 * StopTransaction is acknowledged and the connector Available again. A cable that the Charge Point keeps is got by
 * showing the idTag once more. A transaction that ends by itself (stopped
 * remotely, a Reset) takes the same way out. An idTag that is refused ends that connector's part.
 * What was left from before the Charge Point was started is taken up: a transaction that goes on is charged to
 * its end, a cable that is in without one is taken out first.
 * An idle cycle begins nothing of its own, but `finish` ends what others began just the same.
 * It acts as a person would, by inputs only; what it knows it has from events.
 * Units: instants in real milliseconds; `durationSeconds` is simulated time, `speed` of it to a real second.
 */
import type { ChargePointEvent, ChargePointInput } from "../charge_point/contract.ts";
import type { ChargePointStatus } from "../ocpp/types.ts";

/** What is played. */
export interface ChargingCycleOptions {
  readonly connectors: number;
  readonly idTag: string;
  /** From the confirmed start to the second showing of the idTag. */
  readonly durationSeconds: number;
  /** Sessions of each connector; 0: for ever. */
  readonly cycles: number;
  readonly speed: number;
  /** Begin nothing: somebody else plugs in and shows idTags. */
  readonly isIdle: boolean;
}

/** How far it is. */
export type ChargingCycleOutcome =
  | { readonly kind: "running" }
  | { readonly kind: "done" }
  /** The Central System did not take the idTag. */
  | { readonly kind: "refused"; readonly reason: string }
  /** A message that the session needs was given up. */
  | { readonly kind: "failed"; readonly reason: string };

/** What a person needs between two steps. Units: simulated milliseconds. */
export const STEP_PAUSE_MS = 1_000;

type Step =
  /** Nothing is plugged in; the connector is not Available yet, or the pause before the next session runs. */
  | "away"
  /** Plugged in; the idTag comes after a pause. */
  | "pluggedIn"
  /** The idTag was shown; the answer is awaited. */
  | "presented"
  | "charging"
  /** The idTag was shown again. */
  | "stopping"
  /** The transaction is over; the plug comes out after a pause. */
  | "stopped"
  /** Unplugged; acknowledgement and Available are awaited. */
  | "leaving"
  | "over";

interface ConnectorState {
  readonly connectorId: number;
  step: Step;
  /** When the pause or the charging ends. */
  nextMs: number;
  status: ChargePointStatus | undefined;
  /** Whether its first status after a boot is still to come. */
  isUnknown: boolean;
  /** A transaction runs, or its end is not acknowledged yet. */
  hasTransaction: boolean;
  /** The Charge Point keeps the cable until the idTag is shown. */
  isCableHeld: boolean;
  /** The idTag that the transaction was started with. */
  idTag: string;
  sessions: number;
}

/** Plays the sessions of one Charge Point. */
export class ChargingCycle {
  readonly #options: ChargingCycleOptions;
  readonly #connectors: readonly ConnectorState[];
  readonly #unanswered = new Set<string>();
  #isAccepted = false;
  #isStopping = false;
  /** A message was given up: some transaction will never be acknowledged. */
  #hasLost = false;
  /** The first thing that went wrong is the one to tell. */
  #trouble: Extract<ChargingCycleOutcome, { reason: string }> | undefined;

  constructor(options: ChargingCycleOptions) {
    this.#options = options;
    this.#connectors = Array.from({ length: options.connectors }, (_, index) => ({
      connectorId: index + 1,
      step: "away",
      nextMs: Infinity,
      status: undefined,
      isUnknown: true,
      hasTransaction: false,
      isCableHeld: false,
      idTag: options.idTag,
      sessions: 0,
    }));
  }

  /** Done only when also every Call is answered, so that a clean ending cuts nothing off. */
  outcome(): ChargingCycleOutcome {
    if (this.#unanswered.size > 0 || this.#connectors.some(({ step }) => step !== "over")) {
      return { kind: "running" };
    }
    return this.#trouble ?? { kind: "done" };
  }

  deadlineMs(): number {
    let deadlineMs = Infinity; // asked for after every input: nothing is allocated
    for (const { nextMs } of this.#connectors) deadlineMs = Math.min(deadlineMs, nextMs);
    return deadlineMs;
  }

  /** Begins no further session and brings those that run to a proper end. */
  finish(nowMs: number): readonly ChargePointInput[] {
    this.#isStopping = true;
    return this.#connectors.flatMap((connector) => {
      switch (connector.step) {
        case "away":
          return isOccupied(connector) ? this.#unplug(connector, nowMs) : this.#over(connector);
        case "pluggedIn":
        case "presented":
        case "stopped":
          return this.#unplug(connector, nowMs);
        case "charging":
          return this.#presentAgain(connector);
        default:
          return [];
      }
    });
  }

  tick(nowMs: number): readonly ChargePointInput[] {
    return this.#connectors.flatMap((connector) => {
      if (nowMs < connector.nextMs) return [];
      connector.nextMs = Infinity;
      switch (connector.step) {
        case "away":
          return this.#plugIn(connector, nowMs);
        case "pluggedIn":
          connector.step = "presented";
          return [{ kind: "presentIdTag", idTag: connector.idTag, connectorId: connector.connectorId }];
        case "charging":
          return this.#presentAgain(connector);
        case "stopped":
          return this.#unplug(connector, nowMs);
        default:
          return [];
      }
    });
  }

  observe(event: ChargePointEvent, nowMs: number): readonly ChargePointInput[] {
    switch (event.kind) {
      case "callSent":
        this.#unanswered.add(event.uniqueId);
        return [];
      case "callAnswered":
      case "callFailed":
        this.#unanswered.delete(event.uniqueId);
        return [];
      case "registration":
        this.#isAccepted = event.status === "Accepted";
        for (const connector of this.#connectors) connector.isUnknown = true;
        for (const connector of this.#connectors) this.#begin(connector, nowMs);
        return this.#isAccepted ? this.#connectors.flatMap((connector) => this.#getCable(connector)) : [];
      case "messageLost":
        this.#lose(event, nowMs);
        return [];
      case "restarting":
      case "started":
        // Whoever waits for an answer waits in vain: out with the plug, and from the beginning once it is back.
        this.#isAccepted = false;
        return this.#connectors.flatMap((connector) => {
          if (isWaiting(connector)) return this.#unplug(connector, nowMs);
          this.#begin(connector, nowMs);
          return [];
        });
      case "authorization":
        return event.status === "Accepted" ? [] : this.#refused(event, nowMs);
      default: {
        if (!("connectorId" in event)) return [];
        const connector = this.#connectors.find(({ connectorId }) => connectorId === event.connectorId);
        if (connector !== undefined) this.#observeConnector(connector, event, nowMs);
        return [];
      }
    }
  }

  #observeConnector(connector: ConnectorState, event: ChargePointEvent, nowMs: number): void {
    switch (event.kind) {
      case "status":
        connector.status = event.status;
        if (this.#isAccepted && connector.isUnknown) this.#find(connector, nowMs);
        if (connector.step === "leaving") this.#left(connector, nowMs);
        else if (isWaiting(connector) && event.status === "Finishing") this.#timedOut(connector, nowMs);
        else this.#begin(connector, nowMs);
        return;
      case "transactionStarted":
        connector.hasTransaction = true;
        connector.idTag = event.idTag;
        connector.step = "charging"; // also one that somebody started remotely
        connector.nextMs = Infinity;
        return;
      case "transactionResumed":
        connector.hasTransaction = true;
        connector.idTag = event.idTag;
        connector.step = "charging";
        connector.nextMs = this.#options.isIdle ? Infinity : nowMs + this.#chargingMs();
        return;
      case "transactionConfirmed":
        if (event.status !== "Accepted" && !this.#options.isIdle) {
          const reason = `StartTransaction with idTag ${connector.idTag} was answered ${event.status}`;
          this.#trouble ??= { kind: "refused", reason };
        }
        if (connector.step === "charging" && !this.#options.isIdle) {
          connector.nextMs = nowMs + this.#chargingMs();
        }
        return;
      case "transactionStopped":
        connector.step = "stopped";
        connector.hasTransaction = true; // until its end is acknowledged, also if it began before the start
        if (this.#isStopping) connector.nextMs = nowMs;
        else if (this.#options.isIdle) connector.step = "away";
        else connector.nextMs = nowMs + this.#pauseMs();
        return;
      case "cableLock":
        connector.isCableHeld = event.outcome === "held";
        return;
      case "transactionFinished":
        connector.hasTransaction = false;
        if (connector.step === "leaving") this.#left(connector, nowMs);
        return;
      default:
        return;
    }
  }

  /** The first status after a boot: a cable that nobody here has put in comes out. */
  #find(connector: ConnectorState, nowMs: number): void {
    connector.isUnknown = false;
    if (connector.step !== "away" || this.#options.isIdle || !isOccupied(connector)) return;
    connector.step = "stopped";
    connector.nextMs = nowMs + this.#pauseMs();
  }

  /** Away, Available and accepted: the next session may begin, after a pause. */
  #begin(connector: ConnectorState, nowMs: number): void {
    if (connector.step !== "away" || this.#options.isIdle) return;
    connector.nextMs = this.#isAccepted && connector.status === "Available"
      ? nowMs + this.#pauseMs()
      : Infinity;
  }

  /** ConnectionTimeOut ended the session before its transaction: the idTag was overlooked. */
  #timedOut(connector: ConnectorState, nowMs: number): void {
    connector.step = "stopped";
    connector.nextMs = nowMs + this.#pauseMs();
  }

  #plugIn(connector: ConnectorState, nowMs: number): readonly ChargePointInput[] {
    connector.step = "pluggedIn";
    connector.idTag = this.#options.idTag;
    connector.nextMs = nowMs + this.#pauseMs();
    return [{ kind: "plugIn", connectorId: connector.connectorId }];
  }

  #presentAgain(connector: ConnectorState): readonly ChargePointInput[] {
    connector.step = "stopping";
    connector.nextMs = Infinity;
    return [{ kind: "presentIdTag", idTag: connector.idTag, connectorId: connector.connectorId }];
  }

  #unplug(connector: ConnectorState, nowMs: number): readonly ChargePointInput[] {
    connector.step = "leaving";
    connector.nextMs = Infinity;
    this.#left(connector, nowMs); // the plug may be out already
    return [...this.#getCable(connector), { kind: "unplug", connectorId: connector.connectorId }];
  }

  /** Shows the idTag for a cable that is kept when it is time to go; the reader may have been shut before. */
  #getCable({ isCableHeld, step, idTag, connectorId }: ConnectorState): readonly ChargePointInput[] {
    return isCableHeld && step === "leaving" ? [{ kind: "presentIdTag", idTag, connectorId }] : [];
  }

  #left(connector: ConnectorState, nowMs: number): void {
    if (isOccupied(connector) || (connector.hasTransaction && !this.#hasLost)) return;
    connector.sessions++;
    connector.step = "away";
    const isLast = this.#options.cycles !== 0 && connector.sessions >= this.#options.cycles;
    if (isLast || this.#isStopping || this.#trouble !== undefined) this.#over(connector);
    else this.#begin(connector, nowMs);
  }

  #over(connector: ConnectorState): readonly ChargePointInput[] {
    connector.step = "over";
    connector.nextMs = Infinity;
    return [];
  }

  #refused(
    event: Extract<ChargePointEvent, { kind: "authorization" }>,
    nowMs: number,
  ): readonly ChargePointInput[] {
    const connector = this.#connectors.find(({ connectorId, step }) =>
      step === "presented" && (event.connectorId === undefined || event.connectorId === connectorId)
    );
    if (connector === undefined) return []; // somebody else's card
    this.#trouble ??= { kind: "refused", reason: `idTag ${event.idTag} was answered ${event.status}` };
    connector.step = "stopped";
    connector.nextMs = nowMs + this.#pauseMs();
    return [];
  }

  #lose(event: Extract<ChargePointEvent, { kind: "messageLost" }>, nowMs: number): void {
    if (event.action !== "StartTransaction" && event.action !== "StopTransaction") return;
    this.#hasLost = true;
    this.#trouble ??= { kind: "failed", reason: `${event.action} was given up: ${event.reason}` };
    for (const connector of this.#connectors) {
      if (connector.step === "leaving") this.#left(connector, nowMs);
      else if (connector.step === "charging") connector.nextMs = nowMs;
    }
  }

  #chargingMs(): number {
    return this.#options.durationSeconds * 1000 / this.#options.speed;
  }

  #pauseMs(): number {
    return STEP_PAUSE_MS / this.#options.speed;
  }
}

/** Whether the plug is in and the transaction still to come. */
function isWaiting({ step }: ConnectorState): boolean {
  return step === "pluggedIn" || step === "presented";
}

/** Whether a plug is in, as far as the status tells. */
function isOccupied({ status }: ConnectorState): boolean {
  switch (status) {
    case "Preparing":
    case "Charging":
    case "SuspendedEV":
    case "SuspendedEVSE":
    case "Finishing":
      return true;
    default:
      return false;
  }
}
