import assert from "node:assert/strict";
import fc from "fast-check";
import { ChargePoint } from "../../src/charge_point/charge_point.ts";
import type { ChargePointEffect, ChargePointInput } from "../../src/charge_point/contract.ts";
import type { Job } from "../../src/charge_point/job.ts";
import { callErrorText, callResultText, callText, parseFrame } from "../../src/ocpp/frame.ts";
import { ChargePointErrorCode } from "../../src/ocpp/types.ts";
import { PROPERTY_SEED } from "../support/arbitraries.ts";
import { ChargePointChecker } from "../support/charge_point_checker.ts";
import { assertOfficialPayload } from "../support/official_frames.ts";
import { BEGIN_AT_MS, DESCRIPTION } from "../support/scripted_central_system.ts";
import { type JobEnd, jobEnd, resultOf, workCall, workInput } from "../support/work_arbitraries.ts";

const CONNECTORS = 2;

/** One thing that happens to a Charge Point. */
type Step =
  | { readonly kind: "input"; readonly input: ChargePointInput }
  | { readonly kind: "link"; readonly isUp: boolean }
  /** From here on the Central System answers like this. */
  | { readonly kind: "mood"; readonly how: Answering }
  /** It answers the latest Call, whether it did before or not. */
  | { readonly kind: "answer" }
  | { readonly kind: "call"; readonly action: string; readonly payload: unknown }
  | { readonly kind: "text"; readonly text: string }
  /** The oldest job ends like this, or one that nobody waits for any more. */
  | { readonly kind: "jobEnd"; readonly end: JobEnd; readonly isLate: boolean }
  /** Time passes; `obeys` tells whether deadlines are kept on the way or all come late at the end. */
  | { readonly kind: "time"; readonly seconds: number; readonly obeys: boolean };

type Answering = "well" | "silent" | "refusing" | "pending" | "callError" | "invalid" | "twice";

const connectorId = fc.oneof(
  { weight: 6, arbitrary: fc.integer({ min: 1, max: CONNECTORS }) },
  { weight: 1, arbitrary: fc.integer({ min: -1, max: CONNECTORS + 1 }) },
);
const idTag = fc.constantFrom("TAG001", "TAG001", "TAG001", "tag001", "TAG002", "");

const input: fc.Arbitrary<ChargePointInput> = fc.oneof(
  {
    weight: 8,
    arbitrary: fc.record({
      kind: fc.constantFrom(
        ...["plugIn", "plugIn", "plugIn", "unplug", "evPause", "evResume", "clearFault"] as const,
      ),
      connectorId,
    }),
  },
  {
    weight: 8,
    arbitrary: fc.record({ kind: fc.constant("presentIdTag" as const), idTag, connectorId }),
  },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant("presentIdTag" as const), idTag }) },
  {
    weight: 1,
    arbitrary: fc.record({
      kind: fc.constant("fault" as const),
      connectorId,
      errorCode: fc.constantFrom("EVCommunicationError" as const, ...ChargePointErrorCode.options),
    }),
  },
  { weight: 1, arbitrary: fc.constantFrom({ kind: "powerOn" as const }, { kind: "deadline" as const }) },
);

const key = fc.constantFrom(
  ["MeterValueSampleInterval", "0", "1", "7"],
  ["StopTransactionOnEVSideDisconnect", "true", "false"],
  ["StopTransactionOnInvalidId", "true", "false"],
  ["AllowOfflineTxForUnknownId", "true", "TRUE", "false"],
  ["AuthorizeRemoteTxRequests", "true", "false"],
  ["ConnectionTimeOut", "1", "30", "0"],
  ["HeartbeatInterval", "1", "60"],
  ["TransactionMessageRetryInterval", "0", "5"],
  ["TransactionMessageAttempts", "1", "3"],
  ["MessageTimeout", "1", "30", "x"],
  ["StopTxnSampledData", "", "SoC,Voltage,Current.Import", "Noise"],
).chain(([name, ...values]) => fc.tuple(fc.constant(name), fc.constantFrom(...values)));

