/**
 * Plays a compliance case against the core of our Charge Point, in virtual time.
 *
 * Frames take `LATENCY_MS`; whatever is done by jobs is awaited before time goes on. Every frame either way keeps
 * to the official schemas, but where a test spoils them on purpose (`spoil`).
 */
import assert from "node:assert/strict";
import { ChargePoint } from "../../src/charge_point/charge_point.ts";
import type { ChargePointEffect, ChargePointInput } from "../../src/charge_point/contract.ts";
import { type LinkSecurity, NO_SECURITY } from "../../src/charge_point/job.ts";
import type { CaseDefinition } from "../../src/conformance/case.ts";
import { CaseRun } from "../../src/conformance/case_run.ts";
import type {
  CaseResult,
  RunEffect,
  RunInput,
  ServerSecurity,
  UpgradeRequest,
} from "../../src/conformance/contract.ts";
import type { OperatorAction } from "../../src/conformance/operator_action.ts";
import { createSession } from "../../src/conformance/session.ts";
import { ConformanceBench } from "./conformance_bench.ts";
import { capabilitiesOf, type TestedChargePoint, testedFor } from "../../src/runtime/tested_charge_point.ts";
import { OfficialFrames } from "./official_frames.ts";

/** Of every Charge Point here. */
const IDENTITY = "CP001";

/** For cases that are about a password. */
const BASIC_SECURITY = {
  securityProfile: 1,
  authorizationKey: "0123456789ABCDEF0123456789ABCDEF01234567",
  roots: [],
} as const satisfies LinkSecurity;

/** When every case begins. */
const BEGIN_AT_MS = Date.UTC(2026, 0, 1, 12, 0, 0);

/** Units: milliseconds, one way. */
const LATENCY_MS = 10;

/** How long the Charge Point's host waits before it connects again. */
const RECONNECT_MS = 2_000;

/** The most turns of one case before it is called a busy loop. */
const TURNS_MAX = 200_000;

/** A frame of the Charge Point as it gets to the tester. */
export interface SpoiltFrame {
  readonly text: string;
  readonly delaySeconds?: number;
}

/** What surrounds the Charge Point. */
export interface PlayOptions {
  /** Instead of the one that the case's needs make. */
  readonly played?: TestedChargePoint;
  /** Configuration keys from the beginning. */
  readonly configuration?: Readonly<Record<string, string>>;
  /** How the link is secured from the beginning. */
  readonly security?: LinkSecurity;
  /** Makes another peer of ours: what it sends instead of a frame. `nth` counts its frames from 1. */
  readonly spoil?: (text: string, nth: number) => readonly SpoiltFrame[];
  /** False: there is nothing at hand but frames. */
  readonly hasBench?: boolean;
  /** How the Charge Point takes what is broken; without it: strictly. */
  readonly validation?: "strict" | "tolerant";
}

/** What came of it, and on what it was played. */
export interface Played {
  readonly result: CaseResult;
  readonly description: string;
  /** All configuration keys before and after: restoration is part of every case. */
  readonly configurationBefore: Readonly<Record<string, string>>;
  readonly configurationAfter: Readonly<Record<string, string>>;
  /** The statuses of the connectors above 0 when it was over. */
  readonly statusesAfter: readonly string[];
}

/** Plays a case to its end, on a Charge Point of its own. */
export async function playCase(definition: CaseDefinition, options: PlayOptions = {}): Promise<Played> {
  const play = new Play(options.played ?? testedFor(definition.needs), options);
  return await play.toTheEnd(definition);
}

/** Plays cases one after the other on one Charge Point: each finds what the one before has left. */
export async function playInARow(
  definitions: readonly CaseDefinition[],
  played: TestedChargePoint,
  options: PlayOptions = {},
): Promise<readonly Played[]> {
  const play = new Play(played, options);
  const all: Played[] = [];
  for (const definition of definitions) all.push(await play.toTheEnd(definition));
  return all;
}

class Play {
  readonly #options: PlayOptions;
  readonly #played: TestedChargePoint;
  readonly #chargePoint: ChargePoint;
  readonly #session = createSession({ transactionId: 1_001 });
  #run: CaseRun | undefined;
  /** Whether the case is about frames of the tester that are broken on purpose. */
  #isNegative = false;
  readonly #frames = new OfficialFrames();
  #nowMs = BEGIN_AT_MS;
  #pending: { readonly atMs: number; readonly order: number; readonly act: () => void }[] = [];
  #order = 0;
  #lastUniqueId = 0;
  #framesSent = 0;
  #wantsLink = false;
  readonly #bench = new ConformanceBench();
  #security: LinkSecurity = NO_SECURITY;
  #server: ServerSecurity = { securityProfile: 0 };
  /** Numbers connections. */
  #lastLink = 0;
  /** The connection that each end believes in; what was sent before a close still arrives before it. */
  #chargePointLink: number | undefined;
  #testerLink: number | undefined;
  #work: Promise<void>[] = [];

