/**
 * WebSockets to a Central System over the runtime's own `WebSocket`.
 *
 * It says in plain words why a connection failed, as far as the runtime tells (its `error` event carries a
 * text, no code). Where the text says only that TCP failed, one plain TCP connection is tried to learn how.
 * Known limits: the body of an HTTP answer stays hidden, and no ping can be sent.
 */
import { getLogger } from "@logtape/logtape";
import { OCPP_SUBPROTOCOL } from "../runtime/subprotocol.ts";
import type {
  ClientHandlers,
  ClientTransport,
  LinkFailure,
  LinkFailureReason,
} from "../runtime/transport.ts";

const logger = getLogger(["ocpp", "link"]);

const NORMAL_CLOSURE = 1000;
/** The runtime's own code where no close frame came. */
const NO_CLOSE_FRAME = 0;
/** A close frame without a code, as the WebSocket API reports it. */
const NO_CODE = 1005;
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
      const refusal = this.#refusalOf(socket.protocol);
      if (refusal !== undefined) {
        socket.close(NORMAL_CLOSURE, `subprotocol ${OCPP_SUBPROTOCOL} was not chosen`);
        return end({ opened: false, reason: "subprotocol", message: refusal });
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
      if (isOver) return;
      if (typeof data === "string") handlers.onText(data);
      else {logger.warn("a binary message was ignored: OCPP-J is text", {
          bytes: (data as ArrayBuffer).byteLength,
        });}
    };
    socket.onerror = (event) => {
      errorText = event instanceof ErrorEvent ? event.message : "";
    };
    socket.onclose = ({ code, reason }) => {
      if (wasOpen) return end(failureOfOpenLink({ code, reason, errorText }));
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

  /** Why the subprotocol that the server chose will not do; nothing when it will. */
  #refusalOf(chosen: string): string | undefined {
    if (chosen.toLowerCase() === OCPP_SUBPROTOCOL) return undefined;
    if (chosen !== "") return `the server chose the subprotocol ${chosen} instead of ${OCPP_SUBPROTOCOL}`;
    if (this.#validation === "strict") {
      return `the server chose no subprotocol; it must answer with ${OCPP_SUBPROTOCOL}`;
    }
    logger.warn(
      `the server chose no subprotocol instead of ${OCPP_SUBPROTOCOL}; going on, as validation is tolerant`,
    );
    return undefined;
  }
}

function failed(reason: LinkFailureReason, message: string, detail?: string): LinkFailure {
  return { opened: false, reason, message, ...(detail === undefined ? {} : { detail }) };
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
  if (status !== undefined) {
    return {
      ...failed("httpStatus", `the server answered HTTP ${status} instead of opening a WebSocket`, errorText),
      httpStatus: Number(status),
    };
  }
  const certificate = /invalid peer certificate: (.*)/.exec(text)?.[1];
  if (certificate !== undefined) {
    return failed("tls", `the server's certificate is not valid (${certificate})`, errorText);
  }
  const meaning = MEANINGS.find(([part]) => text.toLowerCase().includes(part.toLowerCase()));
  if (meaning !== undefined) return failed(meaning[1], meaning[2], errorText);
  return text === "" || text.includes("tcp connect error") ? undefined : failed("other", text);
}

function failureOfOpenLink(
  { code, reason, errorText }: { code: number; reason: string; errorText: string },
): LinkFailure {
  if (code === NO_CLOSE_FRAME) {
    return {
      opened: true,
      reason: "lost",
      message: `connection lost${errorText === "" ? "" : ` (${errorText})`}`,
    };
  }
  const what = [code === NO_CODE ? "without a code" : `with code ${code}`, reason].filter((part) =>
    part !== ""
  );
  return { opened: true, reason: "closed", message: `closed ${what.join(": ")}`, code };
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
