/**
 * One Charge Point in the world: its core, its link, and whoever acts on it.
 *
 * Inputs go in one at a time and all effects of one are carried out, in order, before the next; what an effect
 * causes at once (a transport that answers immediately, a script's next move) waits its turn.
 * A link that fails is tried again with back-off for as long as the core wants one. Every attempt is an object:
 * what an attempt reports after it was given up changes nothing.
 */
import type { ChargePointEffect, ChargePointEvent, ChargePointInput } from "../charge_point/contract.ts";
import { type JobResult, type LinkSecurity, NO_SECURITY } from "../charge_point/job.ts";
import type { Clock } from "./clock.ts";
import { connectionUrl } from "./identity.ts";
import { failedResult, type JobOwner, type Jobs } from "./jobs.ts";
import { type CentralSystemUrls, linkDownCauseOf, linkOptionsOf, urlOfProfile } from "./link_security.ts";
import { LINK_PROVEN_AFTER_MS, reconnectDelayMs } from "./reconnect.ts";
import type { ClientTransport, Connection, LinkFailure } from "./transport.ts";

/** The core, as far as the host knows it. */
export interface ChargePointCore {
  handle(input: ChargePointInput, nowMs: number): readonly ChargePointEffect[];
  deadlineMs(): number;
}

/** Somebody who acts on a Charge Point: watches its events and answers with inputs. */
export interface Script {
  observe(event: ChargePointEvent, nowMs: number): readonly ChargePointInput[];
  /** The time that `deadlineMs` named has come. */
  tick(nowMs: number): readonly ChargePointInput[];
  deadlineMs(): number;
}

/** An input that comes from a person or an EV. */
export type UserInput = Exclude<ChargePointInput, { kind: (typeof TECHNICAL_INPUTS)[number] }>;

const TECHNICAL_INPUTS = ["powerOn", "linkUp", "linkDown", "frame", "deadline", "jobDone"] as const;

/** What the host itself has to tell. */
export type OwnEvent =
  /** Somebody acts on the Charge Point; told before it is done. */
  | { readonly kind: "acted"; readonly input: UserInput }
  | { readonly kind: "linkConnecting"; readonly url: string }
  | { readonly kind: "linkUp" }
  /** `retryInMs` is absent when nothing is tried again. */
  | { readonly kind: "linkDown"; readonly failure: LinkFailure; readonly retryInMs?: number }
  /** A mistake of our own: this Charge Point is out of service from here on. */
  | { readonly kind: "hostFailed"; readonly error: unknown };

/** Everything worth watching on one Charge Point. */
export type HostEvent = ChargePointEvent | OwnEvent;

/** What a host is made from. */
export interface ChargePointHostOptions {
  readonly chargePoint: ChargePointCore;
  readonly identity: string;
  readonly urls: CentralSystemUrls;
  readonly transport: ClientTransport;
  readonly clock: Pick<Clock, "nowMs">;
  /** From 0 up to but not including 1, for the jitter of reconnects. */
  readonly random: () => number;
  readonly observer: (event: HostEvent, nowMs: number) => void;
  readonly script?: Script;
  /** Who does its jobs; without, each fails at once. */
  readonly jobs?: Jobs;
  /** Called when `deadlineMs` may have changed. */
  readonly deadlineChanged: () => void;
}

/** How long an attempt to connect may take. */
export const CONNECT_ATTEMPT_MAX_MS = 20_000;
/** How long a closing handshake may take; some peers never answer a close. */
export const CLOSING_MAX_MS = 3_000;

const NORMAL_CLOSURE = 1000;

interface Attempt {
  /** The ping interval that it was made with. */
  readonly pingIntervalSeconds: number;
  connection: Connection | undefined;
  openedAtMs: number;
  giveUp: () => void;
}

type Link =
  | { readonly kind: "off" }
  | { readonly kind: "connecting"; readonly attempt: Attempt; readonly untilMs: number }
  | { readonly kind: "up"; readonly attempt: Attempt }
  | { readonly kind: "closing"; readonly attempt: Attempt; readonly untilMs: number }
  | { readonly kind: "waiting"; readonly untilMs: number };

