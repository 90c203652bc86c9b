import assert from "node:assert/strict";
import { ChargePoint } from "../../src/charge_point/charge_point.ts";
import type { ChargePointOptions } from "../../src/charge_point/contract.ts";
import { DURABLE_VERSION, type StoredState } from "../../src/charge_point/storage/durable.ts";
import { StoredStateError } from "../../src/charge_point/storage/stored_value.ts";
import { DESCRIPTION, ScriptedCentralSystem } from "../support/scripted_central_system.ts";

const OPTIONS: ChargePointOptions = {
  identity: "CP001",
  description: { ...DESCRIPTION, connectors: 2 },
  speed: 1,
  validation: "strict",
  seed: 99, // another one than the script's
  newUniqueId: () => "u",
};

/** A Charge Point with something in every section: a transaction that runs and one that waits offline. */
function busy(): ScriptedCentralSystem {
  const script = new ScriptedCentralSystem({
    description: { connectors: 2 },
    options: { serialNumber: "S1" },
    configuration: {
      AllowOfflineTxForUnknownId: "true",
      StopTxnSampledData: "SoC",
      MeterValueSampleInterval: "10",
    },
  });
  script.boot().charge(1).run(15);
  script.result("ChangeConfiguration", { key: "ConnectionTimeOut", value: "77" });
  script.result("ChangeAvailability", { connectorId: 2, type: "Inoperative" });
  script.result("ChangeAvailability", { connectorId: 2, type: "Operative" });
  return script.cut().charge(2, "TAG002").run(7);
}

/** As it comes out of a file. */
function stored(script: ScriptedCentralSystem): StoredState {
  return JSON.parse(JSON.stringify(script.chargePoint.durable()));
}

Deno.test("durable: what is stored and brought back is stored the same again", () => {
  const before = stored(busy());
  const after = new ChargePoint(OPTIONS, before);
  assert.deepEqual(JSON.parse(JSON.stringify(after.durable())), before);
  assert.deepEqual(Object.keys(before.sections).map((name) => name.replace(/\d+/, "n")).sort(), [
    ...["authorizationCache", "configuration", "connector/n", "connector/n", "connector/n", "device"],
    ...["isEmergencyStopped", "localList", "maintenance", "message/n", "message/n", "meteredAtSimulatedMs"],
    ...["scale"],
    ...["transaction/n", "transaction/n", "wasAccepted"],
  ]);
});

Deno.test("durable: the same device comes back, with its registers, transactions, keys and messages", () => {
  const script = busy();
  const after = new ChargePoint(OPTIONS, stored(script));
  assert.deepEqual(
    after.connectors.map(({ registerWh, isPlugged, transaction }) => ({
      registerWh,
      isPlugged,
      transaction,
    })),
    script.chargePoint.connectors.map(({ registerWh, isPlugged, transaction }) => ({
      ...{ registerWh, isPlugged, transaction },
    })),
  );
  assert.equal(after.queueLength, script.chargePoint.queueLength);
  assert.equal(after.configuration["ConnectionTimeOut"], "77");
  assert.deepEqual(after.durable().sections["device"], { seed: 1, serialNumber: "S1" });
});

Deno.test("durable: what is set when the program starts holds where nobody has set it since", () => {
  const before = stored(busy());
  const configuration = { ConnectionTimeOut: "5", MessageTimeout: "6" };
  const after = new ChargePoint({ ...OPTIONS, serialNumber: "S2", configuration }, before);
  assert.equal(after.configuration["ConnectionTimeOut"], "77");
  assert.equal(after.configuration["MessageTimeout"], "6");
  assert.deepEqual(after.durable().sections["device"], { seed: 1, serialNumber: "S2" });
});

Deno.test("durable: what has not changed is the same object: configuration and messages", () => {
  const script = busy();
  const before = script.chargePoint.durable().sections;
  script.run(1);
  const after = script.chargePoint.durable().sections;
  for (const name of Object.keys(before)) {
    if (name === "configuration" || name.startsWith("message/")) {
      assert.equal(after[name], before[name], name);
    }
  }
});

/** What is done to the sections, and the clause that says what is wrong. */
const DAMAGES: readonly (readonly [
  what: string,
  damage: (sections: Record<string, unknown>) => void,
  clause: RegExp,
])[] = [
  ["an unknown section", (it) => it["flux"] = {}, /it has flux, which is unknown here/],
  ["no device", (it) => delete it["device"], /device is no object/],
  ["an unknown key", (it) => it["configuration"] = { Flux: "1" }, /configuration\.Flux is unknown here/],
  ["a key with a number", (it) => it["configuration"] = { MessageTimeout: 1 }, /MessageTimeout is no text/],
  [
    "an unknown field",
    (it) => Object.assign(it["connector/1"]!, { flux: 1 }),
    /connector\/1\.flux is unknown/,
  ],
  [
    "a register below 0",
    (it) => Object.assign(it["connector/1"]!, { registerWh: -1 }),
    /registerWh is no amount/,
  ],
  [
    "a boolean that is none",
    (it) => Object.assign(it["connector/1"]!, { isPlugged: "yes" }),
    /isPlugged is no boolean/,
  ],
  [
    "a transaction that is missing",
    (it) => {
      for (const name of Object.keys(it)) if (name.startsWith("transaction/")) delete it[name];
    },
    /a transaction on connector 1, but no transaction\/\d+/,
  ],
  [
    "a message that would not be valid",
    (it) => {
      const name = Object.keys(it).find((name) => name.startsWith("message/"))!;
      it[name] = { ...it[name] as object, payload: {} };
    },
    /message\/\d+\.payload is no \w+\.req/,
  ],
  [
    "a message whose transaction is missing",
    (it) => {
      const name = Object.keys(it).findLast((name) => name.startsWith("message/"))!;
      it[name] = { ...it[name] as object, transactionKey: 99 };
    },
    /message\/\d+ belongs to transaction\/99, which is missing/,
  ],
  [
    "a start of no transaction",
    (it) => {
      const name = Object.keys(it).find((name) => name.startsWith("message/"))!;
      it[name] = { ...it[name] as object, transactionKey: undefined };
    },
    /message\/\d+ is a StartTransaction of no transaction/,
  ],
  [
    "a transaction that would never get an id",
    (it) => {
      for (const name of Object.keys(it)) if (name.startsWith("message/")) delete it[name];
    },
    /transaction\/\d+ has neither a transactionId nor a StartTransaction/,
  ],
  ["a connector that is a list", (it) => it["connector/1"] = [], /connector\/1 is no object/],
];

for (const [what, damage, clause] of DAMAGES) {
  Deno.test(`durable: ${what} is a StoredStateError that names it`, () => {
    const before = stored(busy());
    damage(before.sections as Record<string, unknown>);
    assert.throws(
      () => new ChargePoint(OPTIONS, before),
      (error) => error instanceof StoredStateError && clause.test(error.message),
    );
  });
}

Deno.test("durable: a newer version is refused", () => {
  const before = { ...stored(busy()), version: DURABLE_VERSION + 1 };
  assert.throws(() => new ChargePoint(OPTIONS, before), /its version 2 is newer than 1/);
});

Deno.test("durable: a transaction on a connector that is not there any more is refused", () => {
  const before = stored(busy());
  const description = { ...OPTIONS.description, connectors: 1 };
  assert.throws(
    () => new ChargePoint({ ...OPTIONS, description }, before),
    /connector 2, but no connector 2/,
  );
});
