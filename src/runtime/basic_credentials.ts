/**
 * HTTP Basic as Charge Points use it: the user is the identity, the password is any bytes.
 *
 * Spec: OCPP-J 1.6 §6.2.1; RFC 7617. An identity may hold a colon, and a password need not be text: the credentials are
 * split by the identity that is known from the URL, as bytes.
 */

/** Longer headers are no credentials: an identity has 255 bytes, a password 20. */
const HEADER_CHARACTERS_MAX = 1_024;

/** The password in an `Authorization` header, or what is wrong with that. */
export type ReadCredentials =
  | { readonly kind: "password"; readonly password: Uint8Array }
  | { readonly kind: "none" | "malformed" | "otherUser" };

/** Reads the header of an upgrade request. */
export function readCredentials(authorization: string | undefined, identity: string): ReadCredentials {
  if (authorization === undefined) return { kind: "none" };
  const base64 = /^basic +([a-z0-9+/]+={0,2}) *$/i.exec(authorization)?.[1];
  if (base64 === undefined || authorization.length > HEADER_CHARACTERS_MAX) return { kind: "malformed" };
  let bytes: Uint8Array;
  try {
    bytes = Uint8Array.fromBase64(base64);
  } catch {
    return { kind: "malformed" };
  }
  const user = new TextEncoder().encode(`${identity}:`);
  const isOurs = bytes.length >= user.length && user.every((byte, at) => bytes[at] === byte);
  return isOurs ? { kind: "password", password: bytes.subarray(user.length) } : { kind: "otherUser" };
}

/** The bytes that a password stands for where it is hexadecimal digits: devices send them as they were told. */
export function bytesOfDigits(password: Uint8Array): Uint8Array | undefined {
  const text = String.fromCharCode(...password);
  return /^(?:[0-9a-f]{2})+$/i.test(text) ? Uint8Array.fromHex(text) : undefined;
}