/** The link as somebody who watches sees it. */
export interface LinkView {
  /** `off`: the Charge Point wants none; `cut`: by hand. */
  readonly state: "off" | "cut" | "connecting" | "up" | "closing" | "waiting";
  /** When the next attempt begins, while one is waited for. */
  readonly retryAtMs: number | undefined;
  /** Why the last link ended or did not come to be; remembered when there is a new one. */
  readonly lastFailure: LinkFailure | undefined;
}

/** Runs one Charge Point over a transport. */
export class ChargePointHost implements JobOwner {
  readonly #options: ChargePointHostOptions;
  readonly #inputs: ChargePointInput[] = [];
  #isBusy = false;
  #link: Link = { kind: "off" };
  /** Whether the core wants a link. */
  #isWanted = false;
  #security: LinkSecurity = NO_SECURITY;
  #pingIntervalSeconds = 0;
  #failures = 0;
  #hasFailed = false;
  #isCut = false;
  #lastFailure: LinkFailure | undefined;
  #closed: PromiseWithResolvers<void> | undefined;

  constructor(options: ChargePointHostOptions) {
    this.#options = options;
  }

  get isUp(): boolean {
    return this.#link.kind === "up";
  }

  get link(): LinkView {
    const { kind } = this.#link;
    return {
      state: kind === "off" && this.#isCut ? "cut" : kind,
      retryAtMs: this.#link.kind === "waiting" ? this.#link.untilMs : undefined,
      lastFailure: this.#lastFailure,
    };
  }

  /** A mistake of our own has put it out of service. */
  get hasFailed(): boolean {
    return this.#hasFailed;
  }

