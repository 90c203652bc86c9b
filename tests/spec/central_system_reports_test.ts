/**
 * What a Charge Point reports: MeterValues, StatusNotification, DataTransfer; and Actions that are not its to send.
 * Spec: OCPP 1.6 §4.3, §4.7, §4.9; OCPP-J 1.6 §4.2.3.
 */
import assert from "node:assert/strict";
import { RECENT_READINGS_MAX, type ReportAction } from "../../src/central_system/store.ts";
import { type Action, ACTIONS, maySend } from "../../src/ocpp/action.ts";
import { dateTimeOf } from "../../src/ocpp/date_time.ts";
import { fieldFaults } from "../../src/ocpp/field_rule.ts";
import type { Req } from "../../src/ocpp/registry.ts";
import { DECIDING_BEGINS_AT_MS, DecidingCentralSystem } from "../support/deciding_central_system.ts";

const NOW = dateTimeOf(DECIDING_BEGINS_AT_MS);

function booted(): DecidingCentralSystem {
  const system = new DecidingCentralSystem();
  for (const chargePoint of ["CP1", "CP2"]) system.boot({ chargePoint });
  return system;
}

// --- MeterValues ---------------------------------------------------------------------------------------------

function meterValues(changes: Partial<Req<"MeterValues">> = {}, value = "1000"): Req<"MeterValues"> {
  return { connectorId: 1, meterValue: [{ timestamp: NOW, sampledValue: [{ value }] }], ...changes };
}

/** Ids as sent, whatever they mean. */
for (
  const ids of [{}, { transactionId: 100 }, { transactionId: 0 }, { transactionId: -1 }, { connectorId: 0 }]
) {
  Deno.test(`§4.7 readings are stored with the ids as sent and answered: ${JSON.stringify(ids)}`, () => {
    const system = booted();
    assert.deepEqual(system.result("MeterValues", meterValues(ids), { uniqueId: "1" }), {});
    assert.deepEqual(system.store.readings, [{
      chargePoint: "CP1",
      uniqueId: "1",
      connectorId: 1,
      ...ids,
      receivedAtMs: DECIDING_BEGINS_AT_MS,
      readings: [{ timestamp: NOW, sampledValue: '[{"value":"1000"}]' }],
    }]);
  });
}

/** What differs from the readings before, and whether it is a repeat. */
const REPEATS: readonly {
  readonly what: string;
  readonly again: Req<"MeterValues">;
  readonly uniqueId: string;
  readonly chargePoint?: string;
  readonly isRepeat: boolean;
}[] = [
  { what: "same uniqueId and content", again: meterValues(), uniqueId: "1", isRepeat: true },
  { what: "another uniqueId", again: meterValues(), uniqueId: "2", isRepeat: false },
  { what: "same uniqueId, another value", again: meterValues({}, "2000"), uniqueId: "1", isRepeat: false },
  {
    what: "same uniqueId, another connector",
    again: meterValues({ connectorId: 2 }),
    uniqueId: "1",
    isRepeat: false,
  },
  {
    what: "same uniqueId, another transactionId",
    again: meterValues({ transactionId: 1 }),
    uniqueId: "1",
    isRepeat: false,
  },
  {
    what: "same uniqueId, more readings",
    again: meterValues({ meterValue: [...meterValues().meterValue, ...meterValues().meterValue] }),
    uniqueId: "1",
    isRepeat: false,
  },
  {
    what: "same uniqueId and content of another Charge Point",
    again: meterValues(),
    uniqueId: "1",
    chargePoint: "CP2",
    isRepeat: false,
  },
];

for (const { what, again, uniqueId, chargePoint = "CP1", isRepeat } of REPEATS) {
  Deno.test(`§4.7 ${what}: ${isRepeat ? "answered and not stored again" : "readings of their own"}`, () => {
    const system = booted();
    system.call("MeterValues", meterValues(), { uniqueId: "1" });
    system.boot(); // a boot makes nobody forget
    assert.deepEqual(system.result("MeterValues", again, { uniqueId, chargePoint }), {});
    assert.equal(system.store.readings.length, isRepeat ? 1 : 2);
  });
}

Deno.test(`§4.7 a repeat is known among the last ${RECENT_READINGS_MAX} readings`, () => {
  const system = booted();
  for (let id = 1; id <= RECENT_READINGS_MAX; id++) {
    system.call("MeterValues", meterValues({}, String(id)), { uniqueId: String(id) });
  }
  system.call("MeterValues", meterValues({}, "1"), { uniqueId: "1" });
  assert.equal(system.store.readings.length, RECENT_READINGS_MAX);
});

