/**
 * A WebSocket client for tests of the Central System. It knows no rules of its own but one: every frame keeps to
 * the official schemas, unless the test says that it is broken, or sends a text as it is.
 */
import { OfficialFrames } from "./official_frames.ts";
import { Happenings, within } from "./within.ts";

/** A frame as it came. */
// deno-lint-ignore no-explicit-any -- tests look into frames freely
export type AnyFrame = any[];

/** How a Call is sent. */
export interface CallOptions {
  /** Without one every Call has its own. */
  readonly uniqueId?: string | undefined;
  /** Why the payload is none of the official schemas. */
  readonly broken?: string;
}

/** An open WebSocket. */
export class SocketClient {
  /** The subprotocol that was agreed on, or an empty text. */
  readonly subprotocol: string;
  /** Everything that came, in order. */
  readonly frames: AnyFrame[] = [];
  /** Resolves with the close code when the connection is gone. */
  readonly closed: Promise<{ code: number; reason: string }>;
  readonly #socket: WebSocket;
  readonly #happenings = new Happenings();
  readonly #official = new OfficialFrames();
  #unofficial: unknown;
  #callsTaken = 0;
  #brokenCallsDue = 0;
  #isClosed = false;

  private constructor(socket: WebSocket) {
    this.#socket = socket;
    this.subprotocol = socket.protocol;
    const { promise, resolve } = Promise.withResolvers<{ code: number; reason: string }>();
    this.closed = promise;
    socket.onmessage = ({ data }) => {
      const frame = JSON.parse(data);
      this.frames.push(frame);
      try {
        if (frame[0] === 2 && this.#brokenCallsDue > 0) {
          this.#brokenCallsDue -= 1;
          this.#official.letPass("centralSystem", data);
        } else this.#official.assertOfficial("centralSystem", data);
      } catch (error) {
        this.#unofficial ??= error; // told where the test waits
      }
      this.#happenings.happened();
    };
    socket.onerror = () => {}; // a close follows
    socket.onclose = ({ code, reason }) => {
      this.#isClosed = true;
      resolve({ code, reason });
      this.#happenings.happened();
    };
  }

  /** Connects; rejects when the upgrade is refused. */
  static async open(
    url: string,
    protocols: string | string[] = "ocpp1.6",
    { authorization }: { readonly authorization?: string } = {},
  ): Promise<SocketClient> {
    const headers = authorization === undefined ? {} : { authorization };
    const socket = new WebSocket(url, { protocols: [protocols].flat(), headers });
    const opened = Promise.withResolvers<void>();
    socket.onopen = () => opened.resolve();
    socket.onerror = (event) => opened.reject(new Error((event as ErrorEvent).message));
    await within(opened.promise, `the WebSocket to ${url}`);
    return new SocketClient(socket);
  }

  /** Sends a text as it is, broken or not. */
  sendText(text: string | ArrayBuffer): void {
    if (typeof text === "string") this.#official.letPass("chargePoint", text);
    this.#socket.send(text);
  }

  /** Sends a Call without waiting for its answer. */
  sendCall(action: string, payload: unknown, options: CallOptions = {}): string {
    const { uniqueId = crypto.randomUUID(), broken } = options;
    const text = JSON.stringify([2, uniqueId, action, payload]);
    if (broken === undefined) this.#official.assertOfficial("chargePoint", text);
    this.sendText(text);
    return uniqueId;
  }

  /** Sends a Call and gives its answer: `[3, uniqueId, payload]` or `[4, uniqueId, code, description, …]`. */
  call(action: string, payload: unknown, options?: CallOptions): Promise<AnyFrame> {
    const before = this.frames.length; // an id may be used again: only what comes from here on answers
    return this.answerTo(this.sendCall(action, payload, options), before);
  }

  /** The answer to a Call that was sent, looked for from a position among the frames. */
  async answerTo(uniqueId: string, from = 0): Promise<AnyFrame> {
    const find = () => this.frames.slice(from).find(([type, id]) => type !== 2 && id === uniqueId);
    await this.#happenings.until(
      () => find() !== undefined || this.#isClosed,
      () => `the answer to ${uniqueId}; came so far: ${JSON.stringify(this.frames)}`,
    );
    const answer = find();
    this.#checkOfficial();
    if (answer === undefined) throw new Error(`the connection closed before the answer to ${uniqueId}`);
    return answer;
  }

  /** As `call`, and gives the payload of the CallResult; a CallError is an error. */
  // deno-lint-ignore no-explicit-any -- tests look into payloads freely
  async result(action: string, payload: unknown, options?: CallOptions): Promise<any> {
    const answer = await this.call(action, payload, options);
    if (answer[0] !== 3) throw new Error(`${action} was answered with ${JSON.stringify(answer)}`);
    return answer[2];
  }

  /** Boots as any Charge Point does. */
  boot(): Promise<{ status: string; currentTime: string; interval: number }> {
    return this.result("BootNotification", { chargePointVendor: "Test", chargePointModel: "Socket" });
  }

  /** The next Call that comes keeps to no schema: an operator may send one on purpose. */
  expectBrokenCall(): void {
    this.#brokenCallsDue += 1;
  }

  /** The next Call of the Central System that was not taken yet. */
  async takeCall(): Promise<AnyFrame> {
    const calls = () => this.frames.filter(([type]) => type === 2);
    await this.#happenings.until(() => calls().length > this.#callsTaken, "a Call of the Central System");
    this.#checkOfficial();
    return calls()[this.#callsTaken++]!;
  }

  /** Answers a Call of the Central System. */
  answer([, uniqueId]: AnyFrame, payload: unknown): void {
    const text = JSON.stringify([3, uniqueId, payload]);
    this.#official.assertOfficial("chargePoint", text);
    this.sendText(text);
  }

  /** Closes and waits until it is closed. */
  async close(code?: number): Promise<void> {
    this.#socket.close(code);
    await within(this.closed, "the end of the connection");
    this.#checkOfficial();
  }

  #checkOfficial(): void {
    if (this.#unofficial !== undefined) throw this.#unofficial;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }
}
