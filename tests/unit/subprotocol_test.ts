import assert from "node:assert/strict";
import { chooseSubprotocol, type SubprotocolDecision } from "../../src/runtime/subprotocol.ts";

const GRANTED: SubprotocolDecision = { granted: true, subprotocol: "ocpp1.6" };

/** What a client offers and what each kind of validation makes of it; text: the refusal's. */
const ROWS: readonly {
  readonly offered: readonly string[];
  readonly strict: SubprotocolDecision | RegExp;
  readonly tolerant: SubprotocolDecision | RegExp;
}[] = [
  { offered: ["ocpp1.6"], strict: GRANTED, tolerant: GRANTED },
  { offered: ["ocpp2.0.1", "ocpp1.6"], strict: GRANTED, tolerant: GRANTED },
  { offered: ["OCPP1.6", "ocpp1.6"], strict: GRANTED, tolerant: GRANTED },
  {
    offered: [],
    strict: /ocpp1\.6; none was offered/,
    tolerant: { granted: true, subprotocol: undefined, deviation: "noSubprotocol" },
  },
  {
    offered: ["OCPP1.6"],
    strict: /ocpp1\.6; offered: OCPP1\.6/,
    tolerant: { granted: true, subprotocol: "OCPP1.6", deviation: "subprotocolCase" },
  },
  {
    offered: ["ocpp2.0.1", "ocpp1.5"],
    strict: /offered: ocpp2\.0\.1, ocpp1\.5/,
    tolerant: /offered: ocpp2\.0\.1/,
  },
  {
    offered: ["mqtt", "bearer.eyJhbGciOiJIUzI1NiJ9.c2VjcmV0"],
    strict: /offered: mqtt, \(36 characters\)$/,
    tolerant: /offered: mqtt, \(36 characters\)$/,
  },
  { offered: Array(9).fill("a"), strict: /offered: (a, ){8}…$/, tolerant: /offered: (a, ){8}…$/ },
  { offered: [""], strict: /ocpp1\.6/, tolerant: /ocpp1\.6/ },
];

for (const { offered, ...decisions } of ROWS) {
  for (const validation of ["strict", "tolerant"] as const) {
    const expected = decisions[validation];
    const outcome = expected instanceof RegExp ? "refused" : expected.granted && expected.subprotocol;
    Deno.test(`OCPP-J §3.1.3 ${validation}, offered ${JSON.stringify(offered)}: ${outcome ?? "no header"}`, () => {
      const decision = chooseSubprotocol(offered, validation);
      if (!(expected instanceof RegExp)) return assert.deepEqual(decision, expected);
      assert.ok(!decision.granted);
      assert.match(decision.text, expected);
    });
  }
}