const call: fc.Arbitrary<readonly [action: string, payload: unknown]> = fc.oneof(
  fc.tuple(
    fc.constant("RemoteStartTransaction"),
    fc.oneof(fc.record({ connectorId, idTag }), fc.record({ idTag })),
  ),
  fc.tuple(
    fc.constant("RemoteStopTransaction"),
    fc.record({ transactionId: fc.integer({ min: -1, max: 8 }) }),
  ),
  fc.tuple(fc.constant("Reset"), fc.record({ type: fc.constantFrom("Soft", "Hard") })),
  fc.tuple(
    fc.constant("ChangeAvailability"),
    fc.record({ connectorId, type: fc.constantFrom("Operative", "Inoperative") }),
  ),
  fc.tuple(
    fc.constant("TriggerMessage"),
    fc.oneof(
      fc.record({ requestedMessage: trigger(), connectorId }),
      fc.record({ requestedMessage: trigger() }),
    ),
  ),
  fc.tuple(fc.constant("ChangeConfiguration"), key.map(([name, value]) => ({ key: name, value }))),
  fc.tuple(fc.constant("GetConfiguration"), fc.constantFrom({}, { key: ["heartbeatinterval", "None"] })),
  fc.tuple(
    fc.constantFrom("UnlockConnector", "SetChargingProfile", "BootNotification", "Nothing", "__proto__"),
    fc.oneof(fc.record({ connectorId }), fc.jsonValue()),
  ),
);

function trigger(): fc.Arbitrary<string> {
  return fc.constantFrom("BootNotification", "Heartbeat", "MeterValues", "StatusNotification", "Nonsense");
}

const mood: fc.Arbitrary<Step> = fc.record({
  kind: fc.constant("mood" as const),
  how: fc.oneof(
    { weight: 6, arbitrary: fc.constant<Answering>("well") },
    {
      weight: 5,
      arbitrary: fc.constantFrom<Answering[]>(
        "silent",
        "refusing",
        "pending",
        "callError",
        "invalid",
        "twice",
      ),
    },
  ),
});

const time: fc.Arbitrary<Step> = fc.record({
  kind: fc.constant("time" as const),
  seconds: fc.oneof(
    { weight: 6, arbitrary: fc.integer({ min: 0, max: 20 }) },
    { weight: 1, arbitrary: fc.integer({ min: 0, max: 3_000 }) },
  ),
  obeys: fc.boolean(),
});

const text: fc.Arbitrary<Step> = fc.oneof(
  fc.string(),
  fc.json(),
  fc.array(fc.jsonValue(), { maxLength: 6 }).map((items) => JSON.stringify([items.length % 5, ...items])),
).map((text) => ({ kind: "text", text }));

const step: fc.Arbitrary<Step> = fc.oneof(
  { weight: 20, arbitrary: input.map((input): Step => ({ kind: "input", input })) },
  { weight: 6, arbitrary: call.map(([action, payload]): Step => ({ kind: "call", action, payload })) },
  { weight: 4, arbitrary: workCall.map(([action, payload]): Step => ({ kind: "call", action, payload })) },
  { weight: 1, arbitrary: workInput.map((input): Step => ({ kind: "input", input })) },
  {
    weight: 4,
    arbitrary: fc.record({ kind: fc.constant("jobEnd" as const), end: jobEnd, isLate: fc.boolean() }),
  },
  { weight: 6, arbitrary: time },
  { weight: 3, arbitrary: mood },
  { weight: 2, arbitrary: fc.boolean().map((isUp): Step => ({ kind: "link", isUp })) },
  { weight: 1, arbitrary: fc.constant<Step>({ kind: "answer" }) },
  { weight: 1, arbitrary: text },
);