for (
  const [what, meterValue] of [["no reading", []], ["a reading without values", [{
    timestamp: NOW,
    sampledValue: [],
  }]]] as const
) {
  Deno.test(`§6.31, §7.33 ${what}: strict refuses it, tolerant answers and tells of it`, () => {
    const system = booted();
    const payload = { connectorId: 1, meterValue: [...meterValue] as never };
    const strict = system.call("MeterValues", payload, { validation: "strict" });
    assert.ok(strict.answer.kind === "error");
    assert.equal(strict.answer.errorCode, "OccurenceConstraintViolation");
    assert.deepEqual(strict.writes, []);
    const tolerant = system.call("MeterValues", payload, { validation: "tolerant", uniqueId: "odd" });
    assert.deepEqual(tolerant.answer, { kind: "result", payload: {} });
    const rules = tolerant.events.flatMap((event) => event.kind === "deviation" ? [event.rule] : []);
    assert.deepEqual(rules, ["fieldRule"]);
    assert.equal(system.store.readings.length, meterValue.length);
  });
}

// --- StatusNotification --------------------------------------------------------------------------------------

Deno.test("§4.9 the last status of each connector is kept with all that was said", () => {
  const system = booted();
  const status: Req<"StatusNotification"> = {
    connectorId: 1,
    status: "Faulted",
    errorCode: "OtherError",
    info: "door",
    vendorId: "com.example",
    vendorErrorCode: "D7",
    timestamp: dateTimeOf(DECIDING_BEGINS_AT_MS - 5_000),
  };
  assert.deepEqual(system.events("StatusNotification", status), [{
    kind: "statusReceived",
    chargePoint: "CP1",
    connectorId: 1,
    status: "Faulted",
    errorCode: "OtherError",
  }]);
  const { timestamp: _, ...said } = status;
  assert.deepEqual([...system.store.chargePoint("CP1")!.connectors], [[1, {
    ...said,
    statusAtMs: DECIDING_BEGINS_AT_MS - 5_000,
    receivedAtMs: DECIDING_BEGINS_AT_MS,
  }]]);
});

Deno.test("§6.47 a status without timestamp is of the time of receipt", () => {
  const system = booted();
  system.nowMs += 700;
  system.result("StatusNotification", { connectorId: 0, status: "Available", errorCode: "NoError" });
  assert.equal(system.store.chargePoint("CP1")!.connectors.get(0)!.statusAtMs, DECIDING_BEGINS_AT_MS + 700);
});

Deno.test("§4.9 any status may follow any other, and the last received is the current one", () => {
  const system = booted();
  const told = [
    ["Charging", NOW, []],
    ["Reserved", "2025-12-31T00:00:00Z", ["statusTransition"]], // told of, and kept all the same
  ] as const;
  for (const [status, timestamp, deviations] of told) {
    assert.deepEqual(
      system.deviations("StatusNotification", { connectorId: 1, status, errorCode: "NoError", timestamp }),
      deviations,
    );
  }
  assert.equal(system.store.chargePoint("CP1")!.connectors.get(1)!.status, "Reserved");
});

// --- rules of single fields ----------------------------------------------------------------------------------

const START = { connectorId: 1, idTag: "Tag1", meterStart: 0, timestamp: NOW };
const STATUS = { connectorId: 1, status: "Available", errorCode: "NoError" };

/** What breaks a rule that only the text states. */
const BROKEN: readonly (readonly [spec: string, action: Action, payload: unknown])[] = [
  ["§6.45 StartTransaction on connector 0", "StartTransaction", { ...START, connectorId: 0 }],
  ["§6.45 StartTransaction on connector -1", "StartTransaction", { ...START, connectorId: -1 }],
  ["§6.31 MeterValues of connector -1", "MeterValues", meterValues({ connectorId: -1 })],
  ["§6.47 StatusNotification of connector -1", "StatusNotification", { ...STATUS, connectorId: -1 }],
  [
    "§4.9 connector 0 is Charging",
    "StatusNotification",
    { ...STATUS, connectorId: 0, status: "Charging" },
  ],
];

for (const [spec, action, payload] of BROKEN) {
  Deno.test(`${spec}: strict PropertyConstraintViolation, tolerant answered with a deviation`, () => {
    const system = booted();
    const { answer, writes } = system.call(action, payload, { validation: "strict" });
    assert.deepEqual([answer.kind, writes], ["error", []]);
    assert.equal(system.outcome(action, payload, { validation: "strict" }), "PropertyConstraintViolation");
    const tolerated = system.call(action, payload, { validation: "tolerant" });
    assert.equal(tolerated.answer.kind, "result");
    assert.ok(tolerated.writes.length > 0);
    assert.deepEqual(tolerated.events.filter(({ kind }) => kind === "deviation").length, 1);
  });
}

