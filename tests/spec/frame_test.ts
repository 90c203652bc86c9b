/**
 * Whatever a peer puts on the wire: what it is read as, and what each role does about it.
 *
 * Only what was meant as a Call and has a uniqueId can be answered; the rest is ignored and noted. Nothing closes
 * a connection but a text beyond the bound.
 * Spec: OCPP-J 1.6 §4.1, §4.2; `ocpp-1.6.md` §1.2, §1.4.
 */
import assert from "node:assert/strict";
import { IGNORED_TEXT_MAX } from "../../src/charge_point/incoming_frame.ts";
import { FRAME_BYTES_MAX, parseFrame, UNIQUE_ID_MAX_LENGTH } from "../../src/ocpp/frame.ts";
import { JSON_DEPTH_MAX } from "../../src/ocpp/json.ts";
import { FRAME_TEXT_MAX } from "../../src/runtime/frame_log.ts";
import { MemoryCentralSystem } from "../support/memory_central_system.ts";
import { ScriptedCentralSystem } from "../support/scripted_central_system.ts";

interface Row {
  readonly what: string;
  readonly text: string;
  /** The kind of frame or fault. */
  readonly readAs: string;
  /** What a Central System does: `ignored`, `closed 1009`, `answered`, or the code of its CALLERROR. */
  readonly centralSystem: string;
  /** What a Charge Point does; where absent, the same. */
  readonly chargePoint?: string;
}

const longId = "i".repeat(UNIQUE_ID_MAX_LENGTH + 1);
const deep = (depth: number) => "[".repeat(depth) + "]".repeat(depth);
const ignored = (what: string, text: string, readAs: string): Row => (
  { what, text, readAs, centralSystem: "ignored" }
);
const refused = (what: string, text: string, centralSystem: string, chargePoint = centralSystem): Row => (
  { what, text, readAs: "call", centralSystem, chargePoint }
);
const notACall = (what: string, text: string): Row => (
  { what, text, readAs: "notACall", centralSystem: "FormationViolation" }
);
/** A Call that either role takes; `field` is what stands in the DataTransfer besides its vendorId. */
const transfer = (field: string) => `[2,"1","DataTransfer",{"vendorId":"V"${field}}]`;
const taken = (what: string, text: string): Row => (
  { what, text, readAs: "call", centralSystem: "answered" }
);