  constructor(played: TestedChargePoint, options: PlayOptions) {
    this.#options = options;
    this.#played = played;
    this.#chargePoint = new ChargePoint({
      identity: IDENTITY,
      description: played.description,
      speed: 1,
      validation: options.validation ?? "strict",
      seed: 1,
      newUniqueId: () => `u${++this.#lastUniqueId}`,
      ...(options.configuration === undefined ? {} : { configuration: options.configuration }),
      serialNumber: "SN-0001",
      security: options.security ?? (played.securityProfile === 0 ? NO_SECURITY : BASIC_SECURITY),
    });
  }

  async toTheEnd(definition: CaseDefinition): Promise<Played> {
    const configurationBefore = { ...this.#chargePoint.configuration };
    const run = new CaseRun(definition, {
      capabilities: capabilitiesOf(this.#played),
      session: this.#session,
      uniqueIdPrefix: "t",
      setup: { authorizationKey: BASIC_SECURITY.authorizationKey },
    });
    this.#run = run;
    this.#isNegative = isNegative(definition);
    this.#input({ kind: "begin" });
    this.#act({ kind: "powerOn" }); // nothing, where it is on already
    for (let turns = 0; run.result === undefined; turns++) {
      assert.ok(turns < TURNS_MAX, "busy loop");
      while (this.#work.length > 0) await Promise.all(this.#work.splice(0));
      this.#advance(run);
    }
    return {
      result: run.result,
      description: this.#played.name,
      configurationBefore,
      configurationAfter: { ...this.#chargePoint.configuration },
      statusesAfter: this.#chargePoint.connectors.map(({ status }) => status),
    };
  }

  /** Lets the next thing happen, whatever it is. */
  #advance(run: CaseRun): void {
    let next = this.#pending[0];
    for (const one of this.#pending) {
      if (
        next !== undefined && (one.atMs < next.atMs || (one.atMs === next.atMs && one.order < next.order))
      ) {
        next = one;
      }
    }
    const chargePointAtMs = this.#chargePoint.deadlineMs();
    const runAtMs = run.deadlineMs();
    const atMs = Math.min(next?.atMs ?? Infinity, chargePointAtMs, runAtMs);
    assert.ok(Number.isFinite(atMs), "the case waits for nothing");
    this.#nowMs = Math.max(this.#nowMs, atMs);
    if (next !== undefined && next.atMs <= atMs) {
      this.#pending = this.#pending.filter((one) => one !== next);
      next.act();
    } else if (chargePointAtMs <= atMs) {
      this.#act({ kind: "deadline" });
    } else {
      this.#input({ kind: "deadline" });
    }
  }

  #later(delayMs: number, act: () => void): void {
    this.#pending.push({ atMs: this.#nowMs + delayMs, order: this.#order++, act });
  }

  /** An input of the Charge Point. */
  #act(input: ChargePointInput): void {
    for (const effect of this.#chargePoint.handle(input, this.#nowMs)) this.#carryOutChargePoint(effect);
  }

  #carryOutChargePoint(effect: ChargePointEffect): void {
    switch (effect.kind) {
      case "openLink":
        this.#wantsLink = true;
        this.#security = effect.security;
        return this.#later(LATENCY_MS, () => this.#connect());
      case "closeLink": {
        this.#wantsLink = false;
        const link = this.#chargePointLink;
        this.#chargePointLink = undefined;
        return this.#later(LATENCY_MS, () => {
          if (link === undefined || link !== this.#testerLink) return;
          this.#testerLink = undefined;
          this.#input({ kind: "linkDown" });
        });
      }
      case "send":
        return this.#chargePointSends(effect.text);
      case "job": {
        const { jobId, job } = effect;
        this.#work.push(
          this.#bench.do(job).then((result) => this.#act({ kind: "jobDone", jobId, result })),
        );
        return;
      }
    }
  }

  #chargePointSends(original: string): void {
    const { spoil } = this.#options;
    if (spoil === undefined) this.#frames.assertOfficial("chargePoint", original);
    const frames = spoil?.(original, ++this.#framesSent) ?? [{ text: original }];
    const link = this.#chargePointLink;
    for (const { text, delaySeconds = 0 } of frames) {
      this.#later(LATENCY_MS + delaySeconds * 1_000, () => {
        if (link !== undefined && link === this.#testerLink) this.#input({ kind: "frame", text });
      });
    }
  }

  #connect(): void {
    if (!this.#wantsLink || this.#chargePointLink !== undefined) return;
    // What TLS would not let come to be, nobody is asked about.
    if (this.#security.securityProfile >= 2 && this.#server.flaw !== undefined) {
      this.#act({ kind: "linkDown", cause: "invalidCertificate" });
      return this.#later(RECONNECT_MS, () => this.#connect());
    }
    const request = requestOf(this.#security);
    const effects = this.#run?.handle({ kind: "upgradeRequested", request }, this.#nowMs) ?? [];
    const isAccepted = effects.some((effect) => effect.kind === "upgrade" && effect.isAccepted);
    effects.forEach((effect) => this.#carryOutRun(effect));
    if (!isAccepted) {
      const refusal = effects.find((effect) => effect.kind === "upgrade");
      const isUnauthorized = refusal?.status === 401 || refusal?.status === 403;
      this.#act({ kind: "linkDown", cause: isUnauthorized ? "unauthorized" : "other" });
      return this.#later(RECONNECT_MS, () => this.#connect());
    }
    this.#chargePointLink = this.#testerLink = ++this.#lastLink;
    this.#input({ kind: "linkUp" });
    this.#act({ kind: "linkUp" });
  }

  /** An input of the run. */
  #input(input: RunInput): void {
    for (const effect of this.#run?.handle(input, this.#nowMs) ?? []) this.#carryOutRun(effect);
  }

  #carryOutRun(effect: RunEffect): void {
    switch (effect.kind) {
      case "send":
        // Its host takes no notice of what is no text.
        return effect.isBinary === true ? undefined : this.#testerSends(effect.text);
      case "closeLink": {
        const link = this.#testerLink;
        this.#testerLink = undefined;
        return this.#later(LATENCY_MS, () => {
          if (link === undefined || link !== this.#chargePointLink) return;
          this.#chargePointLink = undefined;
          this.#act({ kind: "linkDown", cause: "other" });
          this.#later(RECONNECT_MS, () => this.#connect());
        });
      }
      case "operator": {
        const { actionId, action } = effect;
        // Later, so that nothing that happens meanwhile comes before the rest of these effects.
        return this.#later(0, () => {
          this.#input({ kind: "operatorDone", actionId, outcome: { kind: "done" } });
          this.#act(inputOf(action));
        });
      }
      case "bench": {
        const { requestId, request } = effect;
        const { hasBench = true } = this.#options;
        const reply = hasBench ? this.#bench.get(request) : Promise.resolve(undefined);
        this.#work.push(
          reply.then((reply) => this.#input({ kind: "benchDone", requestId, reply })),
        );
        return;
      }
      case "listen":
        this.#server = effect.security;
        return;
      case "connect":
        assert.fail("a Charge Point is under test: it connects");
    }
  }

  #testerSends(text: string): void {
    if (this.#isNegative) this.#frames.letPass("centralSystem", text);
    else if (this.#options.spoil === undefined) this.#frames.assertOfficial("centralSystem", text);
    const link = this.#testerLink;
    this.#later(LATENCY_MS, () => {
      if (link !== undefined && link === this.#chargePointLink) this.#act({ kind: "frame", text });
    });
  }
}

/** Whether a case sends broken frames. */
export function isNegative({ id }: CaseDefinition): boolean {
  return id.startsWith("NEG_");
}

/** What a Charge Point shows when it connects; the TLS of it is as good as true. */
function requestOf({ securityProfile, authorizationKey, clientCertificate }: LinkSecurity): UpgradeRequest {
  const isBasic = (securityProfile === 1 || securityProfile === 2) && authorizationKey !== undefined;
  return {
    subprotocols: ["ocpp1.6"],
    ...(isBasic ? { credentials: { user: IDENTITY, passwordHex: authorizationKey.toUpperCase() } } : {}),
    ...(securityProfile < 2 ? {} : {
      tls: {
        version: "TLSv1.3",
        ...(clientCertificate === undefined ? {} : {
          // What is in it is read by those tests that have real sockets.
          clientCertificate: { commonName: IDENTITY, organization: "" },
        }),
      },
    }),
  };
}

/** What an operator's deed is for the core. */
function inputOf(action: OperatorAction): ChargePointInput {
  switch (action.kind) {
    case "sendCall":
    case "setIdTag":
      return assert.fail(`${action.kind} is for a Central System`);
    default:
      return action;
  }
}
