/** What the bench signs, examines and offers: certificates of authorities made or brought along, and firmware. */
import assert from "node:assert/strict";
import "reflect-metadata";
import { constants, verify, X509Certificate } from "node:crypto";
import * as x509 from "@peculiar/x509";
import type { AuthorityFiles } from "../../src/adapters/certificate_authority.ts";
import { issueCertificate } from "../../src/adapters/certificate_issuing.ts";
import { readSigningRequest } from "../../src/adapters/certificate_request.ts";
import { webCryptography } from "../../src/adapters/cryptography.ts";
import { signingKeyOf } from "../../src/adapters/key_pair.ts";
import { BenchCertificates } from "../../src/adapters/test_bench/certificates.ts";
import { type FirmwareFlaw, firmwareWith } from "../../src/adapters/test_bench/firmware.ts";
import type { FirmwareSignatureScheme } from "../../src/adapters/test_bench/firmware_signature.ts";
import {
  answerSigningRequest,
  type Issued,
  makeRoot,
  makeSigningRequest,
  makeSubAuthority,
} from "../support/certificates.ts";

const NAMES = { commonName: "CP001", organization: "CPO" };
const SUBJECT = [{ CN: [NAMES.commonName] }, { O: [NAMES.organization] }];

const make = (options: Parameters<typeof BenchCertificates.make>[0] = {}) => (
  BenchCertificates.make({ signatureScheme: "ECDSA", ...options })
);

function authorityOf({ certificate, privateKey }: Issued, ...above: readonly Issued[]): AuthorityFiles {
  return { certificate, privateKey, certificates: [certificate, ...above.map((one) => one.certificate)] };
}

/** The certificate for a CSR that is in order. */
async function signedBy(
  bench: BenchCertificates,
  csr: string,
  how: { readonly organization?: string; readonly flaw?: "untrusted" | "expired" } = {},
): Promise<string> {
  const signed = await bench.signCertificate({ kind: "signCertificate", csr, ...how });
  assert.ok(signed?.certificateChain !== undefined, signed?.problem ?? "nothing");
  return signed.certificateChain;
}

/** How a Charge Point that trusts this root finds a chain now. */
async function readBy(root: string, chain: string) {
  return await webCryptography.readCertificate({
    kind: "readCertificate",
    chain,
    roots: [root],
    atMs: Date.now(),
  });
}

Deno.test("a CSR gets a certificate that leads to the bench's root now, for its names and its key", async () => {
  const bench = await make();
  const { csr, privateKey } = (await webCryptography.createSigningRequest({
    kind: "createSigningRequest",
    keyType: "EC",
    ...NAMES,
  })).request!;
  const chain = await signedBy(bench, csr, { organization: NAMES.organization });
  const root = (await bench.rootCertificate({ kind: "rootCertificate", use: "CentralSystem" }))!;
  const { certificate, refusal } = await webCryptography.readCertificate({
    kind: "readCertificate",
    chain,
    privateKey,
    roots: [root.certificate],
    atMs: Date.now(),
  });
  assert.equal(refusal, undefined);
  assert.deepEqual([certificate?.commonName, certificate?.organization], [
    NAMES.commonName,
    NAMES.organization,
  ]);
});

Deno.test("untrusted and expired certificates are refused for just that", async () => {
  const bench = await make();
  const csr = await makeSigningRequest({ subject: SUBJECT });
  const { certificate: root } =
    (await bench.rootCertificate({ kind: "rootCertificate", use: "CentralSystem" }))!;
  for (const flaw of ["untrusted", "expired"] as const) {
    assert.equal((await readBy(root, await signedBy(bench, csr, { flaw }))).refusal, flaw);
  }
});

Deno.test("what is no request, is weak, or is not named as it has to be gets no certificate, but what is wrong", async () => {
  const bench = await make();
  const rows: readonly (readonly [csr: string, problem: string])[] = [
    ["no request", "the CSR is no certificate request in PEM"],
    [
      await makeSigningRequest({ subject: SUBJECT, keyType: "RSA-1024" }),
      "the CSR has a key RSA of 1024 bits, below 2048",
    ],
    [
      await makeSigningRequest({ subject: SUBJECT, keyType: "RSA", hash: "SHA-1" }),
      "the CSR has a signature over SHA-1",
    ],
    [
      await makeSigningRequest({ subject: SUBJECT, isOfAnotherKey: true }),
      "the CSR is not signed with the key that it is about",
    ],
    [await makeSigningRequest({ subject: [{ O: ["CPO"] }] }), "the CSR has no CN"],
    [
      await makeSigningRequest({ subject: [{ CN: ["one"] }, { CN: ["two"] }, { O: ["CPO"] }] }),
      "the CSR has 2 CNs instead of one",
    ],
    [await makeSigningRequest({ subject: [{ CN: [""] }, { O: ["CPO"] }] }), "the CSR has no CN"],
    [
      await makeSigningRequest({ subject: [{ CN: ["CP003"] }, { O: ["CPO"] }] }),
      "the CSR has not the serial number CP001 or CP002 as its CN, but CP003",
    ],
    [
      await makeSigningRequest({ subject: [{ CN: ["CP001"] }] }),
      "the CSR has not the CpoName CPO as its O, but none",
    ],
    [
      await makeSigningRequest({ subject: [{ CN: ["CP001"] }, { O: ["Other"] }] }),
      "the CSR has not the CpoName CPO as its O, but Other",
    ],
  ];
  for (const [csr, problem] of rows) {
    const { organization } = NAMES;
    const order = { kind: "signCertificate", csr, organization, commonNames: ["CP001", "CP002"] } as const;
    assert.deepEqual(await bench.signCertificate(order), { problem });
  }
});

