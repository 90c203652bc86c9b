/**
 * A Charge Point's life: things happen to it, its link, its power and its program; what always has to hold is looked
 * at all the while, and after the storm everything that is owed has to arrive.
 *
 * What is stored is stored before anything is seen, as a host does it; a kill falls before the one or the other.
 * Errors: `AssertionError` at the first thing that breaks a rule.
 */
import assert from "node:assert/strict";
import { ChargePoint } from "../../src/charge_point/charge_point.ts";
import { mayFollow } from "../../src/ocpp/status_transition.ts";
import type {
  ChargePointEffect,
  ChargePointEvent,
  ChargePointInput,
} from "../../src/charge_point/contract.ts";
import { type ChargePointDescription, STANDARD } from "../../src/charge_point/description.ts";
import type { StoredState } from "../../src/charge_point/storage/durable.ts";
import type { Job, JobResult } from "../../src/charge_point/job.ts";
import { callText } from "../../src/ocpp/frame.ts";
import type { ChargePointView, ConnectorView } from "../../src/charge_point/view.ts";
import type { ChargePointStatus } from "../../src/ocpp/types.ts";
import { LifeCentralSystem } from "./life_central_system.ts";
import { LIFE_CONNECTORS, type LifeStep, stepOf } from "./life_steps.ts";
import { OfficialFrames } from "./official_frames.ts";

const BEGIN_AT_MS = Date.UTC(2026, 0, 1, 12);

/** Deadlines that may be kept in one stretch of time before it counts as a busy loop. */
const DEADLINES_MAX = 50_000;

/** How long after the storm everything may take to arrive. */
const SETTLING_SECONDS_MAX = 6 * 3_600;

/** What may be chosen. */
export interface LifeOptions {
  readonly description?: Partial<ChargePointDescription>;
  /** Whether every frame is checked against the official schemas. */
  readonly isOfficial?: boolean;
}

/** One Charge Point, from its delivery on. */
export class Life {
  readonly #description: ChargePointDescription;
  readonly #isOfficial: boolean;
  readonly #centralSystem = new LifeCentralSystem();
  readonly #statuses = new Map<number, ChargePointStatus>();
  readonly #registersWh = new Map<number, number>();
  #frames = new OfficialFrames();
  #chargePoint: ChargePoint;
  #nowMs = BEGIN_AT_MS;
  #isLinkUp = false;
  #isWanted = false;
  #isReachable = true;
  #nextKill: "beforeStored" | "beforeSeen" | undefined;
  #lost: "chargePoint" | "centralSystem" | undefined;
  #jobs: { readonly jobId: number; readonly job: Job }[] = [];
  #callsAsked = 0;
  #idsMade = 0;
  readonly #inbox: string[] = [];
  #isDelivering = false;
  /** What was stored, and what was given up, of transactions. */
  readonly ledger = { started: 0, stopped: 0, lostStarts: 0, lostStops: 0 };

  constructor({ description = {}, isOfficial = true }: LifeOptions = {}) {
    this.#isOfficial = isOfficial;
    this.#description = { ...STANDARD, connectors: LIFE_CONNECTORS, ...description };
    this.#chargePoint = this.#build();
    this.#input({ kind: "powerOn" });
  }

  /** Lets one thing happen. */
  take(number: number): void {
    this.#do(stepOf(number, this.#nowMs));
  }

