/** Signatures over firmware and requests for certificates. */
import assert from "node:assert/strict";
import { createPublicKey, sign as nodeSign, verify } from "node:crypto";
import { Buffer } from "node:buffer";
import "reflect-metadata";
import { Pkcs10CertificateRequest } from "@peculiar/x509";
import { CSR_CHARACTERS_MAX, webCryptography } from "../../src/adapters/cryptography.ts";
import { type Issued, makeFirmwareSigner, makeRoot } from "../support/certificates.ts";
import {
  OPENSSL_FILE,
  OPENSSL_ROOT,
  OPENSSL_SIGNATURES,
  OPENSSL_SIGNER,
} from "../support/openssl_samples.ts";

const BYTES = new TextEncoder().encode(OPENSSL_FILE);
const TAMPERED = new TextEncoder().encode("firmware v3\n");

type Question = Parameters<typeof webCryptography.verifySignature>[0];

function verifySignature(question: Partial<Question>) {
  return webCryptography.verifySignature({
    bytes: BYTES,
    signingCertificate: OPENSSL_SIGNER,
    signature: OPENSSL_SIGNATURES.pkcs1,
    ...question,
  });
}

/** The signers of this file; RSA keys take long to make. */
const signers: Partial<Record<"EC" | "EC-P384" | "RSA-1024", Promise<Issued>>> = {};

function signerOf(keyType: "EC" | "EC-P384" | "RSA-1024"): Promise<Issued> {
  return signers[keyType] ??= (async () => {
    const root = await makeRoot({ commonName: "Maker Root" });
    return await makeFirmwareSigner(root, { commonName: "Signer", keyType });
  })();
}

/** The raw form: two numbers one after the other. */
async function signed(issued: Issued, bytes: Uint8Array<ArrayBuffer>): Promise<Uint8Array> {
  const algorithm = issued.keyType.startsWith("EC")
    ? { name: "ECDSA", hash: "SHA-256" }
    : { name: "RSASSA-PKCS1-v1_5" };
  return new Uint8Array(await crypto.subtle.sign(algorithm, issued.keys.privateKey, bytes));
}

const OPENSSL_CASES = [
  ["pkcs1", OPENSSL_SIGNER, "RSA PKCS#1 v1.5"],
  ["pssSalt32", OPENSSL_SIGNER, "RSA-PSS"],
  ["pssSaltMax", OPENSSL_SIGNER, "RSA-PSS"],
  ["ecdsa", OPENSSL_ROOT, "ECDSA P-256"],
] as const;

for (const [name, signingCertificate, scheme] of OPENSSL_CASES) {
  Deno.test(`a signature of OpenSSL (${name}) holds for its file and no other`, async () => {
    const signature = OPENSSL_SIGNATURES[name];
    assert.deepEqual(await verifySignature({ signingCertificate, signature }), {
      isValid: true,
      reason: scheme,
    });
    const tampered = await verifySignature({ signingCertificate, signature, bytes: TAMPERED });
    assert.deepEqual(tampered, {
      isValid: false,
      reason: "the signature is not that of the file and the signing certificate",
    });
    const otherCertificate = signingCertificate === OPENSSL_ROOT ? OPENSSL_SIGNER : OPENSSL_ROOT;
    assert.equal((await verifySignature({ signingCertificate: otherCertificate, signature })).isValid, false);
  });
}

for (const keyType of ["EC", "EC-P384"] as const) {
  Deno.test(`an ECDSA signature (${keyType}) may be raw or DER`, async () => {
    const signer = await signerOf(keyType);
    const raw = await signed(signer, BYTES);
    const der = nodeSign("sha256", Buffer.from(BYTES), signer.privateKey);
    assert.notEqual(raw.length, der.length);
    for (const signature of [raw.toBase64(), Buffer.from(der).toString("base64")]) {
      const question = { signingCertificate: signer.certificate, signature };
      assert.equal((await verifySignature(question)).isValid, true);
      assert.equal((await verifySignature({ ...question, bytes: TAMPERED })).isValid, false);
    }
  });
}

Deno.test("many ECDSA signatures in DER: short numbers and leading zeros are put in their place", async () => {
  const signer = await signerOf("EC");
  for (let round = 0; round < 300; round++) {
    const bytes = new TextEncoder().encode(`firmware ${round}`);
    const signature = nodeSign("sha256", Buffer.from(bytes), signer.privateKey).toString("base64");
    const { isValid } = await verifySignature({ bytes, signingCertificate: signer.certificate, signature });
    assert.equal(isValid, true, `round ${round}: ${signature}`);
  }
});

Deno.test("another key's signature does not hold", async () => {
  const [signer, other] = [await signerOf("EC"), await makeRoot({ commonName: "Signer" })];
  const signature = (await signed(other, BYTES)).toBase64();
  assert.equal((await verifySignature({ signingCertificate: signer.certificate, signature })).isValid, false);
});

