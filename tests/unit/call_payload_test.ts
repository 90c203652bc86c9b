/**
 * The payload of `ocpp call` as it is typed: JSON, files, stdin, and pairs that the schema types.
 */
import assert from "node:assert/strict";
import { CALL_ACTIONS, guideOf } from "../../src/cli/call/action_guide.ts";
import { payloadOf } from "../../src/cli/call/payload.ts";
import { nearest } from "../../src/cli/nearest.ts";
import type { Action } from "../../src/ocpp/action.ts";
import { checkReq } from "../../src/ocpp/check.ts";
import { fieldsOfReq } from "../../src/ocpp/field.ts";

const NOW_MS = Date.UTC(2026, 0, 31, 12);

function typed(action: Action, ...args: string[]): Promise<unknown> {
  return payloadOf(args, fieldsOfReq(action), {
    nowMs: NOW_MS,
    readFile: (path) => path === "payload.json" ? `{"type":"Soft"}\n` : `text of ${path}\n`,
    readStdin: () => Promise.resolve(`{"type":"Hard"}`),
  });
}

/** Arguments and the payload that they are, of an Action. */
const PAIRS: readonly (readonly [action: Action, args: readonly string[], payload: unknown])[] = [
  ["Reset", [], {}],
  ["Reset", ["type=Soft"], { type: "Soft" }],
  ["UnlockConnector", ["connectorId=1"], { connectorId: 1 }],
  ["UnlockConnector", ["connectorId=-1"], { connectorId: -1 }],
  ["UnlockConnector", ["connectorId=one"], { connectorId: "one" }],
  ["UnlockConnector", ["connectorId="], { connectorId: "" }],
  ["UnlockConnector", ["connectorId=1.5"], { connectorId: 1.5 }],
  ["UnlockConnector", ["connectorId=9007199254740993"], { connectorId: "9007199254740993" }],
  // A text stays one, whatever it looks like.
  ["RemoteStartTransaction", ["idTag=0001", "connectorId=1"], { idTag: "0001", connectorId: 1 }],
  ["ChangeConfiguration", ["key=K", "value=a=b=c"], { key: "K", value: "a=b=c" }],
  ["DataTransfer", ["vendorId=v", 'data={"a":1}'], { vendorId: "v", data: '{"a":1}' }],
  ["DataTransfer", ["vendorId=@vendor.txt", "data=@@home"], {
    vendorId: "text of vendor.txt",
    data: "@home",
  }],
  // Lists.
  ["GetConfiguration", ["key=A"], { key: ["A"] }],
  ["GetConfiguration", ["key=A", "key=1"], { key: ["A", "1"] }],
  ["GetConfiguration", ['key=["A","B"]'], { key: ["A", "B"] }],
  ["GetConfiguration", ["key.1=B", "key.0=A"], { key: ["A", "B"] }],
  [
    "SendLocalList",
    ["localAuthorizationList[0].idTag=7", "localAuthorizationList.1.idTagInfo.status=Blocked"],
    { localAuthorizationList: [{ idTag: "7" }, { idTagInfo: { status: "Blocked" } }] },
  ],
  ["SendLocalList", ['localAuthorizationList=[{"idTag":"7"}]'], { localAuthorizationList: [{ idTag: "7" }] }],
  // Fields of fields.
  ["GetLog", ["log.remoteLocation=ftp://x", "requestId=3"], {
    log: { remoteLocation: "ftp://x" },
    requestId: 3,
  }],
  ["GetLog", ['log={"remoteLocation":"x"}'], { log: { remoteLocation: "x" } }],
  [
    "SetChargingProfile",
    ["csChargingProfiles.chargingSchedule.chargingSchedulePeriod.0.limit=8.1"],
    { csChargingProfiles: { chargingSchedule: { chargingSchedulePeriod: [{ limit: 8.1 }] } } },
  ],
  // Times.
  ["ReserveNow", ["expiryDate=now"], { expiryDate: "2026-01-31T12:00:00.000Z" }],
  ["ReserveNow", ["expiryDate=+90m"], { expiryDate: "2026-01-31T13:30:00.000Z" }],
  ["ReserveNow", ["expiryDate=-1d"], { expiryDate: "2026-01-30T12:00:00.000Z" }],
  ["ReserveNow", ["expiryDate=+999999999d"], { expiryDate: "+999999999d" }],
  ["ReserveNow", ["expiryDate=2027-01-01T00:00:00Z"], { expiryDate: "2027-01-01T00:00:00Z" }],
  // What no schema knows looks like what it is.
  ["Reset", ["why=3", "x.y=true", "z=text"], { why: 3, x: { y: true }, z: "text" }],
  // JSON.
  ["Reset", [`{"type":"Soft"}`], { type: "Soft" }],
  ["Reset", [`{"a":"b=c"}`], { a: "b=c" }],
  ["Reset", ["@payload.json"], { type: "Soft" }],
  ["Reset", ["-"], { type: "Hard" }],
  ["Reset", ["[]"], []],
];

