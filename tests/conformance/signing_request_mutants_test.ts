/**
 * A Charge Point whose CSR no authority may sign fails, with what is wrong with it; one that asks by itself does not.
 */
import assert from "node:assert/strict";
import { CHARGE_POINT_CASES } from "../../src/conformance/registry.ts";
import { parseFrame } from "../../src/ocpp/frame.ts";
import { type CsrOptions, makeSigningRequest } from "../support/certificates.ts";
import { playCase, type SpoiltFrame } from "../support/conformance_play.ts";
import { resultText } from "../support/conformance_result.ts";

/** As a Charge Point of the tests has to be called. */
const IN_ORDER = [{ CN: ["SN-0001"] }, { O: ["Conformance CPO"] }];

const MUTANTS: readonly (readonly [name: string, csr: CsrOptions, why: RegExp])[] = [
  ["with RSA of 1024 bits", { subject: IN_ORDER, keyType: "RSA-1024" }, /RSA of 1024 bits, below 2048/],
  ["over SHA-1", { subject: IN_ORDER, keyType: "RSA", hash: "SHA-1" }, /SHA-1/],
  ["signed with another key", { subject: IN_ORDER, isOfAnotherKey: true }, /not signed with the key/],
  ["without a CN", { subject: [{ O: ["Conformance CPO"] }] }, /has no CN/],
  [
    "with the CN of another Charge Point",
    { subject: [{ CN: ["SN-0002"] }, { O: ["Conformance CPO"] }] },
    /not the serial number SN-0001 as its CN, but SN-0002/,
  ],
  ["without an O", { subject: [{ CN: ["SN-0001"] }] }, /not the CpoName Conformance CPO as its O, but none/],
  [
    "with the O of somebody else",
    { subject: [{ CN: ["SN-0001"] }, { O: ["Somebody"] }] },
    /not the CpoName Conformance CPO as its O, but Somebody/,
  ],
];

/** Sends this CSR instead of the Charge Point's own. */
function instead(csr: string): (text: string) => readonly SpoiltFrame[] {
  return (text) => {
    const parsed = parseFrame(text);
    if (!parsed.ok || parsed.frame.kind !== "call" || parsed.frame.action !== "SignCertificate") {
      return [{ text }];
    }
    return [{ text: JSON.stringify([2, parsed.frame.uniqueId, "SignCertificate", { csr }]) }];
  };
}

for (const id of ["TC_074_CS", "TC_077_CS"]) {
  const definition = CHARGE_POINT_CASES.find((one) => one.id === id);
  assert.ok(definition !== undefined, id);
  for (const [name, options, why] of MUTANTS) {
    Deno.test(`${id} fails for a CSR ${name}`, async () => {
      const spoil = instead(await makeSigningRequest(options));
      const { result } = await playCase(definition, { spoil });
      assert.equal(result.verdict, "FAIL", resultText(result));
      assert.match(result.failure!.came, why);
    });
  }
}

Deno.test("TC_074_CS goes on from a CSR in order to the certificate: the Charge Point has not that key", async () => {
  const definition = CHARGE_POINT_CASES.find(({ id }) => id === "TC_074_CS")!;
  const spoil = instead(await makeSigningRequest({ subject: IN_ORDER }));
  const { result } = await playCase(definition, { spoil });
  assert.equal(result.verdict, "FAIL", resultText(result));
  assert.match(result.failure!.step, /CertificateSigned\.conf/);
});

Deno.test("a Charge Point may ask for a certificate by itself, in any case: its own is about to end", async () => {
  const csr = await makeSigningRequest({ subject: IN_ORDER });
  const asking = JSON.stringify([2, "by-itself", "SignCertificate", { csr }]);
  for (const id of ["TC_003_CS", "TC_077_CS"]) {
    const definition = CHARGE_POINT_CASES.find((one) => one.id === id)!;
    const { result } = await playCase(definition, {
      // After its boot and its statuses.
      spoil: (text, nth) => nth === 5 ? [{ text: asking }, { text }] : [{ text }],
    });
    assert.ok(result.frames.some(({ text }) => text === asking), resultText(result));
    assert.equal(result.verdict, "PASS", resultText(result));
  }
});
