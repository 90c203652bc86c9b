import assert from "node:assert/strict";
import { atMsOf, dateTimeOf, isDateTime } from "../../src/ocpp/date_time.ts";

const NEW_YEAR_MS = Date.UTC(2024, 0, 1);

/** Texts with zone, and the instants that they name. */
const INSTANTS: readonly (readonly [text: string, atMs: number])[] = [
  ["2024-01-01T00:00:00Z", NEW_YEAR_MS],
  ["2024-01-01T00:00:00.000Z", NEW_YEAR_MS],
  ["2024-01-01T00:00:00.5Z", NEW_YEAR_MS + 500],
  ["2024-01-01T00:00:00.1234567Z", NEW_YEAR_MS + 123],
  ["2024-01-01t00:00:00z", NEW_YEAR_MS],
  ["2024-01-01T01:00:00+01:00", NEW_YEAR_MS],
  ["2023-12-31T18:30:00-0530", NEW_YEAR_MS],
  ["2024-01-01T00:00:00+00:00", NEW_YEAR_MS],
  ["2023-12-31T23:59:60Z", NEW_YEAR_MS - 1_000], // a leap second has no place in our time scale
  ["2024-02-29T00:00:00Z", Date.UTC(2024, 1, 29)],
  ["2000-02-29T00:00:00Z", Date.UTC(2000, 1, 29)],
  ["1970-01-01T00:00:00Z", 0],
];

for (const [text, atMs] of INSTANTS) {
  Deno.test(`§3.15 ${text} is a date and time`, () => {
    assert.equal(isDateTime(text), true);
    assert.equal(atMsOf(text), atMs);
  });
}

const NONE: readonly string[] = [
  ...["", "yesterday", "1704067200", "2024", "2024-01-01", "2024-01-01T00:00Z", "24-01-01T00:00:00Z"],
  ...["2024-01-01T00:00:00", "2024-01-01 00:00:00Z", " 2024-01-01T00:00:00Z", "2024-01-01T00:00:00Z\n"],
  ...["2024-13-01T00:00:00Z", "2024-00-01T00:00:00Z", "2024-01-32T00:00:00Z", "2024-01-00T00:00:00Z"],
  ...["2023-02-29T00:00:00Z", "1900-02-29T00:00:00Z", "2024-04-31T00:00:00Z", "2024-02-30T00:00:00Z"],
  ...["2024-01-01T24:00:00Z", "2024-01-01T00:60:00Z", "2024-01-01T00:00:61Z", "2024-01-01T00:00:00.Z"],
  ...[
    "2024-01-01T00:00:00+24:00",
    "2024-01-01T00:00:00+1:00",
    "2024-01-01T00:00:00 Z",
    "2024-01-01T00:00:00+01",
  ],
];

for (const text of NONE) {
  Deno.test(`§3.15 ${JSON.stringify(text)} is no date and time with zone`, () => {
    assert.equal(isDateTime(text), false);
  });
}

Deno.test("§3.15 every text that is taken names an instant", () => {
  for (const seconds of ["59", "60"]) {
    for (const zone of ["Z", "z", "+23:59", "-23:59", "+0000"]) {
      for (const fraction of ["", ".1", ".123456789012"]) {
        const text = `2023-06-30T23:59:${seconds}${fraction}${zone}`;
        assert.equal(isDateTime(text), true, text);
        assert.equal(Number.isFinite(atMsOf(text)), true, text);
      }
    }
  }
});

Deno.test("§3.15 an instant is written in UTC, to the millisecond", () => {
  assert.equal(dateTimeOf(NEW_YEAR_MS + 7), "2024-01-01T00:00:00.007Z");
});
