import assert from "node:assert/strict";
import {
  callErrorText,
  callResultText,
  callText,
  type FrameFault,
  parseFrame,
  UNIQUE_ID_MAX_LENGTH,
} from "../../src/ocpp/frame.ts";

const LONGEST_ID = "i".repeat(UNIQUE_ID_MAX_LENGTH);

/** Texts that are frames. */
const FRAMES: readonly (readonly [what: string, text: string, frame: unknown])[] = [
  ["a Call", '[2,"1","Heartbeat",{}]', { kind: "call", uniqueId: "1", action: "Heartbeat", payload: {} }],
  [
    "a Call with space around",
    ' [ 2 , "1" , "Heartbeat" , {} ]\n',
    { kind: "call", uniqueId: "1", action: "Heartbeat", payload: {} },
  ],
  ["a Call without payload", '[2,"1","X"]', { kind: "call", uniqueId: "1", action: "X", payload: undefined }],
  ["a CallResult without payload", '[3,"1"]', { kind: "callResult", uniqueId: "1", payload: undefined }],
  ["a Call with null as payload", '[2,"1","X",null]', {
    kind: "call",
    uniqueId: "1",
    action: "X",
    payload: null,
  }],
  ["an empty uniqueId", '[2,"","X",{}]', { kind: "call", uniqueId: "", action: "X", payload: {} }],
  [
    "the longest uniqueId",
    `[2,"${LONGEST_ID}","X",{}]`,
    { kind: "call", uniqueId: LONGEST_ID, action: "X", payload: {} },
  ],
  ["a CallResult", '[3,"1",{"a":1}]', { kind: "callResult", uniqueId: "1", payload: { a: 1 } }],
  [
    "a CallError",
    '[4,"1","GenericError","why",{"a":1}]',
    {
      kind: "callError",
      uniqueId: "1",
      errorCode: "GenericError",
      errorDescription: "why",
      errorDetails: { a: 1 },
    },
  ],
  [
    "a CallError without details",
    '[4,"1","GenericError","why"]',
    {
      kind: "callError",
      uniqueId: "1",
      errorCode: "GenericError",
      errorDescription: "why",
      errorDetails: {},
    },
  ],
  [
    "a CallError without description",
    '[4,"1","GenericError"]',
    { kind: "callError", uniqueId: "1", errorCode: "GenericError", errorDescription: "", errorDetails: {} },
  ],
  [
    "a CallError whose description is no text",
    '[4,"1","GenericError",null,null]',
    { kind: "callError", uniqueId: "1", errorCode: "GenericError", errorDescription: "", errorDetails: {} },
  ],
];

for (const [what, text, frame] of FRAMES) {
  Deno.test(`OCPP-J §4.2 parseFrame: ${what}`, () => assert.deepEqual(parseFrame(text), { ok: true, frame }));
}

/** Texts that are none, and why. */
const FAULTS: readonly (readonly [text: string, fault: Partial<FrameFault>])[] = [
  ["", { kind: "empty" }],
  [" \r\n\t", { kind: "empty" }],
  ["hello", { kind: "notJson" }],
  ['[2,"1","Heartbeat",{}', { kind: "notJson" }],
  ["\u0000", { kind: "notJson" }],
  ["{}", { kind: "notAnArray" }],
  ["null", { kind: "notAnArray" }],
  ['"[2]"', { kind: "notAnArray" }],
  ["7", { kind: "notAnArray" }],
  ["[]", { kind: "unknownMessageType", messageType: undefined }],
  ['[1,"1","X",{}]', { kind: "unknownMessageType", messageType: 1 }],
  ['[5,"1","X",{}]', { kind: "unknownMessageType", messageType: 5 }],
  ['["2","1","X",{}]', { kind: "unknownMessageType", messageType: "2" }],
  ['[2.5,"1","X",{}]', { kind: "unknownMessageType", messageType: 2.5 }],
  ["[2]", { kind: "noUniqueId" }],
  ['[2,1,"X",{}]', { kind: "noUniqueId" }],
  ['[2,null,"X",{}]', { kind: "noUniqueId" }],
  ["[3,{},{}]", { kind: "noUniqueId" }],
  ['[2,"1"]', { kind: "notACall", uniqueId: "1" }],
  ['[2,"1","X",{},{}]', { kind: "notACall", uniqueId: "1" }],
  ['[2,"1",7,{}]', { kind: "notACall", uniqueId: "1" }],
  [`[2,"${LONGEST_ID}i","X",{}]`, { kind: "notACall", uniqueId: `${LONGEST_ID}i` }],
  ['[3,"1",{},{}]', { kind: "notAnAnswer", uniqueId: "1" }],
  ['[4,"1"]', { kind: "notAnAnswer", uniqueId: "1" }],
  ['[4,"1",7,"",{}]', { kind: "notAnAnswer", uniqueId: "1" }],
];

for (const [text, expected] of FAULTS) {
  Deno.test(`OCPP-J §4.1 parseFrame: ${JSON.stringify(text)} is ${expected.kind}`, () => {
    const parsed = parseFrame(text);
    assert.ok(!parsed.ok);
    assert.deepEqual({ ...parsed.fault, ...expected }, parsed.fault);
  });
}

Deno.test("OCPP-J §4.2 frames are written without space, an absent detail as {}", () => {
  assert.equal(callText({ uniqueId: "1", action: "Heartbeat", payload: {} }), '[2,"1","Heartbeat",{}]');
  assert.equal(callResultText({ uniqueId: "1", payload: {} }), '[3,"1",{}]');
  const error = { uniqueId: "1", errorCode: "GenericError", errorDescription: "" };
  assert.equal(callErrorText(error), '[4,"1","GenericError","",{}]');
  assert.equal(callErrorText({ ...error, errorDetails: { a: 1 } }), '[4,"1","GenericError","",{"a":1}]');
});