const ROWS: readonly Row[] = [
  // texts that are no JSON array
  ignored("empty", "", "empty"),
  ignored("whitespace", " \r\n\t", "empty"),
  ignored("NUL", "\u0000", "notJson"),
  ignored("a byte order mark before a Call", '\ufeff[2,"1","Heartbeat",{}]', "notJson"),
  ignored("a Call and a NUL", '[2,"1","Heartbeat",{}]\u0000', "notJson"),
  ignored("two Calls in a text", '[2,"1","Heartbeat",{}][2,"2","Heartbeat",{}]', "notJson"),
  ignored("a Call that breaks off", '[2,"1","Heartbeat",{}', "notJson"),
  ignored("a trailing comma", '[2,"1","Heartbeat",{},]', "notJson"),
  ignored("a literal that is none", '[2,"1","Heartbeat",NaN]', "notJson"),
  ignored("an object", '{"2":"Heartbeat"}', "notAnArray"),
  ignored("a text in quotes", '"[2]"', "notAnArray"),
  // bounds
  ignored("half a million brackets", deep(500_000), "tooDeep"),
  ignored("half a million brackets that stay open", "[".repeat(500_000), "notJson"),
  ignored(
    "a payload nested too deep",
    `[2,"1","DataTransfer",{"vendorId":"V","data":${deep(JSON_DEPTH_MAX - 1)}}]`,
    "tooDeep",
  ),
  refused(
    "a payload nested as deep as is read",
    `[2,"1","DataTransfer",{"vendorId":"V","data":${deep(JSON_DEPTH_MAX - 2)}}]`,
    "TypeConstraintViolation",
  ),
  {
    what: "a text beyond the bound",
    text: `[2,"1","DataTransfer",{"vendorId":"V","data":"${"x".repeat(FRAME_BYTES_MAX)}"}]`,
    readAs: "tooLarge",
    centralSystem: "closed 1009",
    chargePoint: "ignored",
  },
  {
    what: "a text beyond the bound only in UTF-8",
    text: `[2,"1","DataTransfer",{"vendorId":"V","data":"${"ü".repeat(FRAME_BYTES_MAX / 2)}"}]`,
    readAs: "tooLarge",
    centralSystem: "closed 1009",
    chargePoint: "ignored",
  },
  taken("a text just within the bound", transfer(`,"data":"${"x".repeat(FRAME_BYTES_MAX - 53)}"`)),
  // message types
  ignored("an empty array", "[]", "unknownMessageType"),
  ignored("an unknown message type", '[5,"1","Heartbeat",{}]', "unknownMessageType"),
  ignored("CALLRESULTERROR of OCPP 2.1", '[5,"1","FormatViolation","",{}]', "unknownMessageType"),
  ignored("SEND of OCPP 2.1", '[6,"1","NotifyPeriodicEventStream",{}]', "unknownMessageType"),
  ignored("a message type in quotes", '["2","1","Heartbeat",{}]', "unknownMessageType"),
  ignored("a huge message type", '[20000000000000000002,"1","Heartbeat",{}]', "unknownMessageType"),
  ignored(
    "a batch",
    '[[2,"1","Heartbeat",{}],[2,"2","Heartbeat",{}]]',
    "unknownMessageType",
  ),
  refused("message type 2.0 is 2", '[2.0,"1","Nonsense",{}]', "NotImplemented"),
  // uniqueIds
  ignored("no uniqueId", "[2]", "noUniqueId"),
  ignored("a number as uniqueId", '[2,1,"Heartbeat",{}]', "noUniqueId"),
  ignored("null as uniqueId", '[2,null,"Heartbeat",{}]', "noUniqueId"),
  ignored("an object as uniqueId of an answer", "[3,{},{}]", "noUniqueId"),
  taken("an empty uniqueId", '[2,"","DataTransfer",{"vendorId":"V"}]'),
  taken("a uniqueId of half a character", '[2,"\\ud800","DataTransfer",{"vendorId":"V"}]'),
  taken("a uniqueId with NUL", '[2,"a\\u0000b","DataTransfer",{"vendorId":"V"}]'),
  taken("__proto__ as uniqueId", '[2,"__proto__","DataTransfer",{"vendorId":"V"}]'),
  notACall("a uniqueId that is too long", `[2,"${longId}","Heartbeat",{}]`),
  // shapes
  notACall("a Call without Action", '[2,"1"]'),
  refused("a Call without payload", '[2,"1","DataTransfer"]', "FormationViolation"),
  notACall("a Call of five elements", '[2,"1","Heartbeat",{},{}]'),
  notACall("a number as Action", '[2,"1",7,{}]'),
  refused("an unknown Action", '[2,"1","Nonsense",{}]', "NotImplemented"),
  refused("an Action in another case", '[2,"1","dataTransfer",{}]', "NotImplemented"),
  refused("__proto__ as Action", '[2,"1","__proto__",{}]', "NotImplemented"),
  refused("constructor as Action", '[2,"1","constructor",{}]', "NotImplemented"),
  refused("an empty Action", '[2,"1","",{}]', "NotImplemented"),
  refused("an array as payload", '[2,"1","DataTransfer",[]]', "FormationViolation"),
  refused("a huge integer as payload", '[2,"1","DataTransfer",9007199254740993]', "FormationViolation"),
  // answers
  ignored("a CallResult that nobody asked for", '[3,"1",{}]', "callResult"),
  ignored("a CallError that nobody asked for", '[4,"1","GenericError","",{}]', "callError"),
  ignored("an empty uniqueId in an answer", '[3,"",{}]', "callResult"),
  ignored("a CallResult without payload that nobody asked for", '[3,"1"]', "callResult"),
  ignored("a CallResult of four elements", '[3,"1",{},{}]', "notAnAnswer"),
  ignored("a CallError without code", '[4,"1"]', "notAnAnswer"),
  // values
  taken("a key that is there twice: the last counts", transfer(',"data":1,"data":"x"')),
  refused(
    "a key that is there twice: the last counts",
    transfer(',"data":"x","data":[1]'),
    "TypeConstraintViolation",
  ),
  refused("__proto__ as a key", transfer(',"__proto__":{"data":"x"}'), "FormationViolation"),
  refused("constructor as a key", transfer(',"constructor":{}'), "FormationViolation"),
  refused("an object in place of a text", transfer(',"data":{"toString":null}'), "TypeConstraintViolation"),
  taken("NUL and half a character in a text", transfer(',"data":"\\u0000\\ud800"')),
  taken("a long text of digits", transfer(',"data":"12345678901234567890"')),
];