  /** The storm is over: everything that is owed arrives, and nothing arrived that was never there. */
  settle(): void {
    this.#centralSystem.mood = "well";
    this.#lost = undefined;
    this.#nextKill = undefined;
    this.#isReachable = true;
    this.#setLink(this.#isWanted);
    const untilMs = this.#nowMs + SETTLING_SECONDS_MAX * 1_000;
    do this.#pass({ seconds: 60, obeys: true }); while (!this.#isSettled && this.#nowMs < untilMs);
    assert.equal(this.#chargePoint.queueLength, 0, "messages still wait");
    const { started, stopped, lostStarts, lostStops } = this.ledger;
    // What was given up may have arrived all the same, with its answer lost.
    assertBetween("starts that arrived", this.#centralSystem.starts, [started - lostStarts, started]);
    assertBetween("stops that arrived", this.#centralSystem.stops, [stopped - lostStops, stopped]);
    const running = this.#chargePoint.connectors.filter(({ transaction }) => transaction !== undefined);
    assert.equal(started - stopped, running.length, "transactions that run");
    // The stop of a start that was given up names no transaction.
    const orphans = lostStops + lostStarts;
    assert.ok(this.#centralSystem.unstopped <= orphans, "a transaction was replaced without its stop");
  }

  get #isSettled(): boolean {
    return this.#chargePoint.isOnline && this.#chargePoint.queueLength === 0;
  }

  /** By the official schemas too where that is wanted, which takes time. */
  #assertValid(sender: "chargePoint" | "centralSystem", text: string): void {
    if (this.#isOfficial) this.#frames.assertOfficial(sender, text);
  }

  #build(stored?: StoredState): ChargePoint {
    return new ChargePoint({
      identity: "CP",
      description: this.#description,
      configuration: { MeterValueSampleInterval: "20" },
      speed: 1,
      validation: "strict",
      seed: 7,
      newUniqueId: () => `u${++this.#idsMade}`,
    }, stored);
  }

  #do(step: LifeStep): void {
    switch (step.kind) {
      case "input":
        return this.#input(step.input);
      case "call":
        return this.#call(step);
      case "time":
        return this.#pass(step);
      case "link":
        this.#isReachable = step.isUp;
        return this.#setLink(step.isUp && this.#isWanted);
      case "mood":
        this.#centralSystem.mood = step.mood;
        return;
      case "lose":
        this.#lost = step.of;
        return;
      case "power":
        this.#input({ kind: "powerOff" });
        this.#pass({ seconds: step.seconds, obeys: true });
        return this.#input({ kind: "powerOn" });
      case "kill":
        if (step.when === "atRest") return this.#kill(this.#chargePoint.durable());
        this.#nextKill = step.when;
        return;
    }
  }

  #call({ action, payload }: { action: string; payload: unknown }): void {
    if (!this.#isLinkUp) return;
    const text = callText({ uniqueId: `c${++this.#callsAsked}`, action, payload });
    this.#assertValid("centralSystem", text);
    this.#input({ kind: "frame", text });
  }

  #input(input: ChargePointInput): void {
    const kill = this.#nextKill;
    this.#nextKill = undefined;
    if (kill === "beforeStored") {
      const before = this.#chargePoint.durable();
      this.#chargePoint.handle(input, this.#nowMs);
      return this.#kill(before);
    }
    const effects = this.#chargePoint.handle(input, this.#nowMs);
    for (const effect of effects) if (effect.kind === "event") this.#happened(effect.event);
    if (kill === "beforeSeen") return this.#kill(this.#chargePoint.durable());
    for (const effect of effects) this.#carryOut(effect);
    this.#deliver();
  }

