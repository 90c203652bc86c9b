/**
 * WebSockets to a Central System over the runtime's own `WebSocket`.
 *
 * It says in plain words why a connection failed, as far as the runtime tells (its `error` event carries a
 * text, no code). Where the text says only that TCP failed, one plain TCP connection is tried to learn how.
 * It takes little memory, which is what a fleet needs. Known limits: the body of an HTTP answer stays hidden, no
 * ping can be sent, and link options are not heeded: `client.ts` sends those who have any to `ws_client.ts`.
 */
import { OCPP_SUBPROTOCOL } from "../runtime/subprotocol.ts";
import type {
  ClientHandlers,
  ClientTransport,
  LinkFailure,
  LinkFailureReason,
} from "../runtime/transport.ts";
import {
  failed,
  failureOfBreak,
  failureOfClose,
  failureOfStatus,
  failureOfTooLongMessage,
  ignoreBinary,
  MESSAGE_BYTES_MAX,
  refusalOfSubprotocol,
} from "./link_failure.ts";

const NORMAL_CLOSURE = 1000;
/** What stands for 1009, which the WebSocket API does not let a client send. */
const MESSAGE_TOO_BIG = 4009;
/** The runtime's own code where no close frame came. */
const NO_CLOSE_FRAME = 0;
/** How long the plain TCP connection that explains a failure may take. */
const PROBE_MAX_MS = 2_000;

/** A client that asks for `ocpp1.6`; strict insists that the server chooses it. */
export class NativeClient implements ClientTransport {
  readonly #validation: "strict" | "tolerant";
  /** One explanation at a time, shared by all attempts that fail meanwhile. */
  #explanation: Promise<LinkFailure> | undefined;

  constructor({ validation }: { validation: "strict" | "tolerant" }) {
    this.#validation = validation;
  }

  connect(url: string, handlers: ClientHandlers): () => void {
    let isOver = false;
    let wasOpen = false;
    let wasTooLong = false;
    let errorText = "";
    const end = (failure: LinkFailure) => {
      if (isOver) return;
      isOver = true;
      handlers.onClose(failure);
    };

    let socket: WebSocket;
    try {
      socket = new WebSocket(url, OCPP_SUBPROTOCOL);
    } catch (error) {
      queueMicrotask(() => end(failureOfConstructor(error)));
      return () => isOver = true;
    }
    socket.binaryType = "arraybuffer";

    socket.onopen = () => {
      if (isOver) return;
      const refusal = refusalOfSubprotocol(socket.protocol, this.#validation);
      if (refusal !== undefined) {
        socket.close(NORMAL_CLOSURE, `subprotocol ${OCPP_SUBPROTOCOL} was not chosen`);
        return end(refusal);
      }
      wasOpen = true;
      handlers.onOpen({
        send: (text) => {
          if (socket.readyState === WebSocket.OPEN) socket.send(text);
        },
        close: (code, reason) => socket.close(code, reason),
      });
    };
    socket.onmessage = ({ data }) => {
      if (isOver || wasTooLong) return;
      if (typeof data !== "string") return ignoreBinary((data as ArrayBuffer).byteLength);
      wasTooLong = isTooLong(data);
      if (!wasTooLong) return handlers.onText(data);
      socket.close(MESSAGE_TOO_BIG, "message too big");
    };
    socket.onerror = (event) => {
      errorText = event instanceof ErrorEvent ? event.message : "";
    };
    socket.onclose = ({ code, reason }) => {
      if (wasTooLong) return end(failureOfTooLongMessage());
      if (wasOpen) {
        return end(code === NO_CLOSE_FRAME ? failureOfBreak(errorText) : failureOfClose({ code, reason }));
      }
      const failure = failureOfConnecting(errorText);
      if (failure !== undefined) return end(failure);
      this.#explanation ??= explainTcpFailure(url).finally(() => this.#explanation = undefined);
      this.#explanation.then(end, () => end(failed("other", "cannot connect")));
    };
    return () => {
      isOver = true;
      socket.close();
    };
  }
}

/** UTF-8 takes 1 to 3 bytes a UTF-16 unit: most texts need not be encoded to know. */
function isTooLong(text: string): boolean {
  if (text.length * 3 <= MESSAGE_BYTES_MAX) return false;
  return text.length > MESSAGE_BYTES_MAX || new TextEncoder().encode(text).length > MESSAGE_BYTES_MAX;
}

function failureOfConstructor(error: unknown): LinkFailure {
  if (error instanceof Deno.errors.NotCapable) {
    return failed("notPermitted", "this program has no permission to connect there (--allow-net)");
  }
  return failed("other", error instanceof Error ? error.message : String(error));
}

/** What the runtime's texts mean; each row is a part of one, seen with Deno 2.9. */
const MEANINGS: readonly (readonly [part: string, reason: LinkFailureReason, message: string])[] = [
  ["dns error", "unknownHost", "the host name is unknown"],
  ["invalid HTTP version", "notHttp", "the server there does not speak HTTP"],
  ["corrupt message", "notTls", "the server there does not speak TLS"],
  ["connection closed before", "notHttp", "the server there hung up without an answer"],
  ["connection reset", "notHttp", "the server there broke the connection off"],
  ["timed out", "noAnswer", "no answer"],
];

/** Why a connection never came to be; nothing where the text does not tell. */
export function failureOfConnecting(errorText: string): LinkFailure | undefined {
  const text = errorText.replace(/^NetworkError: /, "").replace(/^failed to connect to WebSocket: /, "");
  const status = /^Invalid status code: (\d+)/.exec(text)?.[1];
  if (status !== undefined) return failureOfStatus(Number(status), { detail: errorText });
  const certificate = /invalid peer certificate: (.*)/.exec(text)?.[1];
  if (certificate !== undefined) {
    return failed(
      "certificateUntrusted",
      `the server's certificate is not valid (${certificate})`,
      errorText,
    );
  }
  const meaning = MEANINGS.find(([part]) => text.toLowerCase().includes(part.toLowerCase()));
  if (meaning !== undefined) return failed(meaning[1], meaning[2], errorText);
  return text === "" || text.includes("tcp connect error") ? undefined : failed("other", text);
}

/** Connects to the same host and port without more, to learn why it failed. */
async function explainTcpFailure(url: string): Promise<LinkFailure> {
  const { hostname, port, protocol } = new URL(url);
  let timer: ReturnType<typeof setTimeout> | undefined;
  try {
    const connecting = Deno.connect({
      hostname: hostname.replace(/^\[(.*)\]$/, "$1"),
      port: Number(port) || (protocol === "wss:" ? 443 : 80),
    });
    const late = new Promise<undefined>((resolve) => {
      timer = setTimeout(() => resolve(undefined), PROBE_MAX_MS);
    });
    const connection = await Promise.race([connecting, late]);
    if (connection === undefined) {
      connecting.then((one) => one.close(), () => {}); // whatever comes later is of no interest
      return failed("noAnswer", "no answer");
    }
    connection.close();
    return failed("other", "the connection failed, though something listens there");
  } catch (error) {
    const text = error instanceof Error ? error.message : String(error);
    if (error instanceof Deno.errors.ConnectionRefused) return failed("refused", "connection refused", text);
    if (error instanceof Deno.errors.TimedOut) return failed("noAnswer", "no answer", text);
    return failed("unreachable", "the host cannot be reached", text);
  } finally {
    clearTimeout(timer);
  }
}
