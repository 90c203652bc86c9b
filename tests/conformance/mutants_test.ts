/**
 * Verdicts can be trusted: a peer that leaves a step out, tells something wrong, in the wrong order or too late,
 * never gets PASS.
 */
import assert from "node:assert/strict";
import type { CaseDefinition } from "../../src/conformance/case.ts";
import { CHARGE_POINT_CASES } from "../../src/conformance/registry.ts";
import { parseFrame } from "../../src/ocpp/frame.ts";
import { playCase, type SpoiltFrame } from "../support/conformance_play.ts";
import { resultText } from "../support/conformance_result.ts";

function caseOf(id: string): CaseDefinition {
  const found = CHARGE_POINT_CASES.find((definition) => definition.id === id);
  assert.ok(found !== undefined, id);
  return found;
}

/** Longer than anything may take that a case says nothing else about. */
const TOO_LATE_SECONDS = 45;

type Payload = Record<string, unknown>;

/** Spoils the Calls that match, and lets everything else pass. */
function calls(
  action: string,
  matches: (payload: Payload) => boolean,
  spoilt: (payload: Payload, uniqueId: string) => readonly SpoiltFrame[],
) {
  return (text: string): readonly SpoiltFrame[] => {
    const parsed = parseFrame(text);
    if (!parsed.ok || parsed.frame.kind !== "call" || parsed.frame.action !== action) return [{ text }];
    const payload = parsed.frame.payload as Payload;
    return matches(payload) ? spoilt(payload, parsed.frame.uniqueId) : [{ text }];
  };
}

const frame = (uniqueId: string, action: string, payload: Payload) => ({
  text: JSON.stringify([2, uniqueId, action, payload]),
});

const isStatus = (status: string) => (payload: Payload) =>
  payload.connectorId === 1 && payload.status === status;
const always = () => true;

interface Mutant {
  readonly caseId: string;
  readonly name: string;
  readonly spoil: (text: string, nth: number) => readonly SpoiltFrame[];
}

const MUTANTS: readonly Mutant[] = [
  {
    caseId: "TC_003_CS",
    name: "leaves Preparing out",
    spoil: calls("StatusNotification", isStatus("Preparing"), () => []),
  },
  {
    caseId: "TC_003_CS",
    name: "leaves Authorize out and starts all the same",
    spoil: calls("Authorize", always, () => []),
  },
  {
    caseId: "TC_003_CS",
    name: "leaves Available after unplugging out",
    spoil: (() => {
      let hasCharged = false;
      const leave = calls("StatusNotification", isStatus("Available"), () => []);
      return (text: string) => {
        hasCharged ||= text.includes("Finishing");
        return hasCharged ? leave(text) : [{ text }];
      };
    })(),
  },
  {
    caseId: "TC_003_CS",
    name: "tells Finishing instead of Preparing",
    spoil: calls(
      "StatusNotification",
      isStatus("Preparing"),
      (payload, uniqueId) => [frame(uniqueId, "StatusNotification", { ...payload, status: "Finishing" })],
    ),
  },
  {
    caseId: "TC_003_CS",
    name: "starts with another idTag",
    spoil: calls(
      "StartTransaction",
      always,
      (payload, uniqueId) => [frame(uniqueId, "StartTransaction", { ...payload, idTag: "ANOTHER" })],
    ),
  },
  {
    caseId: "TC_003_CS",
    name: "stops another transaction",
    spoil: calls(
      "StopTransaction",
      always,
      (payload, uniqueId) => [frame(uniqueId, "StopTransaction", { ...payload, transactionId: 7 })],
    ),
  },
  {
    caseId: "TC_003_CS",
    name: "has a meter that runs backwards",
    spoil: calls(
      "StopTransaction",
      always,
      (payload, uniqueId) => [frame(uniqueId, "StopTransaction", { ...payload, meterStop: -1 })],
    ),
  },
  {
    caseId: "TC_003_CS",
    name: "adds a field that the schema does not know",
    spoil: calls(
      "StartTransaction",
      always,
      (payload, uniqueId) => [frame(uniqueId, "StartTransaction", { ...payload, evse: 1 })],
    ),
  },
  {
    caseId: "TC_003_CS",
    name: "says StartTransaction too late",
    spoil: calls(
      "StartTransaction",
      always,
      (payload, uniqueId) => [{
        ...frame(uniqueId, "StartTransaction", payload),
        delaySeconds: TOO_LATE_SECONDS,
      }],
    ),
  },
  {
    caseId: "TC_004_1_CS",
    name: "starts before it asks for authorization",
    spoil: calls("Authorize", always, (payload, uniqueId) => [
      frame(`${uniqueId}x`, "StartTransaction", {
        connectorId: 1,
        idTag: payload.idTag,
        meterStart: 0,
        timestamp: "2026-01-01T12:00:00Z",
      }),
      frame(uniqueId, "Authorize", payload),
    ]),
  },
  {
    caseId: "TC_004_2_CS",
    name: "keeps the session when ConnectionTimeOut is over",
    spoil: calls("StatusNotification", isStatus("Available"), () => []),
  },
  {
    caseId: "TC_004_2_CS",
    name: "calls the session off at once",
    spoil: calls("StatusNotification", isStatus("Preparing"), (payload, uniqueId) => [
      frame(uniqueId, "StatusNotification", payload),
      frame(`${uniqueId}x`, "StatusNotification", { ...payload, status: "Available" }),
    ]),
  },
];

for (const { caseId, name, spoil } of MUTANTS) {
  Deno.test(`${caseId} a peer that ${name} does not pass`, async () => {
    const { result } = await playCase(caseOf(caseId), { spoil });
    assert.notEqual(result.verdict, "PASS", resultText(result));
  });
}

Deno.test("a failure names the step, what was expected, what came, and the frames before it", async () => {
  const mutant = MUTANTS.find(({ name }) => name === "starts with another idTag");
  const { result } = await playCase(caseOf("TC_003_CS"), { spoil: mutant!.spoil });
  assert.equal(result.verdict, "FAIL");
  assert.match(result.failure!.step, /^expect StartTransaction .*"idTag":"TAG001"/);
  assert.match(result.failure!.expected, /StartTransaction/);
  assert.match(result.failure!.came, /StartTransaction .*\(idTag: "ANOTHER" instead of "TAG001"\)/);
  assert.match(result.frames.at(-1)!.text, /ANOTHER/);
});

Deno.test("a case that needs what the Charge Point is not is NOT APPLICABLE, and sends nothing", async () => {
  const definition = { ...caseOf("TC_003_CS"), needs: { connectors: 2 } };
  const played = await import("../../src/runtime/tested_charge_point.ts");
  const { result } = await playCase(definition, { played: played.testedFor({}) });
  assert.equal(result.verdict, "NOT APPLICABLE");
  assert.deepEqual(result.frames, []);
});

Deno.test("a fault in the preparation is INCONCLUSIVE", async () => {
  const definition: CaseDefinition = {
    ...caseOf("TC_003_CS"),
    *run(t) {
      yield* t.prepare(t.configure({ NoSuchKey: "1" }));
    },
  };
  assert.equal((await playCase(definition)).result.verdict, "INCONCLUSIVE");
});
