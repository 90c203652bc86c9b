/**
 * Strict validation refuses whatever breaks a schema, with the code of its fault; tolerant validation answers what
 * can be repaired and names the rule.
 *
 * Spec: OCPP-J 1.6 §4.2.3. Every Action that a Charge Point may send, every field, every way to break it.
 */
import assert from "node:assert/strict";
import { notesOf } from "../../src/central_system/deviation.ts";
import { type Action, ACTIONS, maySend } from "../../src/ocpp/action.ts";
import { checkReq } from "../../src/ocpp/check.ts";
import type { Req } from "../../src/ocpp/registry.ts";
import { REPAIR_RULES } from "../../src/ocpp/repair_rule.ts";
import { brokenVariants } from "../support/broken_variants.ts";
import { DecidingCentralSystem } from "../support/deciding_central_system.ts";
import { ScriptedCentralSystem } from "../support/scripted_central_system.ts";

const AT = "2026-01-01T12:00:00Z";
const METER_VALUE: Req<"MeterValues">["meterValue"][number] = {
  timestamp: AT,
  sampledValue: [{
    value: "1",
    context: "Trigger",
    format: "Raw",
    measurand: "Energy.Active.Import.Register",
    phase: "L1",
    location: "Outlet",
    unit: "Wh",
  }],
};

type FromChargePoint = { readonly [A in Action]?: Req<A> };

/** A payload with every field, for each Action. */
const VALID: FromChargePoint = {
  Authorize: { idTag: "TAG" },
  BootNotification: {
    chargePointVendor: "V",
    chargePointModel: "M",
    chargePointSerialNumber: "1",
    chargeBoxSerialNumber: "2",
    firmwareVersion: "3",
    iccid: "4",
    imsi: "5",
    meterType: "6",
    meterSerialNumber: "7",
  },
  DataTransfer: { vendorId: "V", messageId: "M", data: "D" },
  DiagnosticsStatusNotification: { status: "Uploaded" },
  FirmwareStatusNotification: { status: "Installed" },
  Heartbeat: {},
  LogStatusNotification: { status: "Uploaded", requestId: 1 },
  MeterValues: { connectorId: 1, transactionId: 1, meterValue: [METER_VALUE] },
  SecurityEventNotification: { type: "Event", timestamp: AT, techInfo: "info" },
  SignCertificate: { csr: "csr" },
  SignedFirmwareStatusNotification: { status: "Installed", requestId: 1 },
  StartTransaction: { connectorId: 1, idTag: "TAG", meterStart: 0, reservationId: 1, timestamp: AT },
  StatusNotification: {
    connectorId: 1,
    errorCode: "NoError",
    info: "info",
    status: "Available",
    timestamp: AT,
    vendorId: "V",
    vendorErrorCode: "E",
  },
  StopTransaction: {
    idTag: "TAG",
    meterStop: 1,
    timestamp: AT,
    transactionId: 1,
    reason: "Local",
    transactionData: [METER_VALUE],
  },
};

const REPAIRS: ReadonlySet<string> = new Set(REPAIR_RULES.map(({ rule }) => rule));

Deno.test("there is a payload for every Action that a Charge Point may send", () => {
  const actions = (Object.keys(ACTIONS) as Action[]).filter((action) => maySend("chargePoint", action));
  assert.deepEqual(Object.keys(VALID).toSorted(), actions.toSorted());
});