/** Mostly work: transfers, certificates, security. */
const workStep: fc.Arbitrary<Step> = fc.oneof(
  { weight: 8, arbitrary: workCall.map(([action, payload]): Step => ({ kind: "call", action, payload })) },
  {
    weight: 10,
    arbitrary: fc.record({
      kind: fc.constant("jobEnd" as const),
      end: jobEnd,
      isLate: fc.oneof({ weight: 9, arbitrary: fc.constant(false) }, fc.constant(true)),
    }),
  },
  { weight: 4, arbitrary: time },
  { weight: 1, arbitrary: workInput.map((input): Step => ({ kind: "input", input })) },
  { weight: 1, arbitrary: input.map((input): Step => ({ kind: "input", input })) },
  { weight: 1, arbitrary: mood },
  { weight: 1, arbitrary: fc.boolean().map((isUp): Step => ({ kind: "link", isUp })) },
);

/** Deadlines that may be kept in one stretch of time before it counts as a busy loop. */
const DEADLINES_MAX = 200_000;

/** A Charge Point to which steps happen, with the checker looking on. */
class Ordeal {
  readonly chargePoint: ChargePoint;
  readonly #checker: ChargePointChecker;
  #nowMs = BEGIN_AT_MS;
  #isLinkUp = false;
  #isWanted = false;
  #isReachable = true;
  #jobs: { readonly jobId: number; readonly job: Job }[] = [];
  #lateJob: { readonly jobId: number; readonly job: Job } | undefined;
  #mood: Answering = "well";
  #lastCall: { uniqueId: string; action: string } | undefined;
  #transactionId = 0;
  #id = 0;

  constructor(speed: number) {
    this.chargePoint = new ChargePoint({
      identity: "CP",
      description: { ...DESCRIPTION, connectors: CONNECTORS },
      configuration: { MeterValueSampleInterval: "10", CpoName: "Example" },
      speed,
      validation: "strict",
      seed: 7,
      newUniqueId: () => `u${++this.#id}`,
    });
    this.#checker = new ChargePointChecker(this.chargePoint);
    this.#input({ kind: "powerOn" });
  }

  take(step: Step): void {
    switch (step.kind) {
      case "input":
        return this.#input(step.input);
      case "link":
        this.#isReachable = step.isUp;
        return this.#setLink(step.isUp);
      case "mood":
        this.#mood = step.how;
        return this.#answer();
      case "answer":
        return this.#answer();
      case "call":
        return this.#text(callText({ uniqueId: `c${++this.#id}`, ...step }));
      case "text":
        return this.#text(step.text);
      case "jobEnd":
        return this.#endJob(step);
      case "time":
        return this.#pass(step);
    }
  }

  #input(input: ChargePointInput): void {
    const effects: readonly ChargePointEffect[] = this.chargePoint.handle(input, this.#nowMs);
    this.#checker.check(effects, this.#nowMs);
    let isAsked = false;
    for (const effect of effects) {
      if (effect.kind === "openLink") this.#isWanted = true;
      if (effect.kind === "closeLink") this.#isWanted = this.#isLinkUp = false;
      if (effect.kind === "job") this.#jobs.push(effect);
      if (effect.kind === "cancelJob") this.#cancelJob(effect.jobId);
      if (effect.kind !== "send") continue;
      const parsed = parseFrame(effect.text);
      if (!parsed.ok || parsed.frame.kind !== "call") continue;
      this.#lastCall = parsed.frame;
      isAsked = true;
    }
    if (isAsked) this.#answer();
    if (this.#isReachable) this.#setLink(true);
  }

  #cancelJob(jobId: number): void {
    const cancelled = this.#jobs.find((one) => one.jobId === jobId);
    assert.ok(cancelled !== undefined, `job ${jobId} is cancelled, but not under way`);
    this.#jobs = this.#jobs.filter((one) => one !== cancelled);
    this.#lateJob = cancelled;
  }

