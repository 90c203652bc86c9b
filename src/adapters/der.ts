/**
 * As much of DER (X.690) as is needed to take a certificate apart without changing a byte of it.
 */

/** One element; `bytes` is all of it, `content` what is behind tag and length. */
export interface DerElement {
  readonly tag: number;
  readonly bytes: Uint8Array<ArrayBuffer>;
  readonly content: Uint8Array<ArrayBuffer>;
}

/** Tags that are looked for. */
export const TAG = { integer: 0x02, bitString: 0x03, sequence: 0x30, version: 0xA0 } as const;

/** What stands in a constructed element or a whole text. Errors: throws `RangeError` where it is not DER. */
export function elementsOf(bytes: Uint8Array<ArrayBuffer>): DerElement[] {
  const elements: DerElement[] = [];
  for (let offset = 0; offset < bytes.length;) {
    const element = elementAt(bytes, offset);
    elements.push(element);
    offset += element.bytes.length;
  }
  return elements;
}

/** One of the elements in a constructed one. Errors: throws `RangeError` where there is none at that place. */
export function fieldOf({ content }: DerElement, index: number): DerElement {
  const field = elementsOf(content)[index];
  if (field === undefined) throw new RangeError("fewer elements than expected here");
  return field;
}

function elementAt(bytes: Uint8Array<ArrayBuffer>, offset: number): DerElement {
  const tag = bytes[offset];
  let length = bytes[offset + 1] ?? NaN;
  let start = offset + 2;
  if (length >= 0x80) {
    const lengthBytes = length - 0x80;
    if (lengthBytes === 0 || lengthBytes > 4) throw new RangeError("a length that DER does not have");
    length = 0;
    for (let index = 0; index < lengthBytes; index++) length = length * 256 + (bytes[start++] ?? NaN);
  }
  const end = start + length;
  if (tag === undefined || !(end <= bytes.length)) throw new RangeError("an element that is cut off");
  return { tag, bytes: bytes.slice(offset, end), content: bytes.slice(start, end) };
}

/** The only element there is. Errors: throws `RangeError` where it is another number or tag. */
export function onlyElement(bytes: Uint8Array<ArrayBuffer>, tag: number): DerElement {
  const [element, ...others] = elementsOf(bytes);
  if (element?.tag !== tag || others.length > 0) throw new RangeError("not what was expected here");
  return element;
}

/** Writes an element. */
export function encodeElement(tag: number, ...contents: readonly Uint8Array[]): Uint8Array<ArrayBuffer> {
  const length = contents.reduce((sum, { length }) => sum + length, 0);
  const lengthBytes: number[] = [];
  if (length < 0x80) lengthBytes.push(length);
  else {
    for (let rest = length; rest > 0; rest = Math.floor(rest / 256)) lengthBytes.unshift(rest % 256);
    lengthBytes.unshift(0x80 + lengthBytes.length);
  }
  const bytes = new Uint8Array(1 + lengthBytes.length + length);
  bytes.set([tag, ...lengthBytes]);
  let offset = 1 + lengthBytes.length;
  for (const content of contents) {
    bytes.set(content, offset);
    offset += content.length;
  }
  return bytes;
}

/** The parts of a certificate whose bytes matter as they are. Spec: RFC 5280 §4.1. */
export interface CertificateParts {
  /** The issuer's Name, DER. */
  readonly issuer: Uint8Array<ArrayBuffer>;
  readonly subject: Uint8Array<ArrayBuffer>;
  /** SubjectPublicKeyInfo, DER. */
  readonly publicKeyInfo: Uint8Array<ArrayBuffer>;
}

/** Takes a certificate apart. Errors: throws `RangeError` where it is none. */
export function certificateParts(der: Uint8Array<ArrayBuffer>): CertificateParts {
  const toBeSigned = fieldOf(onlyElement(der, TAG.sequence), 0);
  const fields = elementsOf(toBeSigned.content).filter(({ tag }) => tag !== TAG.version);
  const [, , issuer, , subject, publicKeyInfo] = fields; // 0: serialNumber, 1: signature, 3: validity
  if (issuer === undefined || subject === undefined || publicKeyInfo?.tag !== TAG.sequence) {
    throw new RangeError("not a certificate");
  }
  return { issuer: issuer.bytes, subject: subject.bytes, publicKeyInfo: publicKeyInfo.bytes };
}

/** The bytes of a BIT STRING without the count of unused bits. Errors: throws `RangeError`. */
export function bitStringBytes({ tag, content }: DerElement): Uint8Array<ArrayBuffer> {
  if (tag !== TAG.bitString || content[0] !== 0) throw new RangeError("not a bit string of whole bytes");
  return content.slice(1);
}