  /** The program ends at once and is started again. */
  #kill(stored: StoredState): void {
    this.#jobs = [];
    this.#inbox.length = 0;
    this.#isLinkUp = this.#isWanted = false;
    this.#statuses.clear();
    this.#frames = new OfficialFrames();
    this.#chargePoint = this.#build(JSON.parse(JSON.stringify(stored)));
    this.#input({ kind: "powerOn" });
  }

  #carryOut(effect: ChargePointEffect): void {
    switch (effect.kind) {
      case "openLink":
        this.#isWanted = true;
        return;
      case "closeLink":
        this.#isWanted = this.#isLinkUp = false;
        this.#inbox.length = 0;
        return;
      case "send":
        return this.#sent(effect.text);
      case "job":
        this.#jobs.push(effect);
        return;
      case "cancelJob":
        this.#jobs = this.#jobs.filter(({ jobId }) => jobId !== effect.jobId);
        return;
      case "setPing":
      case "event":
        return;
    }
  }

  #sent(text: string): void {
    assert.ok(this.#isLinkUp, `sent without a link: ${text}`);
    this.#assertValid("chargePoint", text);
    if (this.#lost === "chargePoint") {
      this.#lost = undefined;
      return;
    }
    for (const answer of this.#centralSystem.receive(text, this.#nowMs)) {
      if (this.#lost === "centralSystem") this.#lost = undefined;
      else this.#inbox.push(answer);
    }
  }

  /** What the Central System has said, one after the other, and the link where it can be had. */
  #deliver(): void {
    if (this.#isDelivering) return;
    this.#isDelivering = true;
    try {
      for (let text = this.#inbox.shift(); text !== undefined; text = this.#inbox.shift()) {
        if (this.#isLinkUp) this.#input({ kind: "frame", text });
      }
    } finally {
      this.#isDelivering = false;
    }
    if (this.#isReachable && this.#isWanted) this.#setLink(true);
  }

  #setLink(isUp: boolean): void {
    if (isUp === this.#isLinkUp) return;
    this.#isLinkUp = isUp;
    this.#inbox.length = 0;
    this.#input({ kind: isUp ? "linkUp" : "linkDown" });
  }

  #pass({ seconds, obeys }: { seconds: number; obeys: boolean }): void {
    const untilMs = this.#nowMs + seconds * 1_000;
    let deadlines = 0;
    while (obeys) {
      const chargePoint = this.#chargePoint;
      const deadlineMs = chargePoint.deadlineMs();
      if (deadlineMs > untilMs) break;
      this.#nowMs = Math.max(this.#nowMs, deadlineMs);
      this.#input({ kind: "deadline" });
      if (chargePoint === this.#chargePoint) {
        const nextMs = chargePoint.deadlineMs();
        assert.ok(nextMs > this.#nowMs, `the deadline ${nextMs - this.#nowMs} ms from now is not met`);
      }
      this.#finishJobs();
      assert.ok(++deadlines < DEADLINES_MAX, "too many deadlines");
    }
    this.#nowMs = Math.max(this.#nowMs, untilMs);
    this.#finishJobs();
    this.#input({ kind: "deadline" });
    this.#checkConnectors();
  }

  #finishJobs(): void {
    for (let next = this.#jobs.shift(); next !== undefined; next = this.#jobs.shift()) {
      const result = resultOf(next.job, next.jobId);
      this.#input({ kind: "jobDone", jobId: next.jobId, result });
    }
  }

  #happened(event: ChargePointEvent): void {
    switch (event.kind) {
      case "status":
        return this.#statusChanged(event);
      case "restarting":
      case "started":
      case "registration":
        return this.#statuses.clear(); // a boot may change everything
      case "transactionStarted":
        this.ledger.started += 1;
        return;
      case "transactionStopped":
        this.ledger.stopped += 1;
        return;
      case "messageLost":
        if (event.action === "StartTransaction") this.ledger.lostStarts += 1;
        if (event.action === "StopTransaction") this.ledger.lostStops += 1;
        return;
      default:
        return;
    }
  }

  #statusChanged({ connectorId, status }: { connectorId: number; status: ChargePointStatus }): void {
    const before = this.#statuses.get(connectorId) ?? status;
    this.#statuses.set(connectorId, status);
    if (connectorId === 0 || before === status) return;
    assert.ok(mayFollow({ from: before, to: status }), `${before} → ${status} is not in §4.9`);
  }

  #checkConnectors(): void {
    const chargePoint = this.#chargePoint;
    const { connectors } = chargePoint;
    for (const { connectorId, registerWh } of connectors) {
      const before = this.#registersWh.get(connectorId) ?? 0;
      assert.ok(registerWh >= before, `the meter of connector ${connectorId} ran back to ${registerWh}`);
      this.#registersWh.set(connectorId, registerWh);
    }
    if (connectors.every(({ powerW, status }) => powerW === 0 && status === "Available")) return;
    const view = chargePoint.view();
    if (!view.isPowered || view.isRestarting) return;
    connectors.forEach(assertCoherent);
    if (view.chargingProfiles.length > 0) assertWithinProfiles(view, this.#description);
  }
}

