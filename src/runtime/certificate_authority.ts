/**
 * The port to whoever signs certificates of Charge Points: what `adapters/certificate_authority.ts` makes real.
 */

/** A request to be checked and signed. */
export interface SigningOrder {
  /** PKCS#10, PEM, as it came from the Charge Point. */
  readonly csr: string;
  /** The only CN that it may ask for. */
  readonly commonName: string;
  /** The only O that it may ask for; absent: any. */
  readonly organization?: string;
  readonly nowMs: number;
}

/** A certificate with what is above it, or why there is none: one line for the operator. */
export type SigningOutcome =
  | {
    readonly ok: true;
    /** PEM, without the root. */
    readonly certificateChain: string;
    readonly serialNumber: string;
  }
  | { readonly ok: false; readonly reason: string };

/** Signs. Errors: none for requests of any kind; they are part of the outcome. */
export interface CertificateAuthority {
  sign(order: SigningOrder): Promise<SigningOutcome>;
}
