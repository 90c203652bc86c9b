/** Certificates: what they say, and whether they are to be trusted. */
import assert from "node:assert/strict";
import { Buffer } from "node:buffer";
import { createHash, X509Certificate } from "node:crypto";
import { readCertificate } from "../../src/adapters/certificates.ts";
import type { ReadCertificateJob } from "../../src/runtime/cryptography.ts";
import {
  answerSigningRequest,
  type Issued,
  makeClient,
  makeFirmwareSigner,
  makeKeys,
  makeRoot,
  makeServer,
  makeSubAuthority,
  privateKeyPem,
} from "../support/certificates.ts";
import {
  OPENSSL_HASHES,
  OPENSSL_ROOT,
  OPENSSL_SIGNER,
  OPENSSL_VALID_AT_MS,
} from "../support/openssl_samples.ts";
import { webCryptography } from "../../src/adapters/cryptography.ts";

const AT_MS = Date.UTC(2030, 5, 1);
const DAY_MS = 86_400_000;

/** A root, a sub-CA below it, and a Charge Point's certificate below that; made once. */
let family: Promise<{ root: Issued; subAuthority: Issued; client: Issued }> | undefined;

function theFamily() {
  return family ??= (async () => {
    const root = await makeRoot({ commonName: "Root", organization: "ACME" });
    const subAuthority = await makeSubAuthority(root, { commonName: "Sub-CA", organization: "ACME" });
    const client = await makeClient(subAuthority, {
      commonName: "CP001",
      organization: "ACME Charging",
      serialNumber: "00ab01cd",
    });
    return { root, subAuthority, client };
  })();
}

function read(job: Omit<ReadCertificateJob, "kind" | "atMs"> & { readonly atMs?: number }) {
  return readCertificate({ kind: "readCertificate", atMs: AT_MS, ...job });
}

async function refusalOf(job: Parameters<typeof read>[0]) {
  const { refusal } = await read(job);
  return refusal;
}

Deno.test("a certificate says whose it is, until when, and what it may", async () => {
  const { client, subAuthority } = await theFamily();
  const { certificate, refusal } = await read({ chain: client.chain });
  assert.equal(refusal, undefined);
  const { hashes: _, ...content } = certificate!;
  assert.deepEqual(content, {
    commonName: "CP001",
    organization: "ACME Charging",
    serialNumber: "ab01cd",
    notBeforeMs: Date.UTC(2020, 0, 1),
    notAfterMs: Date.UTC(2049, 0, 1),
    isCertificateAuthority: false,
  });
  assert.equal((await read({ chain: subAuthority.certificate })).certificate?.isCertificateAuthority, true);
});

Deno.test("hashes of an issuer are those that `openssl ocsp` computes", async () => {
  const certificate = (await read({ chain: OPENSSL_SIGNER, roots: [OPENSSL_ROOT] })).certificate!;
  assert.equal(certificate.serialNumber, "f1e2d3");
  for (const algorithm of ["SHA256", "SHA384", "SHA512"] as const) {
    const { issuerNameHash, issuerKeyHash } = certificate.hashes[algorithm];
    const expected = OPENSSL_HASHES[algorithm];
    assert.equal(issuerNameHash.slice(0, 70), expected.issuerNameHash.slice(0, 70));
    assert.equal(issuerKeyHash.slice(0, 70), expected.issuerKeyHash.slice(0, 70));
    assert.equal(issuerNameHash.length, Number(algorithm.slice(3)) / 4);
    assert.equal(issuerKeyHash.length, Number(algorithm.slice(3)) / 4);
  }
});

/** The key's bit string from node:crypto: the last bytes of SubjectPublicKeyInfo, 65 of P-256. */
function keyHash(pem: string, algorithm: string): string {
  const spki = new X509Certificate(pem).publicKey.export({ format: "der", type: "spki" });
  return createHash(algorithm).update(Buffer.from(spki).subarray(-65)).digest("hex");
}

