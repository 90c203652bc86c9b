/**
 * What a case needs besides frames and cannot make by itself, being pure: places for files, and certificates.
 *
 * The effect `bench` asks the host for it, the input `benchDone` brings it. A host that has it not says
 * `undefined`, which makes the case INCONCLUSIVE.
 * Units: certificates and requests are PEM texts; `location` is a URL.
 */

/** What is asked for. */
export type BenchRequest =
  /** A directory that takes an upload; `missing`: one that refuses it. */
  | { readonly kind: "uploadLocation"; readonly flaw?: "missing" }
  /** A firmware file to be had, with its signature; `missing`: there is none. */
  | {
    readonly kind: "firmware";
    readonly flaw?: "missing" | "corrupt" | "badSignature" | "badCertificate";
  }
  /**
   * The certificate that a CSR asks for, by the CA that the system under test trusts; `untrusted`: by another.
   * `organization`: the O that has to stand in the CSR; `commonNames`: one of these has to; absent: any.
   */
  | {
    readonly kind: "signCertificate";
    readonly csr: string;
    readonly organization?: string;
    readonly commonNames?: readonly string[];
    readonly flaw?: "untrusted" | "expired";
  }
  /** A CSR for a new key of the tester's. */
  | { readonly kind: "signingRequest"; readonly commonName: string; readonly organization: string }
  /** Whether a certificate is for the key and the name of such a CSR, and valid now. */
  | { readonly kind: "examineCertificate"; readonly csr: string; readonly certificateChain: string }
  /** A root certificate with its hashes. */
  | { readonly kind: "rootCertificate"; readonly use: "CentralSystem" | "Manufacturer" };

/** What comes of each. */
export interface BenchReplies {
  readonly uploadLocation: { readonly location: string };
  readonly firmware: {
    readonly location: string;
    readonly signingCertificate: string;
    readonly signature: string;
    /** What BootNotification is to tell afterwards, where that is known. */
    readonly firmwareVersion?: string;
  };
  /** `problem`: one line that says why nobody may sign such a CSR. */
  readonly signCertificate:
    | { readonly certificateChain: string; readonly problem?: undefined }
    | { readonly problem: string; readonly certificateChain?: undefined };
  readonly signingRequest: { readonly csr: string };
  /** `problem`: one line; absent: it is in order. */
  readonly examineCertificate: { readonly problem?: string };
  readonly rootCertificate: {
    readonly certificate: string;
    readonly hashes: {
      readonly hashAlgorithm: "SHA256" | "SHA384" | "SHA512";
      readonly issuerNameHash: string;
      readonly issuerKeyHash: string;
      readonly serialNumber: string;
    };
  };
}

export type BenchReply = BenchReplies[BenchRequest["kind"]];
