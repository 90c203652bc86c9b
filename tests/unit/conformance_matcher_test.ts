import assert from "node:assert/strict";
import { unmetNeeds } from "../../src/conformance/capabilities.ts";
import {
  ABSENT,
  ANY,
  arrayContaining,
  arrayOfAll,
  atLeast,
  atMost,
  ciString,
  dateTimeBetween,
  expectationText,
  mismatchOf,
  not,
  oneOf,
  optional,
  textLike,
} from "../../src/conformance/matcher.ts";

const NOON_MS = Date.UTC(2026, 0, 1, 12);

const ROWS: readonly (readonly [
  name: string,
  expected: unknown,
  matches: readonly unknown[],
  others: readonly unknown[],
])[] = [
  ["a literal", "Accepted", ["Accepted"], ["accepted", undefined, null, 1]],
  ["an object with other fields beside", { a: 1 }, [{ a: 1 }, { a: 1, b: 2 }], [
    {},
    { a: 2 },
    [],
    "a",
    null,
  ]],
  ["an array item by item", [1, 2], [[1, 2]], [[2, 1], [1], [1, 2, 3], 1, undefined]],
  ["an idTag, which is a CiString", { idTag: "TAG1", status: "A" }, [{ idTag: "tag1", status: "A" }], [
    { idTag: "tag2", status: "A" },
    { idTag: "tag1", status: "a" },
    { idTag: 1, status: "A" },
  ]],
  ["ciString", ciString("00Ff"), ["00Ff", "00fF"], ["0Ff", "", undefined, 255]],
  ["ANY", { a: ANY }, [{ a: null }, { a: 0 }], [{}]],
  ["ABSENT", { a: ABSENT }, [{}, { a: undefined }], [{ a: null }, { a: 0 }]],
  ["optional", { a: optional(1) }, [{}, { a: 1 }], [{ a: 2 }, { a: null }]],
  ["oneOf", oneOf("A", { b: 1 }), ["A", { b: 1, c: 2 }], ["B", {}, undefined]],
  ["not", not("NoError"), ["GroundFailure"], ["NoError", undefined]],
  ["textLike", textLike(/^CP/), ["CP001"], ["XCP", 1, undefined]],
  ["atLeast", atLeast(5), [5, 6.5], [4, "5", Number.NaN, undefined]],
  ["atMost", atMost(5), [5, -1], [6, "5", undefined]],
  [
    "dateTimeBetween",
    dateTimeBetween({ fromMs: NOON_MS, toMs: NOON_MS + 1_000 }),
    ["2026-01-01T12:00:00Z", "2026-01-01T13:00:01+01:00"],
    ["2026-01-01T11:59:59.999Z", "2026-01-01T12:00:01.001Z", "2026-01-01T12:00:00", "noon", NOON_MS],
  ],
  ["arrayContaining", arrayContaining({ a: 1 }, 2), [[2, { a: 1, b: 3 }, 4]], [
    [{ a: 1 }],
    [2],
    {},
    undefined,
  ]],
  ["arrayOfAll", arrayOfAll({ a: 1 }), [[{ a: 1 }], [{ a: 1 }, { a: 1, b: 2 }]], [[], [{ a: 1 }, {}], "a"]],
];

for (const [name, expected, matches, others] of ROWS) {
  Deno.test(`conformance matcher: ${name}`, () => {
    for (const value of matches) assert.equal(mismatchOf(expected, value), undefined, JSON.stringify(value));
    for (const value of others) {
      assert.notEqual(mismatchOf(expected, value), undefined, JSON.stringify(value));
    }
  });
}

Deno.test("conformance matcher: a mismatch names the place, what was expected and what came", () => {
  const expected = { idTagInfo: { status: oneOf("Accepted", "ConcurrentTx") }, list: [1, { a: atLeast(2) }] };
  assert.deepEqual(mismatchOf(expected, { idTagInfo: { status: "Invalid" }, list: [1, { a: 2 }] }), {
    path: "idTagInfo.status",
    expected: 'one of "Accepted", "ConcurrentTx"',
    came: '"Invalid"',
  });
  assert.deepEqual(mismatchOf(expected, { idTagInfo: { status: "Accepted" }, list: [1, {}] }), {
    path: "list[1].a",
    expected: "at least 2",
    came: "nothing",
  });
  assert.equal(
    expectationText(expected),
    '{"idTagInfo":{"status":<one of "Accepted", "ConcurrentTx">},"list":[1,{"a":<at least 2>}]}',
  );
});

Deno.test("conformance needs: every need that is not met is told, and nothing else", () => {
  const capabilities = {
    connectors: 1,
    profiles: ["Core", "Reservation"],
    cable: "fixed",
    firmwareUpdate: "plain",
    securityProfile: 1,
  } as const;
  assert.deepEqual(unmetNeeds({}, capabilities), []);
  assert.deepEqual(
    unmetNeeds(
      { connectors: 1, profiles: ["Reservation"], cable: "fixed", firmwareUpdate: ["plain", "both"] },
      capabilities,
    ),
    [],
  );
  assert.deepEqual(
    unmetNeeds({
      connectors: 2,
      profiles: ["SmartCharging"],
      withoutProfiles: ["Reservation"],
      cable: "detachable",
      hasAuthorizationCache: true,
      firmwareUpdate: ["signed", "both"],
      securityProfile: [2, 3],
    }, capabilities),
    [
      "needs 2 connectors",
      "needs the SmartCharging profile",
      "needs a system without the Reservation profile",
      "needs cable detachable",
      "needs hasAuthorizationCache true",
      "needs firmwareUpdate signed or both",
      "needs securityProfile 2 or 3",
    ],
  );
});
