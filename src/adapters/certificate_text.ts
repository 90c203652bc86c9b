/**
 * PEM and Base64 as Central Systems send them.
 *
 * Line ends come as LF, CRLF, percent-encoded (`%0A`, `%0D%0A`), as the two characters backslash and n, as spaces,
 * or not at all; all of them are taken. A certificate may also come as bare Base64 of its DER.
 */

/** The DER of each block with this label, in order. Errors: none; a block that is no Base64 is left out. */
export function pemBlocks(
  text: string,
  label: "CERTIFICATE" | "PRIVATE KEY" | "CERTIFICATE REQUEST" | "NEW CERTIFICATE REQUEST",
): Uint8Array<ArrayBuffer>[] {
  const pattern = new RegExp(`-----BEGIN[ +]${label.replaceAll(" ", "[ +]")}-----([^-]*)-----END`, "g");
  const decoded = withoutEscapes(text);
  const bodies = [...decoded.matchAll(pattern)].map(([, body]) => body!);
  // Bare Base64 begins with the tag and length of a sequence of some hundred bytes.
  if (bodies.length === 0 && /^\s*MI/.test(decoded)) bodies.push(decoded);
  return bodies.flatMap((body) => {
    const bytes = base64Bytes(body);
    return bytes === undefined || bytes.length === 0 ? [] : [bytes];
  });
}

/** What Base64 stands for, white space and escapes ignored; `undefined` where it is none. */
export function base64Bytes(text: string): Uint8Array<ArrayBuffer> | undefined {
  try {
    return Uint8Array.fromBase64(withoutEscapes(text).replace(/\s/g, ""));
  } catch {
    return undefined;
  }
}

/** PEM with lines of 64 characters and a line feed after each. */
export function pemOf(der: Uint8Array | ArrayBuffer, label: string): string {
  const base64 = new Uint8Array(der as ArrayBuffer).toBase64();
  return `-----BEGIN ${label}-----\n${base64.replace(/.{1,64}/g, "$&\n")}-----END ${label}-----\n`;
}

function withoutEscapes(text: string): string {
  return text
    .replace(/%([0-9A-Fa-f]{2})/g, (_, code) => String.fromCharCode(parseInt(code, 16)))
    .replace(/\\r|\\n/g, "\n");
}
