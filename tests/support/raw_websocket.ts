/**
 * A WebSocket by hand over TCP, for what no client library lets a test do or see: the headers of an upgrade, a
 * peer that never answers a ping, a connection that is simply cut.
 *
 * Frames have at most 65,535 bytes. Spec: RFC 6455 §4.1, §5.2.
 */
import { assertOfficialPayload } from "./official_frames.ts";
import { within } from "./within.ts";

/** An upgrade request. Headers are sent as given, on top of those that every upgrade has. */
export interface UpgradeAttempt {
  readonly port: number;
  /** 127.0.0.1 unless a name matters. */
  readonly hostname?: string;
  /** As it stands in the request line: nothing is encoded. */
  readonly path: string;
  readonly headers?: Readonly<Record<string, string>>;
  /** Over TLS: whom to trust, and what to show. */
  readonly tls?: { readonly caCerts: string[]; readonly cert?: string; readonly key?: string };
}

/** The opcodes that tests use. */
export const OPCODE = { text: 1, binary: 2, close: 8, ping: 9, pong: 10 } as const;

/** One frame from the server. */
export interface RawFrame {
  readonly opcode: number;
  readonly payload: Uint8Array;
  readonly text: string;
}

/** The answer to an upgrade request, and the connection it came on. */
export class RawWebSocket implements Disposable {
  readonly status: number;
  readonly headers: Headers;
  readonly #connection: Deno.Conn;
  #buffer: Uint8Array<ArrayBuffer>;

  private constructor(
    connection: Deno.Conn,
    head: { status: number; headers: Headers; rest: Uint8Array<ArrayBuffer> },
  ) {
    this.#connection = connection;
    this.status = head.status;
    this.headers = head.headers;
    this.#buffer = head.rest;
  }

  /** Asks for an upgrade, whatever comes of it; rejects where no answer comes. */
  static async request(attempt: UpgradeAttempt): Promise<RawWebSocket> {
    const connection = await RawWebSocket.ask(attempt);
    try {
      return new RawWebSocket(connection, await headOf(connection));
    } catch (error) {
      connection.close();
      throw error;
    }
  }

  /** Asks for an upgrade and reads no answer. */
  static async ask(
    { port, hostname = "127.0.0.1", path, headers, tls }: UpgradeAttempt,
  ): Promise<Deno.Conn> {
    const where = { hostname, port };
    const connection = tls === undefined
      ? await Deno.connect(where)
      : await Deno.connectTls({ ...where, ...tls } as Deno.ConnectTlsOptions);
    const lines = Object.entries({
      host: `${hostname}:${port}`,
      upgrade: "websocket",
      connection: "Upgrade",
      "sec-websocket-version": "13",
      "sec-websocket-key": "dGhlIHNhbXBsZSBub25jZQ==",
      ...headers,
    }).map(([name, value]) => `${name}: ${value}\r\n`);
    try {
      await connection.write(new TextEncoder().encode(`GET ${path} HTTP/1.1\r\n${lines.join("")}\r\n`));
      return connection;
    } catch (error) {
      connection.close();
      throw error;
    }
  }