/** Transfers succeed every other time; there is nothing to verify. */
function resultOf(job: Job, jobId: number): JobResult {
  const outcome = jobId % 2 === 0
    ? { status: "done", message: "" } as const
    : { status: "unreachable", message: "no route" } as const;
  switch (job.kind) {
    case "upload":
      return { kind: "upload", outcome };
    case "download":
      return outcome.status === "done"
        ? {
          kind: "download",
          outcome,
          file: { fileId: `f${jobId}`, sizeBytes: 1, head: "ocpp-firmware 2.0" },
        }
        : { kind: "download", outcome };
    case "verifyFirmware":
      return { kind: "verifyFirmware", isValid: jobId % 2 === 0, reason: "" };
    case "createSigningRequest":
      return { kind: "createSigningRequest", request: undefined, reason: "no keys here" };
    case "readCertificate":
      return { kind: "readCertificate", certificate: undefined, refusal: "notACertificate", reason: "" };
  }
}

const IN_TRANSACTION: ReadonlySet<ChargePointStatus> = new Set(["Charging", "SuspendedEV", "SuspendedEVSE"]);

/** Status, transaction, cable and power of one connector tell the same story. */
function assertCoherent(connector: ConnectorView): void {
  const { status, transaction, isPlugged, isEvPaused, powerW, offeredW } = connector;
  const isCharging = status === "Charging";
  const holds = IN_TRANSACTION.has(status) === (transaction !== undefined) && powerW > 0 === isCharging &&
    powerW <= offeredW + 1 && // rounded
    (!isCharging || (isPlugged && !isEvPaused)) && (status !== "Available" || !isPlugged);
  if (!holds) assert.fail(`a connector contradicts itself: ${JSON.stringify(connector)}`);
}

/**
 * Power against the profiles in force, told from the outside: of each purpose the highest stackLevel counts, and all
 * of these profiles say something at any time, so that nothing exceeds the greatest limit of the one that counts.
 */
function assertWithinProfiles(
  { connectors, chargingProfiles }: ChargePointView,
  { supply }: ChargePointDescription,
): void {
  const limitW = (purpose: string, ofConnectorId: number): number | undefined => {
    const [first] = chargingProfiles
      .filter(({ connectorId, chargingProfile }) =>
        connectorId === ofConnectorId && chargingProfile.chargingProfilePurpose === purpose
      )
      .map(({ chargingProfile }) => chargingProfile)
      .sort((one, other) => other.stackLevel - one.stackLevel);
    const limits = first?.chargingSchedule.chargingSchedulePeriod.map(({ limit }) => limit);
    return limits === undefined ? undefined : Math.max(...limits) * supply.voltageV * supply.phases;
  };
  for (const { connectorId, powerW } of connectors) {
    const mostW = limitW("TxProfile", connectorId) ?? limitW("TxDefaultProfile", connectorId) ?? Infinity;
    assert.ok(powerW <= mostW + 1, `connector ${connectorId}: ${powerW} W where profiles allow ${mostW} W`);
  }
  const totalW = connectors.reduce((sum, { powerW }) => sum + powerW, 0);
  const mostW = limitW("ChargePointMaxProfile", 0) ?? Infinity;
  assert.ok(totalW <= mostW + connectors.length, `${totalW} W in all where a profile allows ${mostW} W`);
}

function assertBetween(what: string, value: number, [least, most]: readonly [number, number]): void {
  assert.ok(value >= least && value <= most, `${what}: ${value} instead of ${least} to ${most}`);
}