Deno.test("the issuer's key: a root's own, a sub-CA's from the chain, or the own where nobody knows", async () => {
  const { root, subAuthority, client } = await theFamily();
  const hashOf = async (job: Parameters<typeof read>[0]) =>
    (await read(job)).certificate!.hashes.SHA256.issuerKeyHash;
  assert.equal(await hashOf({ chain: root.certificate }), keyHash(root.certificate, "sha256"));
  assert.equal(await hashOf({ chain: client.chain }), keyHash(subAuthority.certificate, "sha256"));
  assert.equal(
    await hashOf({ chain: subAuthority.certificate, roots: [root.certificate] }),
    keyHash(root.certificate, "sha256"),
  );
  assert.equal(await hashOf({ chain: client.certificate }), keyHash(client.certificate, "sha256"));
  const { hashes } = (await read({ chain: root.certificate })).certificate!;
  assert.equal(hashes.SHA384.issuerKeyHash, keyHash(root.certificate, "sha384"));
  assert.equal(hashes.SHA512.issuerKeyHash, keyHash(root.certificate, "sha512"));
});

Deno.test("a chain over a sub-CA up to a given root is trusted, with the key that belongs to it", async () => {
  const { root, client } = await theFamily();
  const other = await makeRoot({ commonName: "Other" });
  for (const chain of [client.chain, client.chain + root.certificate, encodeURIComponent(client.chain)]) {
    const result = await read({
      chain,
      roots: [other.certificate, root.certificate],
      privateKey: client.privateKey,
    });
    assert.deepEqual([result.refusal, result.reason], [
      undefined,
      "the certificate of CN=CP001, O=ACME Charging is in order",
    ]);
  }
});

Deno.test("the order of the sub-CAs behind the leaf does not matter", async () => {
  const { root, subAuthority } = await theFamily();
  const lower = await makeSubAuthority(subAuthority, { commonName: "Lower" });
  const leaf = await makeClient(lower, { commonName: "CP002" });
  const chain = leaf.certificate + subAuthority.certificate + lower.certificate;
  assert.equal(await refusalOf({ chain, roots: [root.certificate] }), undefined);
});

Deno.test("untrusted: no root, a foreign root, a missing sub-CA, a name that anybody may take", async () => {
  const { root, client, subAuthority } = await theFamily();
  const impostor = await makeRoot({ commonName: "Root", organization: "ACME" });
  assert.equal(await refusalOf({ chain: client.chain, roots: [] }), "untrusted");
  assert.equal(await refusalOf({ chain: client.chain, roots: [impostor.certificate] }), "untrusted");
  assert.equal(await refusalOf({ chain: client.certificate, roots: [root.certificate] }), "untrusted");
  assert.equal(await refusalOf({ chain: impostor.certificate, roots: [root.certificate] }), "untrusted");
  // A root that comes along with the chain is no reason to trust it.
  const own = await makeClient(impostor, { commonName: "CP001" });
  const brought = own.certificate + impostor.certificate;
  assert.equal(await refusalOf({ chain: brought, roots: [root.certificate] }), "untrusted");
  assert.equal(
    await refusalOf({ chain: client.certificate, roots: [subAuthority.certificate] }),
    undefined,
    "a sub-CA may be given as a root",
  );
});

Deno.test("a root is trusted where it is itself among the roots", async () => {
  const { root } = await theFamily();
  assert.equal(await refusalOf({ chain: root.certificate, roots: [root.certificate] }), undefined);
});

Deno.test("validity: the leaf's and everybody's above it, at the moment that is given", async () => {
  const notBeforeMs = AT_MS - DAY_MS;
  const notAfterMs = AT_MS + DAY_MS;
  const root = await makeRoot({ commonName: "Root" });
  const brief = await makeSubAuthority(root, { commonName: "Brief", notBeforeMs, notAfterMs });
  const leaf = await makeClient(brief, { commonName: "CP001" });
  const roots = [root.certificate];
  const at = (atMs: number) => refusalOf({ chain: leaf.chain, roots, atMs });
  assert.equal(await at(AT_MS), undefined);
  assert.equal(await at(notBeforeMs), undefined);
  assert.equal(await at(notAfterMs), undefined);
  assert.equal(await at(notBeforeMs - 1000), "notYetValid");
  assert.equal(await at(notAfterMs + 1000), "expired");
  // Without roots only the certificate itself counts.
  assert.equal(await refusalOf({ chain: leaf.chain, atMs: notAfterMs + 1000 }), undefined);
  assert.equal(await refusalOf({ chain: brief.certificate, atMs: notAfterMs + 1000 }), "expired");
  const { reason } = await read({ chain: brief.certificate, atMs: notAfterMs + 1000 });
  assert.equal(reason, "the certificate of CN=Brief has expired at 2030-06-02T00:00:00.000Z");
});