for (const [action, args, payload] of PAIRS) {
  Deno.test(`payloadOf: ${action} ${args.join(" ")} is ${JSON.stringify(payload)}`, async () => {
    assert.deepEqual(await typed(action, ...args), payload);
  });
}

/** Arguments that are no payload, and what is said of them. */
const WRONG: readonly (readonly [action: Action, args: readonly string[], message: RegExp])[] = [
  ["Reset", ["Soft"], /cannot read the payload: it is no JSON \(.+\); wanted: a JSON object, or name=value/],
  ["Reset", ["type=Soft", "Hard"], /cannot read Hard as a part of the payload: it is no name=value/],
  ["Reset", ["["], /it is no JSON/],
  ["Reset", ["[".repeat(100) + "]".repeat(100)], /nested too deep/],
  ["Reset", ["type=Soft", "type=Hard"], /^type is given twice$/],
  ["GetLog", ["log={}", "log=x"], /^log is given twice$/],
  ["GetLog", ["log=text", "log.remoteLocation=x"], /contradicts/],
  ["GetConfiguration", ["key=[]", "key=A", "key=[]"], /^key is given twice$/],
  ["GetConfiguration", ["key.1=B"], /^key\.0 is missing: a list has items 0, 1, …/],
  ["GetConfiguration", ["key.5000=B"], /a list has items 0, 1, …, not 5000; write key\.0$/],
  [
    "SendLocalList",
    ["localAuthorizationList.idTag=7"],
    /a list has items 0, 1, …, not idTag; write localAuthorizationList\.0\.idTag$/,
  ],
];

for (const [action, args, message] of WRONG) {
  const shown = args.join(" ").slice(0, 60);
  Deno.test(`payloadOf: ${action} ${shown} is refused with what is wrong`, async () => {
    await assert.rejects(typed(action, ...args), { name: "UsageError", exitCode: 2, message });
  });
}

Deno.test("payloadOf: __proto__ is a name like any other", async () => {
  const payload = await typed("Reset", "__proto__.polluted=1", "constructor.x=2");
  assert.equal(JSON.stringify(payload), '{"__proto__":{"polluted":1},"constructor":{"x":2}}');
  assert.equal(({} as { polluted?: unknown }).polluted, undefined);
});

Deno.test("action_guide: all 26 Actions have a line and an example that fits its schema", async () => {
  assert.equal(CALL_ACTIONS.length, 26);
  for (const action of CALL_ACTIONS) {
    const guide = guideOf(action);
    assert.ok(guide !== undefined && guide.summary !== "", action);
    const checked = checkReq(action, await typed(action, ...guide.example));
    assert.deepEqual(checked.ok ? [] : checked.faults, [], action);
  }
});

Deno.test("fieldsOfReq: names, types, bounds and allowed values are those of the schema", () => {
  assert.deepEqual(fieldsOfReq("ClearCache"), []);
  assert.deepEqual(fieldsOfReq("Reset"), [
    { name: "type", required: true, type: { kind: "enumeration", values: ["Hard", "Soft"] } },
  ]);
  assert.deepEqual(fieldsOfReq("GetConfiguration"), [
    { name: "key", required: false, type: { kind: "array", item: { kind: "text", maxLength: 50 } } },
  ]);
  const [connectorId, profile] = fieldsOfReq("SetChargingProfile");
  assert.deepEqual(connectorId, { name: "connectorId", required: true, type: { kind: "integer" } });
  assert.ok(profile?.type.kind === "object");
  assert.deepEqual(profile.type.fields.find(({ name }) => name === "validFrom")?.type, { kind: "dateTime" });
});

Deno.test("nearest: a slip finds its name, whatever the case; something else finds nothing", () => {
  for (const slip of ["reset", "Rset", "Resett", "Reste", "RESET"]) {
    assert.equal(nearest(slip, CALL_ACTIONS), "Reset", slip);
  }
  assert.equal(nearest("UnlockConector", CALL_ACTIONS), "UnlockConnector");
  assert.equal(nearest("CP01", ["CP001", "CP002", "X"]), "CP001");
  assert.equal(nearest("Explode", CALL_ACTIONS), undefined);
  assert.equal(nearest("x".repeat(100_000), CALL_ACTIONS), undefined);
});
