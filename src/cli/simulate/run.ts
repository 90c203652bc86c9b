/**
 * One run: a fleet that plays its sessions, until they are over, somebody stops it, or it cannot begin.
 */
import type { ChargePointInput } from "../../charge_point/contract.ts";
import type { ChargePointDescription } from "../../charge_point/description.ts";
import type { LinkSecurity } from "../../charge_point/job.ts";
import { connectionUrl } from "../../runtime/identity.ts";
import type { HostEvent } from "../../runtime/charge_point_host.ts";
import type { Clock } from "../../runtime/clock.ts";
import { type CentralSystemUrls, urlOfProfile } from "../../runtime/link_security.ts";
import type { Jobs } from "../../runtime/jobs.ts";
import { Simulation } from "../../runtime/simulation.ts";
import type { StateStore } from "../../runtime/state_store.ts";
import type { ClientTransport } from "../../runtime/transport.ts";
import { ChargingCycle } from "../../scenario/charging_cycle.ts";
import { adviceFor } from "./advice.ts";
import type { SimulateOptions } from "./command.ts";

/** What is played, out of all that `simulate` can be asked for. */
export type RunOptions =
  & Pick<
    SimulateOptions,
    | "identities"
    | "heartbeatIntervalSeconds"
    | "durationSeconds"
    | "cycles"
    | "idle"
    | "idTag"
    | "speed"
    | "connectTimeoutSeconds"
    | "validation"
  >
  & {
    readonly urls: CentralSystemUrls;
    readonly security: LinkSecurity;
    readonly serialNumber?: string | undefined;
    readonly configuration: Readonly<Record<string, string>>;
    /** Whether the run goes on until somebody stops it, whatever becomes of its Charge Points. */
    readonly stays?: boolean;
  };

/** How a run ended. `reason` is a clause for the line on stderr. */
export type RunOutcome =
  | { readonly kind: "done" }
  | { readonly kind: "refused" | "failed"; readonly reason: string; readonly cause?: unknown };

/** How long running sessions may take to end once a stop was asked for. */
export const STOPPING_MAX_MS = 10_000;

/** What a run needs besides its options. */
export interface RunContext {
  readonly clock: Clock;
  readonly transport: ClientTransport;
  /** Who does the Charge Points' jobs; without, each fails at once. */
  readonly jobs?: Jobs;
  readonly description: ChargePointDescription;
  readonly seed: number;
  readonly newUniqueId: () => string;
  /** Where what outlives power is kept; absent: in memory. */
  readonly store?: StateStore;
  /** How fast they are switched on one after the other; absent: fifty a second. */
  readonly start?: { readonly spacingMs: number };
  readonly observe: (chargePoint: string, event: HostEvent, nowMs: number) => void;
}

/** The sessions of one Charge Point. */
interface Member {
  readonly identity: string;
  readonly cycle: ChargingCycle;
  isOver: boolean;
}

/** Plays what the options ask for. */
export class Run {
  readonly #options: RunOptions;
  readonly #context: RunContext;
  /** Its Charge Points; who comes and goes while it runs takes part. */
  readonly simulation: Simulation;
  readonly #members = new Map<string, Member>();
  readonly #ended = Promise.withResolvers<RunOutcome>();
  /** Whose sessions may be over, to be looked at when the turn is. */
  readonly #touched = new Set<Member>();
  #overCount = 0;
  #trouble: RunOutcome | undefined;
  #wasAccepted = false;
  #isStopping = false;
  /** Why the first accepted boot is not there yet. */
  #obstacle = "nothing happened";
  #obstacleCause: unknown;

  constructor(options: RunOptions, context: RunContext) {
    this.#options = options;
    this.#context = context;
    const { heartbeatIntervalSeconds, speed, validation, urls, security, serialNumber, configuration } =
      options;
    const { clock, transport, jobs, store, seed, newUniqueId, description } = context;
    this.simulation = new Simulation({
      ...{ clock, transport, seed, newUniqueId, speed, validation },
      ...(heartbeatIntervalSeconds === undefined ? {} : { heartbeatIntervalSeconds }),
      ...(jobs === undefined ? {} : { jobs }),
      ...(store === undefined ? {} : { store }),
      observe: (identity, event, nowMs) => this.#observe(identity, event, nowMs),
      scriptOf: ({ identity, description }) => this.#join(identity, description),
      removed: (identity) => this.#leave(identity),
    });
    for (const identity of options.identities) {
      this.simulation.add({
        ...{ identity, description, configuration, security, urls },
        ...(serialNumber === undefined ? {} : { serialNumber }),
      });
    }
  }