/** How a certificate arrives: each from the PEM with line feeds. */
const FORMS: Readonly<Record<string, (pem: string) => string>> = {
  "CRLF": (pem) => pem.replaceAll("\n", "\r\n"),
  "%0A": (pem) => pem.replaceAll("\n", "%0A"),
  "%0D%0A": (pem) => pem.replaceAll("\n", "%0D%0A"),
  "everything percent-encoded": (pem) => encodeURIComponent(pem),
  "form-encoded": (pem) => new URLSearchParams({ c: pem }).toString().slice(2),
  "backslash and n": (pem) => pem.replaceAll("\n", "\\n"),
  "backslash r, backslash n": (pem) => pem.replaceAll("\n", "\\r\\n"),
  "spaces": (pem) => pem.replaceAll("\n", " "),
  "one line": (pem) => pem.replaceAll("\n", ""),
  "text around": (pem) => `Subject: CN = Signer\n${pem}and more`,
  "bare Base64": (pem) => pem.replaceAll(/-----.*-----\n/g, ""),
};

for (const [form, write] of Object.entries(FORMS)) {
  Deno.test(`a signing certificate is understood with line ends as ${form}`, async () => {
    assert.notEqual(write(OPENSSL_SIGNER), OPENSSL_SIGNER);
    assert.equal((await verifySignature({ signingCertificate: write(OPENSSL_SIGNER) })).isValid, true);
  });
}

Deno.test("a signature is understood with line ends of any kind, or none", async () => {
  const { pkcs1 } = OPENSSL_SIGNATURES;
  assert.match(pkcs1, /\n/);
  for (const end of ["", "\r\n", "%0A", "%0D%0A", "\\n", " "]) {
    assert.equal((await verifySignature({ signature: pkcs1.replaceAll("\n", end) })).isValid, true, end);
  }
});

Deno.test("a weak key is refused, whatever it signed", async () => {
  const signer = await signerOf("RSA-1024");
  const signature = (await signed(signer, BYTES)).toBase64();
  assert.deepEqual(await verifySignature({ signingCertificate: signer.certificate, signature }), {
    isValid: false,
    reason: "the signing certificate has a key RSA of 1024 bits, below 2048",
  });
});

Deno.test("texts that are no certificate or no signature are refused, never an exception", async () => {
  const body = OPENSSL_SIGNER.split("\n").slice(1, -2);
  const wrapped = (lines: readonly string[]) =>
    ["-----BEGIN CERTIFICATE-----", ...lines, "-----END CERTIFICATE-----"].join("\n");
  const noCertificates = [
    ...["", "PEM", "MIIC", wrapped([]), wrapped(["!"]), wrapped(["AAAA"]), wrapped(["MAA="])],
    ...body.map((_, index) => wrapped(body.slice(0, index))), // cut off anywhere
  ];
  for (const signingCertificate of noCertificates) {
    assert.equal((await verifySignature({ signingCertificate })).isValid, false, signingCertificate);
  }
  for (const signature of ["", "!", "AAAA", "MAA=", "MAYCAQECAQE=", "x".repeat(100_000)]) {
    for (const signingCertificate of [OPENSSL_ROOT, OPENSSL_SIGNER]) {
      assert.equal((await verifySignature({ signingCertificate, signature })).isValid, false, signature);
    }
  }
});

for (const keyType of ["RSA", "EC"] as const) {
  Deno.test(`createSigningRequest: CN and O as given, signed by the key that comes along (${keyType})`, async () => {
    const { request, kind } = await webCryptography.createSigningRequest({
      kind: "createSigningRequest",
      commonName: 'CP, 001 + "é"',
      organization: "ACME=O & Co",
      keyType,
    });
    assert.equal(kind, "createSigningRequest");
    assert.ok(request !== undefined);
    assert.match(
      request.csr,
      /^-----BEGIN CERTIFICATE REQUEST-----\n([^\n]{1,64}\n)+-----END CERTIFICATE REQUEST-----\n$/,
    );
    assert.ok(request.csr.length <= CSR_CHARACTERS_MAX);
    const parsed = new Pkcs10CertificateRequest(request.csr);
    assert.deepEqual(parsed.subjectName.getField("CN"), ['CP, 001 + "é"']);
    assert.deepEqual(parsed.subjectName.getField("O"), ["ACME=O & Co"]);
    assert.equal(await parsed.verify(), true);
    // The key is the request's: node:crypto signs with one and verifies with the other.
    const publicKey = createPublicKey({
      key: Buffer.from(parsed.publicKey.rawData),
      format: "der",
      type: "spki",
    });
    const signature = nodeSign("sha256", Buffer.from(BYTES), request.privateKey);
    assert.equal(verify("sha256", Buffer.from(BYTES), publicKey, signature), true);
    const { asymmetricKeyType, asymmetricKeyDetails } = publicKey;
    assert.equal(asymmetricKeyType, keyType === "RSA" ? "rsa" : "ec");
    if (keyType === "RSA") assert.equal(asymmetricKeyDetails?.modulusLength, 2048);
  });
}

Deno.test("createSigningRequest: what has no room in SignCertificate is no request", async () => {
  const { request, reason } = await webCryptography.createSigningRequest({
    kind: "createSigningRequest",
    commonName: "x".repeat(5000),
    organization: "",
    keyType: "EC",
  });
  assert.equal(request, undefined);
  assert.match(reason, /above 5500/);
});