Deno.test("a CSR whose key cannot be judged here says nothing against who has sent it", async () => {
  const bench = await make();
  const keys = await crypto.subtle.generateKey("Ed25519", true, ["sign", "verify"]) as CryptoKeyPair;
  const request = await x509.Pkcs10CertificateRequestGenerator.create({
    name: SUBJECT as x509.JsonName,
    keys,
    signingAlgorithm: { name: "Ed25519" },
  });
  const csr = request.toString("pem");
  assert.equal(await bench.signCertificate({ kind: "signCertificate", csr }), undefined);
});

Deno.test("an operator's own authority signs, with those above it in the chain and the root beside it", async () => {
  const root = await makeRoot({ commonName: "Own Root", keyType: "EC-P384" });
  const below = await makeSubAuthority(root, { commonName: "Own Sub", notAfterMs: Date.UTC(2040, 0, 1) });
  const bench = await make({ authorities: { centralSystem: authorityOf(below, root) } });
  const csr = await makeSigningRequest({ subject: SUBJECT });
  const certificateChain = await signedBy(bench, csr);
  assert.equal((await readBy(root.certificate, certificateChain)).refusal, undefined);
  assert.equal(certificateChain.split("BEGIN CERTIFICATE").length, 3, "the leaf and the one above it");
  const told = (await bench.rootCertificate({ kind: "rootCertificate", use: "CentralSystem" }))!;
  assert.equal(told.certificate, root.certificate);
  assert.equal(told.hashes.serialNumber, root.parsed.serialNumber);
  const alone = await make({ authorities: { centralSystem: authorityOf(below) } });
  const highest = (await alone.rootCertificate({ kind: "rootCertificate", use: "CentralSystem" }))!;
  assert.equal(highest.certificate, below.certificate, "the highest that is known");
});

Deno.test("no certificate outlives the authority that has signed it", async () => {
  const notAfterMs = Math.floor(Date.now() / 1_000) * 1_000 + 3_600_000;
  const root = await makeRoot({ commonName: "Own Root", notAfterMs });
  const bench = await make({ authorities: { centralSystem: authorityOf(root) } });
  const csr = await makeSigningRequest({ subject: SUBJECT });
  const certificateChain = await signedBy(bench, csr);
  assert.equal(Date.parse(new X509Certificate(certificateChain).validTo), notAfterMs);
});

Deno.test("roots have the hashes by which they are asked for", async () => {
  const bench = await make();
  const roots = await Promise.all((["CentralSystem", "Manufacturer"] as const).map((use) => (
    bench.rootCertificate({ kind: "rootCertificate", use })
  )));
  assert.notEqual(roots[0]!.certificate, roots[1]!.certificate);
  for (const root of roots) {
    const { hashAlgorithm, issuerNameHash, issuerKeyHash, serialNumber } = root!.hashes;
    assert.equal(hashAlgorithm, "SHA256");
    assert.match(issuerNameHash, /^[0-9a-f]{64}$/);
    assert.match(issuerKeyHash, /^[0-9a-f]{64}$/);
    assert.equal(serialNumber, new X509Certificate(root!.certificate).serialNumber.toLowerCase());
  }
});

