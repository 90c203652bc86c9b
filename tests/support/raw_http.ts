/**
 * An HTTP request by hand over TCP: one that breaks off, stands still, or says what it does not keep.
 */
import { within } from "./within.ts";

/** A request that is under way. */
export class RawHttp implements Disposable {
  readonly #connection: Deno.TcpConn;

  private constructor(connection: Deno.TcpConn) {
    this.#connection = connection;
  }

  /** Sends the head; lines without `Host`. */
  static async begin(port: number, requestLine: string, ...headers: readonly string[]): Promise<RawHttp> {
    const connection = await Deno.connect({ hostname: "127.0.0.1", port });
    const request = new RawHttp(connection);
    await request.write([requestLine, `Host: 127.0.0.1:${port}`, ...headers, "", ""].join("\r\n"));
    return request;
  }

  /** Sends what comes next. */
  async write(text: string): Promise<void> {
    const bytes = new TextEncoder().encode(text);
    for (let at = 0; at < bytes.length;) at += await this.#connection.write(bytes.subarray(at));
  }

  /** The answer's status and all that came of it until its body, which is JSON, was whole. */
  // deno-lint-ignore no-explicit-any -- tests look into bodies freely
  async answer(): Promise<{ status: number; body: any }> {
    let text = "";
    const decoder = new TextDecoder();
    const chunk = new Uint8Array(65_536);
    for (;;) {
      const body = /\r\n\r\n[^{]*(\{[\s\S]*\})/.exec(text)?.[1];
      if (body !== undefined) return { status: Number(text.split(" ")[1]), body: JSON.parse(body) };
      const count = await within(this.#connection.read(chunk), `an answer; so far: ${text}`);
      if (count === null) throw new Error(`the connection closed before the answer was whole: ${text}`);
      text += decoder.decode(chunk.subarray(0, count), { stream: true });
    }
  }

  /** The status of the next answer, once its head is there; its body is not looked at. */
  async status(): Promise<number> {
    let text = "";
    const chunk = new Uint8Array(65_536);
    while (!text.includes("\r\n\r\n")) {
      const count = await within(this.#connection.read(chunk), `the head of an answer; so far: ${text}`);
      if (count === null) throw new Error(`the connection closed before the head was whole: ${text}`);
      text += new TextDecoder().decode(chunk.subarray(0, count));
    }
    return Number(text.split(" ")[1]);
  }

  /** How many bytes come until the other side ends it, whichever way. */
  async bytesToEnd(): Promise<number> {
    const chunk = new Uint8Array(65_536);
    for (let bytes = 0;;) {
      const count = await within(this.#connection.read(chunk).catch(() => null), "the end of the connection");
      if (count === null) return bytes;
      bytes += count;
    }
  }

  /** Cuts the connection. */
  [Symbol.dispose](): void {
    this.#connection.close();
  }
}
