/**
 * The client of `simulate`: the runtime's own `WebSocket` for a plain link, `ws` for one with pings, credentials
 * or TLS.
 *
 * A fleet of thousands is plain most of the time, and the runtime's `WebSocket` takes a fraction of the memory.
 */
import type { ClientHandlers, ClientTransport, LinkOptions } from "../runtime/transport.ts";
import { NativeClient } from "./native_client.ts";
import { WsClient } from "./ws_client.ts";

/** Chooses for each link. */
export class Client implements ClientTransport {
  readonly #native: NativeClient;
  readonly #ws: WsClient;

  constructor(options: { validation: "strict" | "tolerant" }) {
    this.#native = new NativeClient(options);
    this.#ws = new WsClient(options);
  }

  connect(url: string, handlers: ClientHandlers, options: LinkOptions): () => void {
    return isPlain(url, options)
      ? this.#native.connect(url, handlers)
      : this.#ws.connect(url, handlers, options);
  }
}

function isPlain(url: string, { pingIntervalSeconds, credentials }: LinkOptions): boolean {
  return url.startsWith("ws:") && pingIntervalSeconds === 0 && credentials === undefined;
}