Deno.test("wrongKey: another key, a key of another type, no key", async () => {
  const { root, client } = await theFamily();
  const others = [
    await privateKeyPem(await makeKeys("EC")),
    await privateKeyPem(await makeKeys("EC-P384")),
    await privateKeyPem(await makeKeys("RSA-1024")),
    client.certificate,
    "",
  ];
  for (const privateKey of others) {
    const job = { chain: client.chain, roots: [root.certificate], privateKey };
    assert.equal(await refusalOf(job), "wrongKey");
  }
});

Deno.test("an RSA certificate and its key belong together", async () => {
  const root = await makeRoot({ commonName: "Root", keyType: "RSA" });
  const job = { chain: root.certificate, roots: [root.certificate], privateKey: root.privateKey };
  assert.equal(await refusalOf(job), undefined);
  const server = await makeServer(root, { commonName: "localhost" });
  assert.equal(await refusalOf({ chain: server.chain, roots: [root.certificate] }), undefined);
});

Deno.test("weak: RSA 1024, in the leaf or above it", async () => {
  const weak = await makeRoot({ commonName: "Weak", keyType: "RSA-1024" });
  const leaf = await makeFirmwareSigner(weak, { commonName: "Signer" });
  assert.equal(await refusalOf({ chain: weak.certificate }), "weak");
  assert.equal(await refusalOf({ chain: leaf.certificate }), undefined);
  assert.equal(await refusalOf({ chain: leaf.chain, roots: [weak.certificate] }), "weak");
});

Deno.test("notACertificateAuthority: a leaf that issues, or more sub-CAs than a path length allows", async () => {
  const { root, client } = await theFamily();
  const bastard = await makeClient(client, { commonName: "CP666" });
  const result = await read({ chain: bastard.chain, roots: [root.certificate] });
  assert.equal(result.refusal, "notACertificateAuthority");
  const short = await makeRoot({ commonName: "Short", pathLength: 0 });
  const direct = await makeClient(short, { commonName: "CP001" });
  assert.equal(await refusalOf({ chain: direct.chain, roots: [short.certificate] }), undefined);
  const deep = await makeClient(await makeSubAuthority(short, { commonName: "Sub" }), {
    commonName: "CP001",
  });
  assert.equal(
    await refusalOf({ chain: deep.chain, roots: [short.certificate] }),
    "notACertificateAuthority",
  );
});

Deno.test("notACertificate: whatever is none, and the rest of a text is then not looked at", async () => {
  const { client, root } = await theFamily();
  const lines = client.certificate.split("\n");
  const cutOff = [...lines.slice(0, 3), ...lines.slice(-2)].join("\n");
  for (const chain of ["", "x", cutOff, client.privateKey, cutOff + client.certificate]) {
    const { certificate, refusal } = await read({ chain, roots: [root.certificate] });
    assert.deepEqual([certificate, refusal], [undefined, "notACertificate"], chain);
  }
});

Deno.test("of a text of thousands of certificates CHAIN_CERTIFICATES_MAX are looked at", async () => {
  const { client, root } = await theFamily();
  const chain = client.certificate.repeat(2_000) + client.chain;
  assert.equal(await refusalOf({ chain, roots: [root.certificate] }), "untrusted");
});

Deno.test("the answer to our own signing request is the certificate of our own key", async () => {
  const { root, subAuthority } = await theFamily();
  const { request } = await webCryptography.createSigningRequest({
    kind: "createSigningRequest",
    commonName: "CP007",
    organization: "ACME Charging",
    keyType: "EC",
  });
  const chain = await answerSigningRequest(subAuthority, request!.csr) + subAuthority.chain;
  const { certificate, refusal } = await webCryptography.readCertificate({
    kind: "readCertificate",
    chain,
    roots: [root.certificate],
    privateKey: request!.privateKey,
    atMs: AT_MS,
  });
  assert.equal(refusal, undefined);
  assert.equal(certificate?.commonName, "CP007");
  assert.equal(certificate.organization, "ACME Charging");
});

Deno.test("OpenSSL's certificates: a version 1 leaf below its root", async () => {
  const result = await read({
    chain: OPENSSL_SIGNER,
    roots: [OPENSSL_ROOT],
    atMs: OPENSSL_VALID_AT_MS,
  });
  assert.equal(result.refusal, undefined);
  assert.equal(result.certificate?.commonName, "Signer");
});
