/**
 * One run: a fleet that plays its sessions, until they are over, somebody stops it, or it cannot begin.
 */
import { ChargePoint } from "../../charge_point/charge_point.ts";
import type { ChargePointInput } from "../../charge_point/contract.ts";
import type { ChargePointDescription } from "../../charge_point/description.ts";
import type { LinkSecurity } from "../../charge_point/job.ts";
import { seededFraction } from "../../charge_point/seeded.ts";
import { connectionUrl } from "../../runtime/identity.ts";
import type { ChargePointHost, HostEvent } from "../../runtime/charge_point_host.ts";
import type { Clock } from "../../runtime/clock.ts";
import { type CentralSystemUrls, urlOfProfile } from "../../runtime/link_security.ts";
import { Fleet } from "../../runtime/fleet.ts";
import type { Jobs } from "../../runtime/jobs.ts";
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
  /** How fast they are switched on one after the other; absent: fifty a second. */
  readonly start?: { readonly spacingMs: number };
  readonly observe: (chargePoint: string, event: HostEvent, nowMs: number) => void;
}

/** Plays what the options ask for. */
export class Run {
  readonly #options: RunOptions;
  readonly #context: RunContext;
  readonly #fleet: Fleet;
  readonly #cycles: readonly ChargingCycle[];
  readonly #ended = Promise.withResolvers<RunOutcome>();
  /** Whose sessions may be over, to be looked at when the turn is. */
  readonly #touched = new Set<number>();
  readonly #over = new Set<number>();
  #trouble: RunOutcome | undefined;
  #wasAccepted = false;
  #isStopping = false;
  /** Why the first accepted boot is not there yet. */
  #obstacle = "nothing happened";
  #obstacleCause: unknown;

  constructor(options: RunOptions, context: RunContext) {
    this.#options = options;
    this.#context = context;
    this.#fleet = new Fleet({ clock: context.clock });
    this.#cycles = options.identities.map((identity, slot) => this.#add(identity, slot));
  }

  /** Begins; the outcome is there when nothing more will be tried. Links stay open until `close`. */
  async play(): Promise<RunOutcome> {
    const { clock } = this.#context;
    this.#fleet.start(this.#context.start);
    const timeoutMs = this.#options.connectTimeoutSeconds * 1000;
    const cancel = clock.at(clock.nowMs() + timeoutMs, () => {
      if (!this.#wasAccepted) this.#end(this.#notBegun());
    });
    const outcome = await this.#ended.promise;
    cancel();
    return outcome;
  }

  /** Closes every link; nothing runs afterwards. */
  close(): Promise<void> {
    return this.#fleet.stop("done");
  }

  /** Brings what runs to a proper end, within bounds. */
  stop(): void {
    if (this.#isStopping) return;
    this.#isStopping = true;
    const { clock } = this.#context;
    const nowMs = clock.nowMs();
    this.#cycles.forEach((cycle, slot) => {
      this.#fleet.hosts[slot]!.input(...cycle.finish(nowMs));
      this.#touch(slot);
    });
    clock.at(nowMs + STOPPING_MAX_MS, () => {
      const reason = `end every session within ${STOPPING_MAX_MS / 1000} s; something is left unanswered`;
      this.#end(this.#wasAccepted ? { kind: "failed", reason } : this.#notBegun());
    });
  }

  /** Lets the same happen to every Charge Point. */
  inputAll(input: ChargePointInput): void {
    this.#options.identities.forEach((_, slot) => this.#fleet.input(slot, input));
  }

  get hosts(): readonly ChargePointHost[] {
    return this.#fleet.hosts;
  }

  #add(identity: string, slot: number): ChargingCycle {
    const { options, context } = { options: this.#options, context: this.#context };
    const cycle = new ChargingCycle({
      connectors: context.description.connectors,
      idTag: options.idTag,
      durationSeconds: options.durationSeconds,
      cycles: options.cycles,
      speed: options.speed,
      isIdle: options.idle,
    });
    const seed = seedOf(context.seed, identity);
    let draws = 0;
    this.#fleet.add({
      chargePoint: new ChargePoint({
        identity,
        ...(options.serialNumber === undefined ? {} : { serialNumber: options.serialNumber }),
        description: context.description,
        configuration: options.configuration,
        security: options.security,
        ...(options.heartbeatIntervalSeconds === undefined
          ? {}
          : { heartbeatIntervalSeconds: options.heartbeatIntervalSeconds }),
        heartbeatAfterBoot: true,
        speed: options.speed,
        validation: options.validation,
        seed,
        newUniqueId: context.newUniqueId,
      }),
      identity,
      urls: options.urls,
      transport: context.transport,
      ...(context.jobs === undefined ? {} : { jobs: context.jobs }),
      random: () => seededFraction(seed, draws++),
      observer: (event, nowMs) => this.#observe({ identity, slot }, event, nowMs),
      script: cycle,
    });
    return cycle;
  }

  #observe({ identity, slot }: { identity: string; slot: number }, event: HostEvent, nowMs: number): void {
    this.#context.observe(identity, event, nowMs);
    if (!this.#wasAccepted) this.#note(identity, event);
    if (event.kind === "hostFailed") {
      this.#trouble ??= {
        kind: "failed",
        reason: `keep ${identity} going: a mistake in the program itself, please report it`,
        cause: event.error,
      };
      this.#isOver(slot);
    }
    this.#touch(slot);
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

  #touch(slot: number): void {
    if (this.#touched.size === 0) queueMicrotask(() => this.#look());
    this.#touched.add(slot);
  }

  #look(): void {
    for (const slot of this.#touched) {
      const outcome = this.#cycles[slot]!.outcome();
      if (outcome.kind === "running") continue;
      if (outcome.kind !== "done") {
        this.#trouble ??= { kind: outcome.kind, reason: `finish the session: ${outcome.reason}` };
      }
      this.#isOver(slot);
    }
    this.#touched.clear();
  }

  #isOver(slot: number): void {
    this.#over.add(slot);
    if (this.#over.size < this.#cycles.length) return;
    this.#end(this.#trouble ?? (this.#wasAccepted ? { kind: "done" } : this.#notBegun()));
  }

  #end(outcome: RunOutcome): void {
    this.#ended.resolve(outcome);
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