Deno.test("a certificate for a request of the tester's is examined: key, names, time", async () => {
  const bench = await make();
  const root = await makeRoot({ commonName: "Central System's own" });
  const { csr } = (await bench.signingRequest({ kind: "signingRequest", ...NAMES }))!;
  const problemOf = async (certificateChain: string) => {
    const examined = await bench.examineCertificate({ kind: "examineCertificate", csr, certificateChain });
    return examined?.problem;
  };
  assert.equal(await problemOf(await answerSigningRequest(root, csr)), undefined);
  assert.match((await problemOf("nothing"))!, /no certificate/);
  const past = { notBeforeMs: Date.UTC(2019, 0, 1), notAfterMs: Date.UTC(2019, 1, 1) };
  assert.match((await problemOf(await answerSigningRequest(root, csr, past)))!, /expired/);
  const other = (await bench.signingRequest({ kind: "signingRequest", ...NAMES }))!;
  assert.match((await problemOf(await answerSigningRequest(root, other.csr)))!, /private key/);
  const read = await readSigningRequest(csr);
  assert.ok(read.ok);
  const issuer = {
    certificate: root.certificate,
    key: await signingKeyOf(root.privateKey, root.certificate),
  };
  for (const renamed of [{ commonName: "CP002" }, { organization: "Other" }]) {
    const wish = {
      ...NAMES,
      ...renamed,
      publicKey: read.request.publicKey,
      use: { kind: "client" } as const,
    };
    const validity = { notBeforeMs: Date.UTC(2020, 0, 1), notAfterMs: Date.UTC(2049, 0, 1) };
    assert.match(
      (await problemOf(await issueCertificate({ ...wish, ...validity }, issuer)))!,
      /^it is for (CP002 of CPO|CP001 of Other)$/,
    );
  }
  const certificateChain = await answerSigningRequest(root, csr);
  assert.equal(
    await bench.examineCertificate({ kind: "examineCertificate", csr: "unknown", certificateChain }),
    undefined,
  );
});

Deno.test("a name that no certificate can hold gets no request", async () => {
  const bench = await make();
  const organization = "x".repeat(6_000);
  assert.equal(
    await bench.signingRequest({ kind: "signingRequest", commonName: "CP001", organization }),
    undefined,
  );
});

/** Whether somebody with other code than ours finds the signature to be that of the certificate's key. */
function isSigned(
  scheme: FirmwareSignatureScheme,
  { bytes, signingCertificate, signature }: {
    readonly bytes: Uint8Array;
    readonly signingCertificate: string;
    readonly signature: string;
  },
): boolean {
  const key = new X509Certificate(signingCertificate).publicKey;
  const how = scheme === "RSA-PSS" ? { padding: constants.RSA_PKCS1_PSS_PADDING, saltLength: 32 } : {};
  return verify("sha256", bytes, { key, ...how }, Uint8Array.fromBase64(signature));
}

for (const signatureScheme of ["RSA PKCS#1 v1.5", "RSA-PSS", "ECDSA"] as const) {
  Deno.test(`firmware is signed with ${signatureScheme} as others check it, below the manufacturer`, async () => {
    const certificates = await make({ signatureScheme });
    const { certificate: root } = (await certificates.rootCertificate({
      kind: "rootCertificate",
      use: "Manufacturer",
    }))!;
    // ECDSA has another signature each time: the numbers in it have a first bit that is set, or have not.
    for (let times = 0; times < (signatureScheme === "ECDSA" ? 30 : 1); times++) {
      const good = await firmwareWith(undefined, { certificates });
      const bytes = good.bytes!;
      assert.ok(isSigned(signatureScheme, { ...good, bytes }));
      assert.equal((await webCryptography.verifySignature({ ...good, bytes })).isValid, true);
      if (times > 0) continue;
      assert.equal((await readBy(root, good.signingCertificate)).refusal, undefined);
      const broken = await firmwareWith("badSignature", { certificates });
      assert.equal(isSigned(signatureScheme, { ...broken, bytes: broken.bytes! }), false);
      const stranger = await firmwareWith("badCertificate", { certificates });
      assert.ok(isSigned(signatureScheme, { ...stranger, bytes: stranger.bytes! }));
      assert.equal((await readBy(root, stranger.signingCertificate)).refusal, "untrusted");
    }
  });
}

Deno.test("an image of one's own is given as it is; each flaw is in a file of its own", async () => {
  const certificates = await make();
  const image = { fileName: "rig.img", bytes: new Uint8Array(64).map((_, index) => index), version: "9.9" };
  const good = await firmwareWith(undefined, { certificates, image });
  assert.deepEqual([good.bytes, good.fileName, good.firmwareVersion], [image.bytes, "rig.img", "9.9"]);
  const names = new Set([good.fileName]);
  for (const flaw of ["missing", "corrupt", "badSignature", "badCertificate"] satisfies FirmwareFlaw[]) {
    const file = await firmwareWith(flaw, { certificates, image });
    names.add(file.fileName);
    assert.equal(file.firmwareVersion, undefined, "it is not going to be installed");
    assert.equal(file.bytes === undefined, flaw === "missing");
    if (flaw !== "corrupt") continue;
    assert.notDeepEqual(file.bytes, image.bytes);
    assert.ok(isSigned("ECDSA", { ...file, bytes: file.bytes! }), "it is broken, and signed as it is");
  }
  assert.equal(names.size, 5);
});
