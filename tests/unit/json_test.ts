import assert from "node:assert/strict";
import { JSON_DEPTH_MAX, jsonText, parseJson, writableJson } from "../../src/ocpp/json.ts";

const nested = (depth: number) => `${"[".repeat(depth)}${"]".repeat(depth)}`;

/** Literals and what they are read as. */
const NUMBERS: readonly (readonly [literal: string, value: number | bigint])[] = [
  ["9007199254740991", 9007199254740991],
  ["-9007199254740991", -9007199254740991],
  ["9007199254740992", 9007199254740992n],
  ["9007199254740993", 9007199254740993n],
  ["-12345678901234567890", -12345678901234567890n],
  ["1".repeat(400), BigInt("1".repeat(400))],
  ["0.12345678901234567", 0.12345678901234567],
  ["1e400", Infinity],
  ["-1e400", -Infinity],
  ["1e2", 100],
  ["1.0", 1],
  ["-0", -0],
];

for (const [literal, value] of NUMBERS) {
  Deno.test(`JSON: the number ${literal.slice(0, 40)} is read as ${typeof value}, alone and in a payload`, () => {
    assert.deepEqual(parseJson(literal), { ok: true, value });
    assert.deepEqual(parseJson(`{"a":[${literal}]}`), { ok: true, value: { a: [value] } });
  });
}

Deno.test("JSON: an integer beyond 2^53 is written digit by digit, by us and by others", () => {
  for (
    const text of [
      '{"a":[9007199254740993,{"b":-12345678901234567890}],"c":"9007199254740993"}',
      "[1]",
      '"x"',
    ]
  ) {
    const parsed = parseJson(text);
    assert.ok(parsed.ok);
    assert.equal(jsonText(parsed.value), text);
    assert.equal(JSON.stringify(writableJson(parsed.value)), text);
  }
});

Deno.test("JSON: a long run of digits in a text changes nothing", () => {
  const text = '{"serial":"12345678901234567890","n":7}';
  assert.deepEqual(parseJson(text), { ok: true, value: { serial: "12345678901234567890", n: 7 } });
});

Deno.test(`JSON: ${JSON_DEPTH_MAX} levels are read, more are too deep, however many`, () => {
  assert.ok(parseJson(nested(JSON_DEPTH_MAX)).ok);
  for (const depth of [JSON_DEPTH_MAX + 1, 1_000, 100_000, 500_000]) {
    assert.deepEqual(parseJson(nested(depth)), { ok: false, fault: "tooDeep" });
    assert.deepEqual(parseJson(`{"a":${nested(depth)},"b":9007199254740993}`), {
      ok: false,
      fault: "tooDeep",
    });
  }
  assert.deepEqual(parseJson("[".repeat(500_000)), { ok: false, fault: "notJson" });
});

Deno.test("JSON: brackets in texts and beside each other are no depth", () => {
  assert.ok(parseJson(JSON.stringify(["[{".repeat(1_000)])).ok);
  assert.ok(parseJson(JSON.stringify(Array(1_000).fill({ a: [] }))).ok);
});

Deno.test("JSON: of a key that is there twice the last counts", () => {
  assert.deepEqual(parseJson('{"a":1,"a":2}'), { ok: true, value: { a: 2 } });
  assert.deepEqual(parseJson('{"a":9007199254740993,"a":2}'), { ok: true, value: { a: 2 } });
});

Deno.test("JSON: __proto__ and constructor are keys like any other", () => {
  for (const more of ["", ',"n":9007199254740993']) {
    const parsed = parseJson(
      `{"__proto__":{"polluted":1},"constructor":{"prototype":{"polluted":1}}${more}}`,
    );
    assert.ok(parsed.ok);
    const value = parsed.value as object;
    assert.ok(Object.hasOwn(value, "__proto__") && Object.hasOwn(value, "constructor"));
    assert.equal(Object.getPrototypeOf(value), Object.prototype);
    assert.equal("polluted" in {}, false);
    assert.equal("polluted" in (writableJson(value) as object), false);
    assert.match(jsonText(value), /^\{"__proto__":\{"polluted":1\},"constructor"/);
  }
});

Deno.test("JSON: half a character and NUL survive reading and writing", () => {
  for (const text of ['"\\ud800"', '"a\\udc00b"', '"a\\u0000b"']) {
    const parsed = parseJson(text);
    assert.ok(parsed.ok);
    assert.equal(jsonText(parsed.value), text);
  }
});