  #endJob({ end, isLate }: Extract<Step, { kind: "jobEnd" }>): void {
    const ended = isLate ? this.#lateJob : this.#jobs.shift();
    if (ended === undefined) return;
    this.#input({ kind: "jobDone", jobId: ended.jobId, result: resultOf(ended.job, end) });
  }

  #text(text: string): void {
    if (!this.#isLinkUp) return;
    this.#checker.received(text);
    this.#input({ kind: "frame", text });
  }

  #setLink(isUp: boolean): void {
    if (isUp === this.#isLinkUp || (isUp && !this.#isWanted)) return;
    this.#isLinkUp = isUp;
    this.#checker.link(isUp);
    this.#input({ kind: isUp ? "linkUp" : "linkDown" });
  }

  #answer(): void {
    const how = this.#mood;
    if (this.#lastCall === undefined || how === "silent") return;
    const { uniqueId, action } = this.#lastCall;
    if (how === "callError") {
      return this.#text(callErrorText({ uniqueId, errorCode: "InternalError", errorDescription: "" }));
    }
    const payload = how === "invalid" ? { status: 1 } : this.#payload(action, how);
    if (how !== "invalid") assertOfficialPayload(action, "conf", payload);
    this.#text(callResultText({ uniqueId, payload }));
    if (how === "twice") this.#text(callResultText({ uniqueId, payload }));
  }

  #payload(action: string, how: Answering): unknown {
    const currentTime = new Date(this.#nowMs).toISOString();
    const idTagInfo = { status: how === "refusing" ? "Invalid" : "Accepted", parentIdTag: "GROUP" };
    switch (action) {
      case "BootNotification":
        return {
          status: how === "refusing" ? "Rejected" : how === "pending" ? "Pending" : "Accepted",
          currentTime,
          interval: 30,
        };
      case "Heartbeat":
        return { currentTime };
      case "Authorize":
        return { idTagInfo };
      case "StartTransaction":
        return { idTagInfo, transactionId: ++this.#transactionId };
      case "SignCertificate":
        return { status: how === "refusing" ? "Rejected" : "Accepted" };
      default:
        return {};
    }
  }

  #pass({ seconds, obeys }: { seconds: number; obeys: boolean }): void {
    const untilMs = this.#nowMs + seconds * 1_000;
    let deadlines = 0;
    while (obeys && this.chargePoint.deadlineMs() <= untilMs) {
      const deadlineMs = this.chargePoint.deadlineMs();
      this.#nowMs = Math.max(this.#nowMs, deadlineMs);
      this.#input({ kind: "deadline" });
      const nextMs = this.chargePoint.deadlineMs();
      assert.ok(nextMs > this.#nowMs, `the deadline ${nextMs - this.#nowMs} ms from now is not met`);
      assert.ok(++deadlines < DEADLINES_MAX, "too many deadlines");
    }
    this.#nowMs = Math.max(this.#nowMs, untilMs);
    this.#input({ kind: "deadline" });
  }
}

Deno.test("ChargePoint keeps its rules whatever happens to it", () => {
  fc.assert(
    fc.property(
      fc.constantFrom(1, 1, 60),
      fc.array(step, { minLength: 20, maxLength: 120, size: "max" }),
      (speed, steps) => {
        const ordeal = new Ordeal(speed);
        for (const one of steps) ordeal.take(one);
      },
    ),
    { numRuns: 300, seed: PROPERTY_SEED },
  );
});

Deno.test("ChargePoint keeps its rules whatever becomes of files, certificates and links", () => {
  fc.assert(
    fc.property(fc.array(workStep, { minLength: 20, maxLength: 120, size: "max" }), (steps) => {
      const ordeal = new Ordeal(1);
      for (const one of steps) ordeal.take(one);
    }),
    { numRuns: 150, seed: PROPERTY_SEED },
  );
});

Deno.test("ChargePoint takes any text from the wire without harm", () => {
  fc.assert(
    fc.property(
      fc.array(fc.oneof(fc.string(), fc.json(), fc.string({ unit: "binary" })), { maxLength: 20 }),
      (texts) => {
        const ordeal = new Ordeal(1);
        for (const text of texts) ordeal.take({ kind: "text", text });
      },
    ),
    { numRuns: 200, seed: PROPERTY_SEED },
  );
});