for (const { what, text, readAs, centralSystem, chargePoint = centralSystem } of ROWS) {
  const shown = text.length <= 60 ? `: ${JSON.stringify(text)}` : "";

  Deno.test(`OCPP-J §4 ${what} is read as ${readAs}${shown}`, () => {
    const parsed = parseFrame(text);
    assert.equal(parsed.ok ? parsed.frame.kind : parsed.fault.kind, readAs);
  });

  Deno.test(`OCPP-J §4 a Central System, ${what}: ${centralSystem}${shown}`, async () => {
    const system = new MemoryCentralSystem({ admission: { validation: "strict" } });
    const { handlers, sent } = await system.boot("CP001");
    handlers.onText(text);
    await system.host.turns.idle();
    const closed = system.observer.of("disconnected")[0];
    const noted = system.observer.of("exchanged").at(-1)!.exchange;
    if (noted.outcome === "ignored") assert.deepEqual(sent, []);
    const done = closed !== undefined
      ? `closed ${closed.code}`
      : noted.outcome === "ignored"
      ? "ignored"
      : outcomeOf(sent);
    assert.equal(done, centralSystem);
    assert.ok(noted.outcome !== "ignored" || noted.request === text.slice(0, noted.request.length));
    await system.host.stop();
    for (const { request } of system.store.frames) assert.ok(request.length <= FRAME_TEXT_MAX + 1);
  });

  Deno.test(`OCPP-J §4 a Charge Point, ${what}: ${chargePoint}${shown}`, () => {
    const script = new ScriptedCentralSystem().boot().forget();
    script.text(text);
    const told = script.events("frameIgnored");
    const sent = script.effects.flatMap((effect) => effect.kind === "send" ? [effect.text] : []);
    if (told.length > 0) assert.deepEqual(sent, []);
    assert.equal(told.length > 0 ? "ignored" : outcomeOf(sent), chargePoint);
    for (const event of told) assert.equal(event.text, text.slice(0, IGNORED_TEXT_MAX));
  });
}

/** `answered`, or the code of the CALLERROR; the answer has the uniqueId of the Call. */
function outcomeOf(sent: readonly string[]): string {
  assert.equal(sent.length, 1);
  const [messageType, , errorCode] = JSON.parse(sent[0]!);
  return messageType === 3 ? "answered" : errorCode;
}

Deno.test("OCPP-J §4.1.4 an answer has the uniqueId of its Call, whatever that is", async () => {
  for (const uniqueId of ["", "\ud800", "a\u0000b", "__proto__", longId, " ", "\u001b[2J"]) {
    const system = new MemoryCentralSystem();
    const { handlers, sent } = await system.boot("CP001");
    handlers.onText(JSON.stringify([2, uniqueId, "Heartbeat", {}]));
    await system.host.turns.idle();
    assert.equal(JSON.parse(sent[0]!)[1], uniqueId);
  }
});

Deno.test("OCPP-J §4.1 a binary message is ignored and noted", async () => {
  const system = new MemoryCentralSystem();
  const { handlers, sent } = await system.boot("CP001");
  handlers.onBinary(7);
  handlers.onText('[2,"1","Heartbeat",{}]');
  await system.host.turns.idle();
  const noted = system.observer.of("exchanged").map(({ exchange }) => exchange.answerPayload);
  assert.ok(noted.includes("binary message of 7 bytes"));
  assert.equal(outcomeOf(sent), "answered");
});

Deno.test("a text beyond the bound closes one connection, and the Charge Point may come again", async () => {
  const system = new MemoryCentralSystem();
  const first = await system.boot("CP001");
  const other = await system.boot("CP002");
  first.handlers.onText("x".repeat(FRAME_BYTES_MAX + 1));
  assert.equal(first.closedWith?.code, 1009);
  assert.ok(new TextEncoder().encode(first.closedWith!.reason).length <= 123);
  await system.boot("CP001");
  other.handlers.onText('[2,"1","Heartbeat",{}]');
  await system.host.turns.idle();
  assert.equal(outcomeOf(other.sent), "answered");
});