  /** Begins; the outcome is there when nothing more will be tried. Links stay open until `close`. */
  async play(): Promise<RunOutcome> {
    const { clock } = this.#context;
    this.simulation.start(this.#context.start);
    const timeoutMs = this.#options.connectTimeoutSeconds * 1000;
    const cancel = this.#options.stays === true ? () => {} : clock.at(clock.nowMs() + timeoutMs, () => {
      if (!this.#wasAccepted) this.#end(this.#notBegun());
    });
    const outcome = await this.#ended.promise;
    cancel();
    return outcome;
  }

  /** Closes every link; nothing runs afterwards. */
  close(): Promise<void> {
    return this.simulation.stop("done");
  }

  /** Brings what runs to a proper end, within bounds. */
  stop(): void {
    if (this.#isStopping) return;
    this.#isStopping = true;
    const { clock } = this.#context;
    const nowMs = clock.nowMs();
    for (const { identity, host } of this.simulation.chargePoints()) {
      const member = this.#members.get(identity);
      if (member === undefined) continue;
      host.input(...member.cycle.finish(nowMs));
      this.#touch(member);
    }
    this.#endIfAllOver();
    clock.at(nowMs + STOPPING_MAX_MS, () => {
      const reason = `end every session within ${STOPPING_MAX_MS / 1000} s; something is left unanswered`;
      this.#end(this.#wasAccepted ? { kind: "failed", reason } : this.#notBegun());
    });
  }

  /** Lets the same happen to every Charge Point. */
  inputAll(input: ChargePointInput): void {
    for (const chargePoint of this.simulation.chargePoints()) this.simulation.input(chargePoint, input);
  }

  #join(identity: string, { connectors }: ChargePointDescription): ChargingCycle {
    const { idTag, durationSeconds, cycles, speed, idle } = this.#options;
    const cycle = new ChargingCycle({
      ...{ connectors, idTag, durationSeconds, cycles, speed },
      isIdle: idle,
    });
    this.#members.set(identity, { identity, cycle, isOver: false });
    return cycle;
  }

  #observe(identity: string, event: HostEvent, nowMs: number): void {
    this.#context.observe(identity, event, nowMs);
    if (!this.#wasAccepted) this.#note(identity, event);
    const member = this.#members.get(identity);
    if (member === undefined) return;
    if (event.kind === "hostFailed") {
      this.#trouble ??= {
        kind: "failed",
        reason: `keep ${identity} going: a mistake in the program itself, please report it`,
        cause: event.error,
      };
      this.#isOver(member);
    }
    this.#touch(member);
  }

  /** Keeps in mind what stands between us and the first accepted boot. */
  #note(identity: string, event: HostEvent): void {
    const { urls, security } = this.#options;
    const url = connectionUrl({ url: urlOfProfile(security, urls), identity });
    switch (event.kind) {
      case "linkConnecting":
        this.#obstacle = `connect to ${url}: no answer yet`;
        return;
      case "linkDown":
        this.#obstacle = `${event.failure.opened ? "stay connected" : "connect"} to ${url}: ` +
          `${event.failure.message}; ${adviceFor(event.failure, { url, identity })}`;
        this.#obstacleCause = event.failure.detail;
        return;
      case "linkUp":
        this.#obstacle = `register at ${url}: BootNotification is not answered`;
        return;
      case "callFailed":
        this.#obstacle = `register at ${url}: ${event.action} failed (${event.reason}): ${event.detail}`;
        return;
      case "registration":
        this.#wasAccepted = event.status === "Accepted";
        this.#obstacle = `register at ${url}: BootNotification was answered ${event.status}; ` +
          `accept "${identity}" in the Central System`;
        return;
      default:
        return;
    }
  }

  #notBegun(): RunOutcome {
    return { kind: "failed", reason: this.#obstacle, cause: this.#obstacleCause };
  }

  #touch(member: Member): void {
    if (this.#touched.size === 0) queueMicrotask(() => this.#look());
    this.#touched.add(member);
  }

  #look(): void {
    for (const member of this.#touched) {
      const outcome = member.cycle.outcome();
      if (outcome.kind === "running") continue;
      if (outcome.kind !== "done") {
        this.#trouble ??= { kind: outcome.kind, reason: `finish the session: ${outcome.reason}` };
      }
      this.#isOver(member);
    }
    this.#touched.clear();
  }

  #isOver(member: Member): void {
    if (!member.isOver) this.#overCount++;
    member.isOver = true;
    this.#endIfAllOver();
  }

  /** Somebody took it out. */
  #leave(identity: string): void {
    if (this.#members.get(identity)?.isOver === true) this.#overCount--;
    this.#members.delete(identity);
    this.#endIfAllOver();
  }

  #endIfAllOver(): void {
    const { stays = false } = this.#options;
    if (this.#overCount < this.#members.size || (stays && !this.#isStopping)) return;
    this.#end(this.#trouble ?? (this.#wasAccepted || stays ? { kind: "done" } : this.#notBegun()));
  }

  #end(outcome: RunOutcome): void {
    this.#ended.resolve(outcome);
  }
}
