/**
 * Certificates for tests: roots, sub-CAs, TLS servers, Charge Points and signers of firmware, made on the spot.
 *
 * The keys are EC P-256 unless asked otherwise: an RSA key takes a second to make, so make one per test file.
 * Everything is valid from 2020 to 2049 unless asked otherwise, so that nothing here depends on the day.
 */
import "reflect-metadata";
import * as x509 from "@peculiar/x509";

/** `RSA` means 2048 bits; `RSA-1024` is there to be refused. */
export type KeyType = "EC" | "EC-P384" | "RSA" | "RSA-1024";

/** A certificate and what belongs to it. */
export interface Issued {
  /** This certificate alone, PEM. */
  readonly certificate: string;
  /** This certificate and the sub-CAs above it, without the root, PEM; what a TLS server or client shows. */
  readonly chain: string;
  /** PKCS#8 PEM. */
  readonly privateKey: string;
  readonly keys: CryptoKeyPair;
  readonly parsed: x509.X509Certificate;
  readonly keyType: KeyType;
  /** `undefined` for a root. */
  readonly issuer: Issued | undefined;
}

/** What can be chosen for every certificate. */
export interface CertificateOptions {
  readonly commonName: string;
  readonly organization?: string;
  /** Instead of these two: any name. */
  readonly subject?: x509.JsonName;
  readonly keyType?: KeyType;
  readonly notBeforeMs?: number;
  readonly notAfterMs?: number;
  /** Hexadecimal. */
  readonly serialNumber?: string;
  /** Instead of a new pair. */
  readonly keys?: CryptoKeyPair;
}

const NOT_BEFORE_MS = Date.UTC(2020, 0, 1);
const NOT_AFTER_MS = Date.UTC(2049, 0, 1);

/** A self-signed certificate that may sign others. */
export function makeRoot(
  options: CertificateOptions & { readonly pathLength?: number },
): Promise<Issued> {
  return issue(undefined, options, authorityExtensions(options.pathLength));
}

/** A certificate below `issuer` that may sign others. */
export function makeSubAuthority(issuer: Issued, options: CertificateOptions): Promise<Issued> {
  return issue(issuer, options, authorityExtensions());
}

/** For a TLS server; rustls looks at the names in SubjectAltName only. */
export function makeServer(
  issuer: Issued,
  options: CertificateOptions & { readonly dnsNames?: readonly string[]; readonly ips?: readonly string[] },
): Promise<Issued> {
  const { dnsNames = ["localhost"], ips = ["127.0.0.1", "::1"] } = options;
  const names = [
    ...dnsNames.map((value) => ({ type: "dns" as const, value })),
    ...ips.map((value) => ({ type: "ip" as const, value })),
  ];
  return issue(issuer, options, [
    ...leafExtensions(x509.ExtendedKeyUsage.serverAuth),
    ...names.length === 0 ? [] : [new x509.SubjectAlternativeNameExtension(names)],
  ]);
}

/** For a Charge Point that shows it to the Central System: CN is its serial number, O its operator. */
export function makeClient(issuer: Issued, options: CertificateOptions): Promise<Issued> {
  return issue(issuer, options, leafExtensions(x509.ExtendedKeyUsage.clientAuth));
}

/** For a manufacturer that signs firmware. */
export function makeFirmwareSigner(issuer: Issued, options: CertificateOptions): Promise<Issued> {
  return issue(issuer, options, leafExtensions(x509.ExtendedKeyUsage.codeSigning));
}

/** Answers a PKCS#10 request (PEM) with a client certificate: what a certificate authority does. */
export async function answerSigningRequest(
  issuer: Issued,
  csr: string,
  { notBeforeMs = NOT_BEFORE_MS, notAfterMs = NOT_AFTER_MS }: {
    readonly notBeforeMs?: number;
    readonly notAfterMs?: number;
  } = {},
): Promise<string> {
  const request = new x509.Pkcs10CertificateRequest(csr);
  const certificate = await x509.X509CertificateGenerator.create({
    serialNumber: newSerialNumber(),
    subject: request.subjectName,
    issuer: issuer.parsed.subjectName,
    notBefore: new Date(notBeforeMs),
    notAfter: new Date(notAfterMs),
    publicKey: request.publicKey,
    signingKey: issuer.keys.privateKey,
    signingAlgorithm: signingAlgorithm(issuer.keyType),
    extensions: leafExtensions(x509.ExtendedKeyUsage.clientAuth),
  });
  return `${certificate.toString("pem")}\n`;
}

/** What a request for a certificate is to be like. */
export interface CsrOptions {
  readonly subject: x509.JsonName;
  readonly keyType?: KeyType;
  /** It is signed with a key other than the one that it is about. */
  readonly isOfAnotherKey?: boolean;
  /** Only for RSA keys: something other than SHA-256. */
  readonly hash?: "SHA-1";
}

