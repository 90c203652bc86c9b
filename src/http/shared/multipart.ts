/**
 * The first file of a `multipart/form-data` body, as a stream: nothing is ever whole in memory.
 *
 * Spec: RFC 7578, RFC 2046 §5.1.1. Lines end with CRLF; what stands before the first boundary and after the first
 * file is of no interest.
 */

/** The longest head of one part, in bytes. */
const PART_HEAD_MAX = 8_192;

/** Fields that may stand before the file, and all that they and the preamble may have, in bytes. */
const BEFORE_FILE_MAX = 65_536;

/** The file of a form. */
export interface FormFile {
  /** Its bytes; fails where the body is none of this form. */
  readonly body: ReadableStream<Uint8Array>;
  /** Its `filename`, once its first byte is there. */
  name(): string | undefined;
}

/** The boundary that a `Content-Type` names, if it is of a form. */
export function boundaryOf(contentType: string | null): string | undefined {
  const [, quoted, plain] =
    /^multipart\/form-data\s*;(?:.*;)?\s*boundary=(?:"([^"]{1,70})"|([^\s;"]{1,70}))/i.exec(
      contentType ?? "",
    ) ?? [];
  return quoted ?? plain;
}

/** Reads a form up to the end of its first file. */
export function fileOfForm(body: ReadableStream<Uint8Array>, boundary: string): FormFile {
  let name: string | undefined;
  const reader = body.getReader();
  const chunks = fileChunks(reader, boundary, (found) => name = found);
  return {
    name: () => name,
    body: new ReadableStream<Uint8Array>({
      pull: async (controller) => {
        const { done, value } = await chunks.next();
        if (done) {
          controller.close();
          void drain(reader);
        } else controller.enqueue(value);
      },
      cancel: (reason) => reader.cancel(reason),
    }, { highWaterMark: 0 }),
  };
}

async function* fileChunks(
  reader: ReadableStreamDefaultReader<Uint8Array>,
  boundary: string,
  onName: (name: string | undefined) => void,
): AsyncGenerator<Uint8Array, void> {
  const delimiter = new TextEncoder().encode(`\r\n--${boundary}`);
  // As if a line had ended before: the first boundary begins a line, too.
  let buffer: Uint8Array = new TextEncoder().encode("\r\n");
  let skipped = 0;
  const more = async () => {
    const { done, value } = await reader.read();
    if (done) throw new Error("the form breaks off");
    buffer = joined(buffer, value);
  };
  /** Moves behind the next delimiter; what stood before it is skipped. */
  const skipToDelimiter = async () => {
    for (;;) {
      const at = indexOf(buffer, delimiter);
      const passed = at >= 0 ? at : Math.max(0, buffer.length - delimiter.length + 1);
      skipped += passed;
      if (skipped > BEFORE_FILE_MAX) throw new Error("the form has no file at its beginning");
      buffer = buffer.subarray(at >= 0 ? at + delimiter.length : passed);
      if (at >= 0) return;
      await more();
    }
  };
  for (;;) {
    await skipToDelimiter();
    let end: number;
    while ((end = indexOf(buffer, HEAD_END)) < 0 && buffer.length <= PART_HEAD_MAX) {
      if (buffer[0] === DASH && buffer[1] === DASH) throw new Error("the form has no file");
      await more();
    }
    if (end < 0 || end > PART_HEAD_MAX) throw new Error("the head of a part is too long");
    const head = new TextDecoder().decode(buffer.subarray(0, end));
    // The blank line's own line end may begin the next delimiter, where the part is empty.
    buffer = buffer.subarray(end + 2);
    const name = fileNameIn(head);
    if (name === undefined) continue;
    onName(name);
    break;
  }
  let isFirst = true;
  for (;;) {
    const at = indexOf(buffer, delimiter);
    const passed = at >= 0 ? at : Math.max(0, buffer.length - delimiter.length + 1);
    const start = isFirst ? 2 : 0;
    if (passed > start) {
      yield buffer.slice(start, passed);
      buffer = buffer.subarray(passed);
      isFirst = false;
      continue;
    }
    if (at >= 0) return;
    await more();
  }
}

const HEAD_END = new TextEncoder().encode("\r\n\r\n");
const DASH = 0x2d;

/** The `filename` of a part's head; empty where it is a file without a name, absent where it is none. */
function fileNameIn(head: string): string | undefined {
  const disposition = /^content-disposition:(.*)$/im.exec(head)?.[1] ?? "";
  const [, quoted, plain] = /;\s*filename=(?:"((?:[^"\\]|\\.)*)"|([^\s;]*))/i.exec(disposition) ?? [];
  return quoted?.replace(/\\(.)/g, "$1") ?? plain;
}

/** Takes the rest, so that the answer finds a reader: what follows a file is short. */
async function drain(reader: ReadableStreamDefaultReader<Uint8Array>): Promise<void> {
  try {
    for (let bytes = 0; bytes <= BEFORE_FILE_MAX;) {
      const { done, value } = await reader.read();
      if (done) return;
      bytes += value.length;
    }
    await reader.cancel();
  } catch { /* it broke off after the file */ }
}

function joined(one: Uint8Array, other: Uint8Array): Uint8Array {
  const both = new Uint8Array(one.length + other.length);
  both.set(one);
  both.set(other, one.length);
  return both;
}

function indexOf(bytes: Uint8Array, wanted: Uint8Array): number {
  for (let at = bytes.indexOf(wanted[0]!); at >= 0; at = bytes.indexOf(wanted[0]!, at + 1)) {
    if (at + wanted.length > bytes.length) return -1;
    let same = 1;
    while (same < wanted.length && bytes[at + same] === wanted[same]) same++;
    if (same === wanted.length) return at;
  }
  return -1;
}