/** The same rules for what a Central System sends. */
for (
  const [action, payload, holds] of [
    ["RemoteStartTransaction", { idTag: "T", connectorId: 0 }, false],
    ["RemoteStartTransaction", { idTag: "T", connectorId: 1 }, true],
    ["RemoteStartTransaction", { idTag: "T" }, true],
    ["UnlockConnector", { connectorId: 0 }, false],
    ["ChangeAvailability", { connectorId: 0, type: "Operative" }, true],
    ["ChangeAvailability", { connectorId: -1, type: "Operative" }, false],
    ["TriggerMessage", { requestedMessage: "Heartbeat", connectorId: 0 }, true],
    ["TriggerMessage", { requestedMessage: "Heartbeat", connectorId: -1 }, false],
  ] as const
) {
  Deno.test(`§6 ${action} ${JSON.stringify(payload)} ${holds ? "keeps" : "breaks"} the rule of its connectorId`, () => {
    assert.equal(fieldFaults(action, payload as never).length, holds ? 0 : 1);
  });
}

// --- firmware, diagnostics, log, security: kept as they came --------------------------------------------------------

const KEPT: readonly (readonly [spec: string, action: ReportAction, payload: unknown, conf: unknown])[] = [
  ["OCPP 1.6 §4.4", "DiagnosticsStatusNotification", { status: "Uploading" }, {}],
  ["OCPP 1.6 §4.5", "FirmwareStatusNotification", { status: "Installed" }, {}],
  ["Security §A", "LogStatusNotification", { status: "Uploaded", requestId: 7 }, {}],
  ["Security §A", "SecurityEventNotification", { type: "StartupOfTheDevice", timestamp: NOW }, {}],
  ["Security §A", "SecurityEventNotification", { type: "an event of the vendor's", timestamp: NOW }, {}],
  ["Security §L", "SignedFirmwareStatusNotification", { status: "Downloading", requestId: 7 }, {}],
  // There is no authority here that could sign: saying Accepted would promise a certificate.
  ["Security §A", "SignCertificate", { csr: "-----BEGIN CERTIFICATE REQUEST-----" }, { status: "Rejected" }],
];

for (const [spec, action, payload, conf] of KEPT) {
  Deno.test(`${spec} ${action} ${JSON.stringify(payload)} is kept and answered ${JSON.stringify(conf)}`, () => {
    const system = booted();
    assert.deepEqual(system.result(action, payload as Req<ReportAction>), conf);
    assert.deepEqual(system.store.reports, [
      { chargePoint: "CP1", action, payload, receivedAtMs: DECIDING_BEGINS_AT_MS },
    ]);
  });
}

Deno.test("Security §A SignCertificate is kept, and Accepted where there is an authority", () => {
  const system = new DecidingCentralSystem({ signsCertificates: true });
  system.boot();
  const payload = { csr: "-----BEGIN CERTIFICATE REQUEST-----" };
  assert.deepEqual(system.result("SignCertificate", payload), { status: "Accepted" });
  assert.deepEqual(system.store.reports.map(({ action }) => action), ["SignCertificate"]);
});

// --- DataTransfer, and Actions that are not a Charge Point's to send ----------------------------------------------

Deno.test("§4.3 DataTransfer of any vendor: UnknownVendorId, without data", () => {
  const system = booted();
  assert.deepEqual(system.result("DataTransfer", { vendorId: "com.example", messageId: "m", data: "{}" }), {
    status: "UnknownVendorId",
  });
});

for (const action of Object.keys(ACTIONS) as (keyof typeof ACTIONS)[]) {
  if (maySend("chargePoint", action)) continue;
  Deno.test(`OCPP-J §4.2.3 ${action} is known and not supported: NotSupported, whatever its payload`, () => {
    const system = booted();
    for (const payload of [{}, null, { type: "Soft" }]) {
      assert.equal(system.outcome(action, payload, { broken: "mostly" }), "NotSupported");
    }
  });
}

for (const action of ["Foo", "", "heartbeat", "HeartbeatRequest", "Heartbeat ", "toString", "__proto__"]) {
  Deno.test(`OCPP-J §4.2.3 ${JSON.stringify(action)} is no Action: NotImplemented`, () => {
    assert.equal(booted().outcome(action, {}, { broken: "no Action" }), "NotImplemented");
  });
}

Deno.test("§4 a Call is decided on its own Charge Point's record only", () => {
  const system = booted();
  system.call("StatusNotification", STATUS, { chargePoint: "CP2" });
  assert.equal(system.store.chargePoint("CP1")!.connectors.size, 0);
  assert.equal(system.store.chargePoint("CP2")!.connectors.size, 1);
});
