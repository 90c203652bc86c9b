/**
 * The subject of a certificate, from its bytes: two programs must not read two names out of one certificate, as
 * happens where a name is first made a text and then taken apart again.
 *
 * Spec: RFC 5280 §4.1.2.4, §4.1.2.6; X.520 (commonName, organizationName).
 */
import { certificateParts, type DerElement, elementsOf, fieldOf, onlyElement, TAG } from "./der.ts";

/** Every common name and organization of a Name, in order. */
export interface SubjectName {
  readonly commonNames: readonly string[];
  readonly organizations: readonly string[];
}

/** Contents of object identifiers, hexadecimal. */
const COMMON_NAME = "550403";
const ORGANIZATION = "55040a";

/** Tags of the texts that a Name may hold, with how they are encoded. T61 is read as everybody does. */
const ENCODING_OF: Readonly<Record<number, string>> = {
  0x0c: "utf-8",
  0x13: "latin1", // PrintableString
  0x14: "latin1", // T61String
  0x16: "latin1", // IA5String
  0x1e: "utf-16be", // BMPString
};

/** The subject of a certificate (DER). Errors: throws `RangeError` where it is none. */
export function subjectOf(der: Uint8Array<ArrayBuffer>): SubjectName {
  return namesIn(certificateParts(der).subject);
}

/** What a Name (DER) says. Errors: throws `RangeError` where it is none. */
export function namesIn(name: Uint8Array<ArrayBuffer>): SubjectName {
  const attributes = elementsOf(onlyElement(name, TAG.sequence).content).flatMap(({ content }) =>
    elementsOf(content)
  );
  const valuesOf = (type: string) =>
    attributes.filter((attribute) => fieldOf(attribute, 0).content.toHex() === type)
      .map((attribute) => textOf(fieldOf(attribute, 1)));
  return { commonNames: valuesOf(COMMON_NAME), organizations: valuesOf(ORGANIZATION) };
}

function textOf({ tag, content }: DerElement): string {
  const encoding = ENCODING_OF[tag];
  if (encoding === undefined) throw new RangeError("a text of a kind that names do not have");
  try {
    return new TextDecoder(encoding, { fatal: true }).decode(content);
  } catch {
    throw new RangeError("a text that is not encoded as it says");
  }
}