  /** The rest of a refused upgrade's answer. */
  async body(): Promise<string> {
    const wanted = Number(this.headers.get("content-length"));
    while (this.#buffer.length < wanted && await this.#more());
    return new TextDecoder().decode(this.#buffer);
  }

  /** Sends one frame. */
  send(opcode: number, payload: string | Uint8Array = ""): Promise<void> {
    return this.#sendFrame(0x80 | opcode, payload);
  }

  /** Sends a part of a message after which another is to follow; `opcode` 0 continues one. */
  sendFragment(opcode: number, payload: Uint8Array): Promise<void> {
    return this.#sendFrame(opcode, payload);
  }

  async #sendFrame(first: number, payload: string | Uint8Array): Promise<void> {
    const bytes = typeof payload === "string" ? new TextEncoder().encode(payload) : payload;
    // A client masks; a mask of zeros is one too.
    const head = bytes.length < 126
      ? [first, 0x80 | bytes.length, 0, 0, 0, 0]
      : [first, 0x80 | 126, bytes.length >> 8, bytes.length & 255, 0, 0, 0, 0];
    await this.#connection.write(joined(new Uint8Array(head), bytes));
  }

  /** Sends a Call, whose payload is one of the official schemas. */
  sendCall(action: string, payload: unknown, uniqueId: string): Promise<void> {
    assertOfficialPayload(action, "req", payload);
    return this.send(OPCODE.text, JSON.stringify([2, uniqueId, action, payload]));
  }

  /** The next frame, or `undefined` when the connection is gone. */
  async read(): Promise<RawFrame | undefined> {
    for (;;) {
      const frame = this.#takeFrame();
      if (frame !== undefined) return frame;
      if (!await this.#more()) return undefined;
    }
  }

  /**
   * Everything that the server has sent so far: a pong follows whatever was sent before it, and the ping itself
   * what this end has sent.
   */
  async readUntilPong(): Promise<string[]> {
    await this.send(OPCODE.ping, "so far");
    const texts: string[] = [];
    for (;;) {
      const frame = await this.read();
      if (frame === undefined) throw new Error("the server closed the connection");
      if (frame.opcode === OPCODE.pong) return texts;
      if (frame.opcode === OPCODE.text) texts.push(frame.text);
    }
  }

  #takeFrame(): RawFrame | undefined {
    const buffer = this.#buffer;
    if (buffer.length < 2) return undefined;
    const isLong = buffer[1] === 126;
    if (isLong && buffer.length < 4) return undefined;
    const length = isLong ? (buffer[2]! << 8) | buffer[3]! : buffer[1]!;
    const start = isLong ? 4 : 2;
    if (buffer.length < start + length) return undefined;
    const payload = buffer.slice(start, start + length);
    this.#buffer = buffer.slice(start + length);
    return { opcode: buffer[0]! & 15, payload, text: new TextDecoder().decode(payload) };
  }

  async #more(): Promise<boolean> {
    const more = await readSome(this.#connection);
    if (more !== undefined) this.#buffer = joined(this.#buffer, more);
    return more !== undefined;
  }

  /** Cuts the connection without a word. */
  [Symbol.dispose](): void {
    this.#connection.close();
  }
}

/** The close code in a close frame. */
export function closeCodeOf({ payload }: RawFrame): number {
  return (payload[0]! << 8) | payload[1]!;
}

/** Reads the head of an answer. */
async function headOf(
  connection: Deno.Conn,
): Promise<{ status: number; headers: Headers; rest: Uint8Array<ArrayBuffer> }> {
  let buffer = new Uint8Array();
  for (;;) {
    const text = new TextDecoder().decode(buffer);
    const end = text.indexOf("\r\n\r\n");
    if (end >= 0) {
      const [statusLine, ...rows] = text.slice(0, end).split("\r\n");
      const headers = new Headers(rows.map((row) => {
        const colon = row.indexOf(":");
        return [row.slice(0, colon), row.slice(colon + 1).trim()] as [string, string];
      }));
      return { status: Number(statusLine!.split(" ")[1]), headers, rest: buffer.slice(end + 4) };
    }
    const more = await readSome(connection);
    if (more === undefined) throw new Error(`the server closed without an answer: ${text}`);
    buffer = joined(buffer, more);
  }
}

async function readSome(connection: Deno.Conn): Promise<Uint8Array | undefined> {
  const chunk = new Uint8Array(65_536);
  // A connection that is reset is gone too.
  const count = await within(connection.read(chunk).catch(() => null), "bytes from the server");
  return count === null ? undefined : chunk.subarray(0, count);
}

function joined(one: Uint8Array, other: Uint8Array): Uint8Array<ArrayBuffer> {
  const both = new Uint8Array(one.length + other.length);
  both.set(one);
  both.set(other, one.length);
  return both;
}
