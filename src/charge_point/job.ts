/**
 * Work that a Charge Point needs and cannot do by itself, being pure: transfers of files and cryptography.
 *
 * The effect `job` asks for it, the input `jobDone` brings what came of it, with the same `jobId`. A job that is
 * cancelled, or whose Charge Point lost its power meanwhile, is done without anybody being told.
 * Every job ends: whoever does it has bounds of its own on time and size. A retry is a new job.
 * Units: certificates are PEM texts, signatures Base64; instants in milliseconds since 1970 UTC.
 */

/** What is to be done. */
export type Job =
  /** Put a text file there; `url` names a directory. Lines are joined by line feeds and compressed with gzip. */
  | {
    readonly kind: "upload";
    readonly url: string;
    readonly fileName: string;
    readonly lines: readonly string[];
  }
  /** Get a file and keep it under `fileId` until the next download of this Charge Point. */
  | { readonly kind: "download"; readonly url: string }
  /** Check the signature over the whole of a downloaded file, SHA-256. */
  | {
    readonly kind: "verifyFirmware";
    readonly fileId: string;
    readonly signingCertificate: string;
    readonly signature: string;
  }
  /** Make a key pair and a PKCS#10 request for it: CN and O as given. */
  | {
    readonly kind: "createSigningRequest";
    readonly commonName: string;
    readonly organization: string;
    readonly keyType: "RSA" | "EC";
  }
  /** Read a certificate; with `roots`, check its chain up to one of them too. */
  | {
    readonly kind: "readCertificate";
    /** The leaf first, then sub-CA certificates if any. */
    readonly chain: string;
    readonly roots?: readonly string[];
    /** Check that this key belongs to the leaf. PKCS#8 PEM. */
    readonly privateKey?: string;
    readonly atMs: number;
  };

/** What came of a job of each kind. */
export type JobResult =
  | { readonly kind: "upload"; readonly outcome: TransferOutcome }
  | {
    readonly kind: "download";
    readonly outcome: TransferOutcome;
    /** Where it succeeded. `head` is the first line of the file, at most 200 characters of Latin-1. */
    readonly file?: { readonly fileId: string; readonly sizeBytes: number; readonly head: string };
  }
  | { readonly kind: "verifyFirmware"; readonly isValid: boolean; readonly reason: string }
  | {
    readonly kind: "createSigningRequest";
    /** PKCS#10 PEM and the private key as PKCS#8 PEM. */
    readonly request: { readonly csr: string; readonly privateKey: string } | undefined;
    readonly reason: string;
  }
  | {
    readonly kind: "readCertificate";
    /** `undefined` where the text is no certificate. */
    readonly certificate: CertificateInfo | undefined;
    /** Why it will not do; `undefined` where everything that was asked for holds. */
    readonly refusal: CertificateRefusal | undefined;
    readonly reason: string;
  };

/** How a transfer ended; everything but `done` says who is to blame, in the words that a status can be made of. */
export interface TransferOutcome {
  readonly status:
    | "done"
    /** No such host, nobody there, broken off, too slow. */
    | "unreachable"
    /** Credentials refused, or no right to do this. */
    | "permissionDenied"
    /** There is no such file or directory. */
    | "notFound"
    /** A protocol that is not spoken here, or a server that does not offer the operation. */
    | "notSupported"
    /** The URL cannot be understood. */
    | "badUrl"
    /** More than the bound allows. */
    | "tooLarge"
    | "failed";
  /** One line for a person, without credentials. */
  readonly message: string;
}

export type CertificateRefusal =
  | "notACertificate"
  | "notYetValid"
  | "expired"
  | "untrusted"
  | "wrongKey"
  | "weak"
  | "notACertificateAuthority";

/** What is known of a certificate. */
export interface CertificateInfo {
  readonly commonName: string;
  readonly organization: string;
  /** Hexadecimal, lower case, without leading zeros. */
  readonly serialNumber: string;
  readonly notBeforeMs: number;
  readonly notAfterMs: number;
  readonly isCertificateAuthority: boolean;
  /** Hashes of the issuer's name (DER) and public key, hexadecimal. Spec: Security, CertificateHashDataType. */
  readonly hashes: Readonly<
    Record<
      "SHA256" | "SHA384" | "SHA512",
      { readonly issuerNameHash: string; readonly issuerKeyHash: string }
    >
  >;
}

/** How the link is to be secured; secrets stand in it, so it is part of no event and no log. */
export interface LinkSecurity {
  /** Spec: Security §2.3. From 2 on the URL's scheme is wss. */
  readonly securityProfile: 0 | 1 | 2 | 3;
  /** The password's bytes, hexadecimal, for profiles 1 and 2. */
  readonly authorizationKey?: string;
  /** Central System root certificates, PEM, for profiles 2 and 3; none: those of the system. */
  readonly roots: readonly string[];
  /** For profile 3. */
  readonly clientCertificate?: { readonly chain: string; readonly privateKey: string };
}

/** How a link is secured that nobody has said anything about. */
export const NO_SECURITY: LinkSecurity = { securityProfile: 0, roots: [] };