for (const [action, valid] of Object.entries(VALID) as [Action, Req<Action>][]) {
  Deno.test(`${action}: valid, it is answered strictly and tolerantly, and nothing is repaired`, () => {
    assert.ok(checkReq(action, valid).ok);
    for (const validation of ["strict", "tolerant"] as const) {
      const system = new DecidingCentralSystem();
      system.boot();
      const { answer, events } = system.call(action, valid, { validation });
      assert.equal(answer.kind, "result");
      assert.deepEqual((notesOf(events) ?? []).filter(({ rule }) => REPAIRS.has(rule)), []);
    }
  });

  for (const { what, payload, code, rules } of brokenVariants(action, valid)) {
    const outcome = rules === "refused" ? `${code} in both` : `${code}, or ${rules.join(" and ")}`;
    Deno.test(`${action}: ${what}: ${outcome}`, () => {
      const system = new DecidingCentralSystem();
      system.boot();
      const strict = system.call(action, payload, { validation: "strict", broken: what });
      assert.ok(strict.answer.kind === "error");
      assert.equal(strict.answer.errorCode, code);
      assert.deepEqual([strict.writes, strict.events], [[], []]);

      const tolerant = system.call(action, payload, {
        validation: "tolerant",
        uniqueId: "odd",
        broken: what,
      });
      if (rules === "refused") {
        assert.ok(tolerant.answer.kind === "error", JSON.stringify(tolerant.answer));
        return;
      }
      assert.equal(tolerant.answer.kind, "result", JSON.stringify(tolerant.answer));
      const repairs = tolerant.events.filter((event) =>
        event.kind === "deviation" && REPAIRS.has(event.rule)
      );
      assert.deepEqual(repairs.map((event) => event.kind === "deviation" && event.rule), rules);
      for (const repair of repairs) {
        assert.ok(repair.kind === "deviation");
        assert.deepEqual(repair.exchange, { action, uniqueId: "odd" });
        assert.ok(repair.detail !== "" && /§/.test(repair.spec));
      }
    });
  }
}

// --- the Charge Point ----------------------------------------------------------------------------------------

const ODD_START = { invalid: { idTagInfo: { status: "accepted" }, transactionId: "7", extra: 1 } };

Deno.test("tolerant, §4.8 a StartTransaction.conf that can be repaired uses up no attempts", () => {
  const system = new ScriptedCentralSystem({
    options: { validation: "tolerant" },
    answers: { StartTransaction: () => ODD_START },
  });
  system.boot().charge();
  assert.equal(system.seen("StartTransaction").length, 1);
  assert.equal(system.chargePoint.connectors[0]?.transaction?.transactionId, 7);
  assert.deepEqual(
    system.events("deviation").map(({ action, rule, path }) => [action, rule, path]),
    [
      ["StartTransaction", "wrongCase", "idTagInfo.status"],
      ["StartTransaction", "numberAsString", "transactionId"],
      ["StartTransaction", "extraField", "extra"],
    ],
  );
});

Deno.test("strict, §4.8 the same StartTransaction.conf is an invalid answer, and no deviation", () => {
  const system = new ScriptedCentralSystem({ answers: { StartTransaction: () => ODD_START } });
  system.boot().charge();
  assert.ok(system.events("callFailed").some(({ reason }) => reason === "invalidAnswer"));
  assert.deepEqual(system.events("deviation"), []);
});

Deno.test("tolerant: a Call of the Central System is repaired, answered, and told as a deviation", () => {
  const system = new ScriptedCentralSystem({ options: { validation: "tolerant" } }).boot();
  const answer = system.callRaw("ChangeConfiguration", { key: "HeartbeatInterval", value: 60 });
  assert.deepEqual(answer.kind === "callResult" && answer.payload, { status: "Accepted" });
  assert.equal(system.chargePoint.configuration["HeartbeatInterval"], "60");
  assert.deepEqual(system.events("deviation"), [{
    kind: "deviation",
    uniqueId: answer.uniqueId,
    action: "ChangeConfiguration",
    rule: "stringAsNumber",
    path: "value",
    detail: "its digits are the text",
    spec: "OCPP 1.6 §6",
  }]);
});

Deno.test("strict: the same Call is refused with TypeConstraintViolation", () => {
  const system = new ScriptedCentralSystem().boot();
  const answer = system.callRaw("ChangeConfiguration", { key: "HeartbeatInterval", value: 60 });
  assert.equal(answer.kind === "callError" && answer.errorCode, "TypeConstraintViolation");
});
