/**
 * As much of DER as finds the parts of a certificate. Spec: X.690 §8.1; RFC 5280 §4.1.
 */

/** An element within bytes; `from` is where its content begins, `at` where it begins itself. */
interface Element {
  readonly tag: number;
  readonly at: number;
  readonly from: number;
  readonly to: number;
}

/** The parts of a certificate that its hashes are made of. */
export interface CertificateParts {
  /** The issuer's name, as it is encoded. */
  readonly issuerName: Uint8Array<ArrayBuffer>;
  /** The bits of the subject's public key, without what says which kind it is. */
  readonly publicKeyBits: Uint8Array<ArrayBuffer>;
}

/** The tag that a version has, which not every certificate does. */
const VERSION_TAG = 0xA0;

/** Finds them. */
export function partsOf(certificate: Uint8Array<ArrayBuffer>): CertificateParts {
  const [toBeSigned] = within(certificate, elementAt(certificate, 0));
  const fields = within(certificate, toBeSigned!);
  const first = fields[0]!.tag === VERSION_TAG ? 1 : 0;
  const issuer = fields[first + 2]!;
  const [, bits] = within(certificate, fields[first + 5]!);
  return {
    issuerName: certificate.slice(issuer.at, issuer.to),
    publicKeyBits: certificate.slice(bits!.from + 1, bits!.to), // its first byte counts unused bits
  };
}

function elementAt(bytes: Uint8Array, at: number): Element {
  const length = bytes[at + 1]!;
  const sizeBytes = length < 0x80 ? 0 : length & 0x7F;
  const from = at + 2 + sizeBytes;
  const size = sizeBytes === 0
    ? length
    : bytes.subarray(at + 2, from).reduce((sum, byte) => sum * 256 + byte, 0);
  return { tag: bytes[at]!, at, from, to: from + size };
}

function within(bytes: Uint8Array, { from, to }: Element): Element[] {
  const found: Element[] = [];
  for (let at = from; at < to; at = found.at(-1)!.to) found.push(elementAt(bytes, at));
  return found;
}
