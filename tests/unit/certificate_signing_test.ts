/**
 * What follows an accepted SignCertificate: how many are signed at a time, and what the operator is told.
 */
import assert from "node:assert/strict";
import type { Command, CommandOutcome } from "../../src/central_system/commands.ts";
import type { CentralSystemEvent, Decision, ReceivedCall } from "../../src/central_system/decision.ts";
import type { ChargePointRecord } from "../../src/central_system/store.ts";
import type { SigningOrder, SigningOutcome } from "../../src/runtime/certificate_authority.ts";
import {
  CertificateSigning,
  SIGNING_AT_ONCE_MAX,
  SIGNING_WAITING_MAX,
} from "../../src/runtime/certificate_signing.ts";
import { VirtualClock } from "../support/virtual_clock.ts";
import { Happenings } from "../support/within.ts";

/** An authority that signs when the test says so. */
class Scene extends Happenings {
  readonly orders: {
    order: SigningOrder;
    end: (outcome: SigningOutcome) => void;
    fail: (e: Error) => void;
  }[] = [];
  readonly calls: { identity: string; command: Command }[] = [];
  readonly events: CentralSystemEvent[] = [];
  readonly records = new Map<string, Partial<ChargePointRecord>>();
  outcome: CommandOutcome = { kind: "result", payload: { status: "Accepted" } };
  readonly signing = new CertificateSigning({
    authority: {
      sign: (order) => {
        const { promise, resolve, reject } = Promise.withResolvers<SigningOutcome>();
        this.orders.push({ order, end: resolve, fail: reject });
        this.happened();
        return promise;
      },
    },
    settings: { cpoName: "CPO", callTimeoutMs: 1_000 },
    clock: new VirtualClock({ nowMs: 17 }),
    recordOf: (identity) => this.records.get(identity) as ChargePointRecord | undefined,
    call: (identity, command) => {
      this.calls.push({ identity, command });
      return Promise.resolve(this.outcome);
    },
    tell: (event) => {
      this.events.push(event);
      this.happened();
    },
  });

  asks(chargePoint: string, csr = "a CSR", status: "Accepted" | "Rejected" = "Accepted"): void {
    const call: ReceivedCall = {
      chargePoint,
      uniqueId: "1",
      body: { ok: true, action: "SignCertificate", payload: { csr } },
      receivedAtMs: 0,
      triggered: false,
      validation: "strict",
    };
    const decision: Decision = { answer: { kind: "result", payload: { status } }, writes: [], events: [] };
    this.signing.onAnswered(call, decision);
  }

  ordered(count: number): Promise<void> {
    return this.until(() => this.orders.length === count, `${count} orders`);
  }

  told(count: number): Promise<void> {
    return this.until(() => this.events.length === count, `${count} events`);
  }
}

const SIGNED: SigningOutcome = { ok: true, certificateChain: "a chain", serialNumber: "1a" };

Deno.test("the CN is the record's certificate serial number, else the identity; the outcome is told", async () => {
  const scene = new Scene();
  scene.records.set("CP1", { certificateSerialNumber: "SN-1" });
  scene.asks("CP1", "csr 1");
  scene.asks("CP2", "csr 2");
  await scene.ordered(2);
  assert.deepEqual(scene.orders.map(({ order }) => order), [
    { csr: "csr 1", commonName: "SN-1", organization: "CPO", nowMs: 17 },
    { csr: "csr 2", commonName: "CP2", organization: "CPO", nowMs: 17 },
  ]);
  scene.orders[0]!.end(SIGNED);
  await scene.told(1);
  assert.deepEqual(scene.calls, [{
    identity: "CP1",
    command: {
      action: "CertificateSigned",
      payload: { certificateChain: "a chain" },
      timeoutMs: 1_000,
      validate: true,
    },
  }]);
  const about = { kind: "certificateSigned", chargePoint: "CP1", commonName: "SN-1", serialNumber: "1a" };
  assert.deepEqual(scene.events, [{ ...about, outcome: "Accepted" }]);
});

Deno.test("what is not signed is followed by no Call, and told with the reason", async () => {
  const scene = new Scene();
  scene.asks("CP1");
  scene.asks("CP2");
  scene.asks("CP3", "a CSR", "Rejected");
  await scene.ordered(2);
  scene.orders[0]!.end({ ok: false, reason: "the CSR cannot be read" });
  scene.orders[1]!.fail(new Error("no entropy"));
  await scene.told(2);
  assert.deepEqual(scene.events, [
    { kind: "certificateNotSigned", chargePoint: "CP1", reason: "the CSR cannot be read" },
    { kind: "certificateNotSigned", chargePoint: "CP2", reason: "no entropy" },
  ]);
  assert.deepEqual(scene.calls, []);
});

Deno.test("a certificate that does not arrive, or is refused, is told as such", async () => {
  const rows: readonly (readonly [CommandOutcome, string])[] = [
    [{ kind: "result", payload: { status: "Rejected" } }, "Rejected"],
    [{ kind: "notConnected" }, "notConnected"],
    [{ kind: "timeout" }, "timeout"],
    [{ kind: "error", errorCode: "NotSupported", errorDescription: "", errorDetails: {} }, "NotSupported"],
  ];
  for (const [outcome, text] of rows) {
    const scene = new Scene();
    scene.outcome = outcome;
    scene.asks("CP1");
    await scene.ordered(1);
    scene.orders[0]!.end(SIGNED);
    await scene.told(1);
    assert.equal((scene.events[0] as { outcome?: string }).outcome, text);
  }
});

Deno.test("so many are signed at a time; of one Charge Point only the latest waits", async () => {
  const scene = new Scene();
  for (let number = 1; number <= SIGNING_AT_ONCE_MAX; number++) scene.asks(`CP${number}`);
  scene.asks("CPX", "the first");
  scene.asks("CPX", "the second");
  scene.asks("CPY");
  await scene.ordered(SIGNING_AT_ONCE_MAX);
  scene.orders[0]!.end(SIGNED);
  await scene.ordered(SIGNING_AT_ONCE_MAX + 1);
  assert.equal(scene.orders.at(-1)!.order.csr, "the second");
  scene.orders[1]!.end(SIGNED);
  await scene.ordered(SIGNING_AT_ONCE_MAX + 2);
  assert.equal(scene.orders.at(-1)!.order.commonName, "CPY");
});

Deno.test("beyond so many that wait one is given up, and the operator is told", async () => {
  const scene = new Scene();
  for (let number = 0; number < SIGNING_AT_ONCE_MAX + SIGNING_WAITING_MAX; number++) {
    scene.asks(`CP${number}`);
  }
  assert.deepEqual(scene.events, []);
  scene.asks("CPX");
  await scene.told(1);
  assert.deepEqual(scene.events, [{
    kind: "certificateNotSigned",
    chargePoint: "CPX",
    reason: `${SIGNING_WAITING_MAX} others wait for theirs`,
  }]);
});