/** A PKCS#10 request, PEM. */
export async function makeSigningRequest(
  { subject, keyType = "EC", isOfAnotherKey = false, hash }: CsrOptions,
): Promise<string> {
  const type = hash === undefined ? keyType : "RSA";
  const algorithm = hash === undefined ? signingAlgorithm(type) : { name: "RSASSA-PKCS1-v1_5", hash };
  const keys = hash === undefined
    ? await makeKeys(type)
    : await crypto.subtle.generateKey({ ...keyAlgorithm("RSA"), hash } as RsaHashedKeyGenParams, true, [
      "sign",
      "verify",
    ]) as CryptoKeyPair;
  const { privateKey } = isOfAnotherKey ? await makeKeys(type) : keys;
  const request = await x509.Pkcs10CertificateRequestGenerator.create({
    name: new x509.Name(subject),
    keys: { publicKey: keys.publicKey, privateKey },
    signingAlgorithm: algorithm,
  });
  return `${request.toString("pem")}\n`;
}

/** A key pair of this type, extractable. */
export function makeKeys(keyType: KeyType = "EC"): Promise<CryptoKeyPair> {
  return crypto.subtle.generateKey(keyAlgorithm(keyType), true, ["sign", "verify"]) as Promise<CryptoKeyPair>;
}

/** PKCS#8 PEM of a private key. */
export async function privateKeyPem(keys: CryptoKeyPair): Promise<string> {
  const der = await crypto.subtle.exportKey("pkcs8", keys.privateKey);
  return `${x509.PemConverter.encode(der, "PRIVATE KEY")}\n`;
}

async function issue(
  issuer: Issued | undefined,
  options: CertificateOptions,
  extensions: readonly x509.Extension[],
): Promise<Issued> {
  const keyType = options.keyType ?? "EC";
  const keys = options.keys ?? await makeKeys(keyType);
  const subject = nameOf(options);
  const signer = issuer?.keys ?? keys;
  const parsed = await x509.X509CertificateGenerator.create({
    serialNumber: options.serialNumber ?? newSerialNumber(),
    subject,
    issuer: issuer === undefined ? subject : issuer.parsed.subjectName,
    notBefore: new Date(options.notBeforeMs ?? NOT_BEFORE_MS),
    notAfter: new Date(options.notAfterMs ?? NOT_AFTER_MS),
    publicKey: keys.publicKey,
    signingKey: signer.privateKey,
    signingAlgorithm: signingAlgorithm(issuer?.keyType ?? keyType),
    extensions: [
      ...extensions,
      await x509.SubjectKeyIdentifierExtension.create(keys.publicKey),
      await x509.AuthorityKeyIdentifierExtension.create(signer.publicKey),
    ],
  });
  const certificate = `${parsed.toString("pem")}\n`;
  const above = issuer?.issuer === undefined ? "" : issuer.chain; // a root stays out of the chain
  const privateKey = await privateKeyPem(keys);
  return { certificate, chain: certificate + above, privateKey, keys, parsed, keyType, issuer };
}

function nameOf({ commonName, organization, subject }: CertificateOptions): x509.Name {
  if (subject !== undefined) return new x509.Name(subject);
  return new x509.Name([
    { CN: [{ utf8String: commonName }] },
    ...organization === undefined ? [] : [{ O: [{ utf8String: organization }] }],
  ]);
}

/** 16 digits that begin neither with a zero nor with the bit that would make the number negative. */
function newSerialNumber(): string {
  return `1${crypto.randomUUID().replaceAll("-", "").slice(0, 15)}`;
}

function authorityExtensions(pathLength?: number): x509.Extension[] {
  return [
    new x509.BasicConstraintsExtension(true, pathLength, true),
    new x509.KeyUsagesExtension(x509.KeyUsageFlags.keyCertSign | x509.KeyUsageFlags.cRLSign, true),
  ];
}

function leafExtensions(usage: x509.ExtendedKeyUsage): x509.Extension[] {
  return [
    new x509.BasicConstraintsExtension(false, undefined, true),
    new x509.KeyUsagesExtension(x509.KeyUsageFlags.digitalSignature, true),
    new x509.ExtendedKeyUsageExtension([usage]),
  ];
}

function keyAlgorithm(keyType: KeyType): EcKeyGenParams | RsaHashedKeyGenParams {
  if (keyType === "EC") return { name: "ECDSA", namedCurve: "P-256" };
  if (keyType === "EC-P384") return { name: "ECDSA", namedCurve: "P-384" };
  return {
    name: "RSASSA-PKCS1-v1_5",
    modulusLength: keyType === "RSA" ? 2048 : 1024,
    publicExponent: new Uint8Array([1, 0, 1]),
    hash: "SHA-256",
  };
}

function signingAlgorithm(keyType: KeyType): EcdsaParams | Algorithm {
  return keyType.startsWith("EC")
    ? { name: "ECDSA", hash: "SHA-256" }
    : { name: "RSASSA-PKCS1-v1_5", hash: "SHA-256" } as Algorithm;
}
