/**
 * Certificates made: what stands in one, and an authority's signature below it. SHA-256 throughout.
 *
 * Spec: RFC 5280 §4.1, §4.2; Security §4 (certificate properties).
 */
import type { Extension, PublicKeyType, X509Certificate } from "@peculiar/x509";
import { pemOf } from "./certificate_text.ts";
import { loadX509 } from "./certificates.ts";
import type { SigningKey } from "./key_pair.ts";

/** What a certificate is for, which decides its extensions. */
export type CertificateUse =
  /** Signs others. */
  | { readonly kind: "authority" }
  /** At least one name: TLS looks at these, not at the CN. `isRsa`: its key may encrypt too. */
  | {
    readonly kind: "server";
    readonly dnsNames: readonly string[];
    readonly addresses: readonly string[];
    readonly isRsa: boolean;
  }
  | { readonly kind: "client" }
  /** Signs firmware. */
  | { readonly kind: "firmwareSigner" };

/** What is to stand in a certificate. */
export interface CertificateWish {
  readonly commonName: string;
  readonly organization?: string;
  readonly publicKey: PublicKeyType;
  readonly use: CertificateUse;
  readonly notBeforeMs: number;
  readonly notAfterMs: number;
}

/** Who signs it; without a certificate it signs itself. */
export interface CertificateIssuer {
  /** PEM. */
  readonly certificate: string | undefined;
  readonly key: SigningKey;
}

/** Makes it; gives PEM. Errors: throws where a name holds what a certificate cannot. */
export async function issueCertificate(
  { commonName, organization, publicKey, use, notBeforeMs, notAfterMs }: CertificateWish,
  issuer: CertificateIssuer,
): Promise<string> {
  const x509 = await loadX509();
  // As plain texts the library would read quotes and a leading # in a way of its own.
  const subject = new x509.Name([
    { CN: [{ utf8String: commonName }] },
    ...organization === undefined ? [] : [{ O: [{ utf8String: organization }] }],
  ]);
  const above: X509Certificate | undefined = issuer.certificate === undefined
    ? undefined
    : new x509.X509Certificate(issuer.certificate);
  const certificate = await x509.X509CertificateGenerator.create({
    serialNumber: newSerialNumber(),
    subject,
    issuer: above?.subjectName ?? subject,
    notBefore: wholeSecond(notBeforeMs),
    notAfter: wholeSecond(notAfterMs),
    publicKey,
    signingKey: issuer.key.privateKey,
    signingAlgorithm: issuer.key.algorithm,
    extensions: [
      ...extensionsFor(use, x509),
      await x509.SubjectKeyIdentifierExtension.create(publicKey),
      await x509.AuthorityKeyIdentifierExtension.create(above?.publicKey ?? publicKey),
    ],
  });
  return pemOf(certificate.rawData, "CERTIFICATE");
}

function extensionsFor(use: CertificateUse, x509: typeof import("@peculiar/x509")): Extension[] {
  const { KeyUsageFlags, ExtendedKeyUsage } = x509;
  switch (use.kind) {
    case "authority":
      return [
        new x509.BasicConstraintsExtension(true, undefined, true),
        new x509.KeyUsagesExtension(KeyUsageFlags.keyCertSign | KeyUsageFlags.cRLSign, true),
      ];
    case "server": {
      const encrypts = use.isRsa ? KeyUsageFlags.keyEncipherment : 0;
      return [
        new x509.BasicConstraintsExtension(false, undefined, true),
        new x509.KeyUsagesExtension(KeyUsageFlags.digitalSignature | encrypts, true),
        new x509.ExtendedKeyUsageExtension([ExtendedKeyUsage.serverAuth]),
        new x509.SubjectAlternativeNameExtension([
          ...use.dnsNames.map((value) => ({ type: "dns" as const, value })),
          ...use.addresses.map((value) => ({ type: "ip" as const, value })),
        ]),
      ];
    }
    case "client":
    case "firmwareSigner":
      return [
        new x509.BasicConstraintsExtension(false, undefined, true),
        new x509.KeyUsagesExtension(KeyUsageFlags.digitalSignature, true),
        new x509.ExtendedKeyUsageExtension([
          use.kind === "client" ? ExtendedKeyUsage.clientAuth : ExtendedKeyUsage.codeSigning,
        ]),
      ];
  }
}

/** 16 random bytes, the first of them neither zero nor negative. Spec: RFC 5280 §4.1.2.2. */
function newSerialNumber(): string {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  bytes[0] = (bytes[0]! & 0x3f) | 0x40;
  return bytes.toHex();
}

/** The times of a certificate have no fraction. */
function wholeSecond(atMs: number): Date {
  return new Date(Math.floor(atMs / 1_000) * 1_000);
}
