/**
 * The authority of `ocpp serve`: what it signs, and what it does not.
 */
import assert from "node:assert/strict";
import { openCertificateAuthority } from "../../src/adapters/certificate_authority.ts";
import { webCryptography } from "../../src/adapters/cryptography.ts";
import { certificateFacts } from "../../src/adapters/bench_certificates.ts";
import type { SigningOrder, SigningOutcome } from "../../src/runtime/certificate_authority.ts";
import {
  type CsrOptions,
  type Issued,
  type KeyType,
  makeRoot,
  makeSigningRequest,
  makeSubAuthority,
} from "../support/certificates.ts";

const NOW_MS = Date.UTC(2030, 5, 1);
const DAY_MS = 24 * 3_600_000;

function authorityOf(issuer: Issued, above: readonly Issued[] = []) {
  const { certificate, privateKey } = issuer;
  return openCertificateAuthority({
    certificate,
    privateKey,
    certificates: [certificate, ...above.map((one) => one.certificate)],
  });
}

async function signedBy(
  issuer: Issued,
  request: CsrOptions,
  order: Partial<SigningOrder> = {},
): Promise<SigningOutcome> {
  const authority = await authorityOf(issuer);
  const csr = await makeSigningRequest(request);
  return await authority.sign({ csr, commonName: "CP001", nowMs: NOW_MS, ...order });
}

const SUBJECT = [{ CN: ["CP001"] }, { O: ["CPO"] }];

for (const keyType of ["EC", "EC-P384", "RSA"] satisfies KeyType[]) {
  Deno.test(`an authority with a key ${keyType} signs what is in order; the certificate leads to it`, async () => {
    const root = await makeRoot({ commonName: "CPO Root", keyType });
    const outcome = await signedBy(root, { subject: SUBJECT }, { organization: "CPO" });
    assert.ok(outcome.ok, JSON.stringify(outcome));
    const read = await webCryptography.readCertificate({
      kind: "readCertificate",
      chain: outcome.certificateChain,
      roots: [root.certificate],
      atMs: NOW_MS,
    });
    assert.equal(read.refusal, undefined, read.reason);
    assert.equal(read.certificate?.commonName, "CP001");
    assert.equal(read.certificate?.organization, "CPO");
    assert.equal(read.certificate?.isCertificateAuthority, false);
    assert.equal(read.certificate?.serialNumber, outcome.serialNumber);
    assert.equal(read.certificate?.notAfterMs, NOW_MS + 365 * DAY_MS);
  });
}

Deno.test("the chain has the sub-CAs and not the root, and no certificate outlives its authority", async () => {
  const root = await makeRoot({ commonName: "Root" });
  const middle = await makeSubAuthority(root, { commonName: "Middle" });
  const sub = await makeSubAuthority(middle, { commonName: "Sub", notAfterMs: NOW_MS + 10 * DAY_MS });
  const authority = await authorityOf(sub, [root, middle]);
  const csr = await makeSigningRequest({ subject: SUBJECT });
  const outcome = await authority.sign({ csr, commonName: "CP001", nowMs: NOW_MS });
  assert.ok(outcome.ok);
  const parts = outcome.certificateChain.match(
    /-----BEGIN CERTIFICATE-----[^-]*-----END CERTIFICATE-----\n/g,
  )!;
  assert.deepEqual(parts.map((one) => certificateFacts(one).commonName), ["CP001", "Sub", "Middle"]);
  assert.equal(certificateFacts(parts[0]!).notAfterMs, NOW_MS + 10 * DAY_MS);
  const late = await authority.sign({ csr, commonName: "CP001", nowMs: NOW_MS + 11 * DAY_MS });
  assert.deepEqual(late, { ok: false, reason: "the client CA has expired" });
});

Deno.test("a CSR that will not do is refused with the reason", async () => {
  const root = await makeRoot({ commonName: "CPO Root" });
  const rows: readonly (readonly [request: CsrOptions, reason: RegExp])[] = [
    [{ subject: [{ CN: ["CP002"] }, { O: ["CPO"] }] }, /^the CSR is for "CP002", and .* is "CP001"$/],
    [{ subject: [{ CN: ["CP001"] }, { O: ["Other"] }] }, /^the CSR is of "Other", not of "CPO"$/],
    [{ subject: [{ CN: ["CP001"] }] }, /^the CSR is of "", not of "CPO"$/],
    [{ subject: [{ CN: ["CP001"] }, { CN: ["CP002"] }, { O: ["CPO"] }] }, /not exactly one CN/],
    [{ subject: [{ O: ["CPO"] }] }, /not exactly one CN/],
    [{ subject: [{ CN: ["CP001"] }, { O: ["CPO"] }, { O: ["CPO"] }] }, /at most one O/],
    [{ subject: SUBJECT, keyType: "RSA-1024" }, /^the CSR has a key RSA of 1024 bits, below 2048$/],
    [{ subject: SUBJECT, isOfAnotherKey: true }, /^the CSR is not signed with the key that it is about$/],
    [{ subject: SUBJECT, hash: "SHA-1" }, /^the CSR has a signature over SHA-1$/],
  ];
  for (const [request, reason] of rows) {
    const outcome = await signedBy(root, request, { organization: "CPO" });
    assert.ok(!outcome.ok, reason.source);
    assert.match(outcome.reason, reason);
  }
  const authority = await authorityOf(root);
  for (const csr of ["", "nonsense", root.certificate, pem("AAAA"), pem("MIIBIjAN"), pem("")]) {
    const outcome = await authority.sign({ csr, commonName: "CP001", nowMs: NOW_MS });
    assert.ok(!outcome.ok, csr);
    assert.match(outcome.reason, /^the CSR (is no certificate request in PEM|cannot be read)$/);
  }
});

function pem(base64: string): string {
  return `-----BEGIN CERTIFICATE REQUEST-----\n${base64}\n-----END CERTIFICATE REQUEST-----\n`;
}

Deno.test("any case of the serial number, and the older name of a PEM request, will do", async () => {
  const root = await makeRoot({ commonName: "CPO Root" });
  const authority = await authorityOf(root);
  const csr = (await makeSigningRequest({ subject: [{ CN: ["cp001"] }] })).replaceAll(
    "CERTIFICATE REQUEST",
    "NEW CERTIFICATE REQUEST",
  );
  const outcome = await authority.sign({ csr, commonName: "CP001", nowMs: NOW_MS });
  assert.ok(outcome.ok);
  assert.equal(certificateFacts(outcome.certificateChain).organization, "");
});