  /** The next moment at which `tick` has something to do. */
  deadlineMs(): number {
    const link = this.#link;
    const linkMs = link.kind === "off" || link.kind === "up" ? Infinity : link.untilMs;
    if (this.#hasFailed) return linkMs;
    const { chargePoint, script } = this.#options;
    return Math.min(linkMs, chargePoint.deadlineMs(), script?.deadlineMs() ?? Infinity);
  }

  /** Lets something happen to the Charge Point. */
  input(...inputs: readonly ChargePointInput[]): void {
    if (this.#hasFailed) return;
    this.#inputs.push(...inputs);
    if (this.#isBusy) return;
    this.#isBusy = true;
    try {
      for (let input = this.#inputs.shift(); input !== undefined; input = this.#inputs.shift()) {
        const nowMs = this.#options.clock.nowMs();
        if (isUserInput(input)) this.#tell({ kind: "acted", input }, nowMs);
        if (input.kind === "powerOff") this.#options.jobs?.cancelAll(this);
        for (const effect of this.#options.chargePoint.handle(input, nowMs)) this.#carryOut(effect, nowMs);
      }
    } catch (error) {
      this.#fail(error);
    } finally {
      this.#isBusy = false;
    }
    this.#options.deadlineChanged();
  }

  /** Takes the result of a job to the core. */
  jobDone(jobId: number, result: JobResult): void {
    this.input({ kind: "jobDone", jobId, result });
  }

  /** Does what is due. */
  tick(): void {
    const nowMs = this.#options.clock.nowMs();
    this.#tickLink(nowMs);
    const { chargePoint, script } = this.#options;
    if (this.#hasFailed) return this.#options.deadlineChanged();
    if (script !== undefined && script.deadlineMs() <= nowMs) this.input(...script.tick(nowMs));
    if (chargePoint.deadlineMs() <= nowMs) this.input({ kind: "deadline" });
    this.#options.deadlineChanged();
  }

  /** Breaks the link and keeps it broken, as if the network were gone. */
  cutLink(): void {
    this.#isCut = true;
    const attempt = this.#attempt();
    if (attempt === undefined) this.#link = { kind: "off" };
    else {
      attempt.giveUp();
      const opened = attempt.connection !== undefined;
      this.#ended(attempt, { opened, reason: "lost", message: "cut by hand" });
    }
    this.#options.deadlineChanged();
  }

  /** Undoes `cutLink`. */
  restoreLink(): void {
    this.#isCut = false;
    if (this.#isWanted && this.#link.kind === "off") this.#connect();
    this.#options.deadlineChanged();
  }

  get isCut(): boolean {
    return this.#isCut;
  }

  /** Closes the link for good; resolves when it is closed, which takes `CLOSING_MAX_MS` at most. */
  close(reason: string): Promise<void> {
    if (this.#closed !== undefined) return this.#closed.promise;
    const { promise } = this.#closed = Promise.withResolvers<void>();
    this.#options.jobs?.forget(this);
    this.#closeLink(reason);
    this.#options.deadlineChanged();
    return promise;
  }

  /** One Charge Point that broke takes no other with it. */
  #fail(error: unknown): void {
    this.#hasFailed = true;
    this.#inputs.length = 0;
    this.#options.jobs?.forget(this);
    this.#tell({ kind: "hostFailed", error }, this.#options.clock.nowMs());
    this.#closeLink("internal error");
  }

  #carryOut(effect: ChargePointEffect, nowMs: number): void {
    switch (effect.kind) {
      case "send":
        if (this.#link.kind === "up") this.#link.attempt.connection?.send(effect.text);
        return;
      case "event":
        this.#tell(effect.event, nowMs);
        this.#inputs.push(...this.#options.script?.observe(effect.event, nowMs) ?? []);
        return;
      case "openLink":
        this.#security = effect.security;
        if (this.#isWanted || this.#closed !== undefined) return;
        this.#isWanted = true;
        this.#failures = 0;
        // While the old link is closing the new one waits for it: servers see one after the other.
        if (this.#link.kind === "off" && !this.#isCut) this.#connect();
        return;
      case "closeLink":
        this.#closeLink(effect.reason);
        return;
      case "setPing":
        this.#pingIntervalSeconds = effect.intervalSeconds;
        this.#applyPing();
        return;
      case "job":
        this.#doJob(effect);
        return;
      case "cancelJob":
        this.#options.jobs?.cancel(this, effect.jobId);
        return;
    }
  }

  #doJob({ jobId, job }: Extract<ChargePointEffect, { kind: "job" }>): void {
    const { jobs } = this.#options;
    if (this.#closed !== undefined) return; // nobody would look at the result
    if (jobs !== undefined) jobs.run(this, jobId, job);
    else this.#inputs.push({ kind: "jobDone", jobId, result: failedResult(job, "nobody does jobs here") });
  }

  #connect(): void {
    const { transport, urls, identity, clock } = this.#options;
    const nowMs = clock.nowMs();
    const pingIntervalSeconds = this.#pingIntervalSeconds;
    const url = connectionUrl({ url: urlOfProfile(this.#security, urls), identity });
    const attempt: Attempt = {
      pingIntervalSeconds,
      connection: undefined,
      openedAtMs: Infinity,
      giveUp: () => {},
    };
    this.#link = { kind: "connecting", attempt, untilMs: nowMs + CONNECT_ATTEMPT_MAX_MS };
    this.#tell({ kind: "linkConnecting", url }, nowMs);
    attempt.giveUp = transport.connect(url, {
      onOpen: (connection) => this.#opened(attempt, connection),
      onText: (text) => {
        if (this.#attempt() === attempt) this.input({ kind: "frame", text });
      },
      onClose: (failure) => this.#ended(attempt, failure),
    }, linkOptionsOf(this.#security, { url, identity, pingIntervalSeconds }));
  }

  /**
   * Lets the link ping as often as the core wants. A connection that cannot, because none were wanted when it was
   * made, is closed and replaced by one that can, which for the core is a mere reconnect.
   */
  #applyPing(): void {
    const attempt = this.#attempt();
    if (attempt === undefined) return;
    const wanted = this.#pingIntervalSeconds;
    const mayBeUnable = attempt.pingIntervalSeconds === 0 && wanted > 0;
    if (this.#link.kind === "connecting" && mayBeUnable) {
      attempt.giveUp();
      this.#connect();
    } else if (this.#link.kind === "up") {
      if (attempt.connection?.setPing !== undefined) attempt.connection.setPing(wanted);
      else if (mayBeUnable) this.#closeUp(attempt, "reconnecting to ping");
    }
  }

  #attempt(): Attempt | undefined {
    return "attempt" in this.#link ? this.#link.attempt : undefined;
  }

  #opened(attempt: Attempt, connection: Connection): void {
    if (this.#attempt() !== attempt || this.#link.kind !== "connecting") {
      connection.close(NORMAL_CLOSURE, "no longer wanted");
      return;
    }
    const nowMs = this.#options.clock.nowMs();
    attempt.connection = connection;
    attempt.openedAtMs = nowMs;
    this.#link = { kind: "up", attempt };
    if (this.#pingIntervalSeconds !== attempt.pingIntervalSeconds) this.#applyPing();
    this.#tell({ kind: "linkUp" }, nowMs);
    this.input({ kind: "linkUp" });
  }

  #ended(attempt: Attempt, failure: LinkFailure): void {
    if (this.#attempt() !== attempt) return;
    this.#lastFailure = failure;
    const nowMs = this.#options.clock.nowMs();
    const wasAskedFor = this.#link.kind === "closing";
    if (nowMs - attempt.openedAtMs >= LINK_PROVEN_AFTER_MS) this.#failures = 0;
    if (!this.#isWanted || this.#isCut) {
      this.#link = { kind: "off" };
      this.#tell({ kind: "linkDown", failure }, nowMs);
    } else {
      if (!wasAskedFor) this.#failures++;
      const retryInMs = wasAskedFor
        ? 0
        : reconnectDelayMs({ failures: this.#failures, random: this.#options.random() });
      this.#link = { kind: "waiting", untilMs: nowMs + retryInMs };
      this.#tell({ kind: "linkDown", failure, retryInMs }, nowMs);
    }
    this.input({ kind: "linkDown", cause: linkDownCauseOf(failure) });
    this.#closed?.resolve();
  }

  #closeLink(reason: string): void {
    this.#isWanted = false;
    const link = this.#link;
    if (link.kind === "connecting") {
      // `#ended` comes by itself from most transports; no need to wait for it.
      link.attempt.giveUp();
      this.#ended(link.attempt, { opened: false, reason: "closed", message: "given up" });
    } else if (link.kind === "up") {
      this.#closeUp(link.attempt, reason);
    } else if (link.kind !== "closing") {
      this.#link = { kind: "off" };
      this.#closed?.resolve();
    }
  }

  #closeUp(attempt: Attempt, reason: string): void {
    const untilMs = this.#options.clock.nowMs() + CLOSING_MAX_MS;
    this.#link = { kind: "closing", attempt, untilMs };
    attempt.connection?.close(NORMAL_CLOSURE, reason);
  }

  #tickLink(nowMs: number): void {
    const link = this.#link;
    if (link.kind === "off" || link.kind === "up" || nowMs < link.untilMs) return;
    if (link.kind === "waiting") {
      this.#connect();
      return;
    }
    link.attempt.giveUp();
    this.#ended(
      link.attempt,
      link.kind === "connecting"
        ? {
          opened: false,
          reason: "noAnswer",
          message: `no answer within ${CONNECT_ATTEMPT_MAX_MS / 1000} s`,
        }
        : { opened: true, reason: "closed", message: "closed, without the other side's consent" },
    );
  }

  #tell(event: HostEvent, nowMs: number): void {
    this.#options.observer(event, nowMs);
  }
}

function isUserInput(input: ChargePointInput): input is UserInput {
  return !(TECHNICAL_INPUTS as readonly string[]).includes(input.kind);
}
