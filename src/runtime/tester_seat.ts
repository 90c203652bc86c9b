/**
 * The tester's link to one Charge Point under test, which connects to it: the listening shape of `TesterLink`.
 *
 * Rules: the newest connection counts, and the end of the one before is told first. Of a connection that the tester
 * closes nothing more is told; it is closed once the listener listens as was asked before, so that whoever comes back
 * at once finds it so.
 */
import type { ServerSecurity, UpgradeRequest as ShownRequest } from "../conformance/contract.ts";
import { FRAME_BYTES_MAX } from "../ocpp/frame.ts";
import { invariant } from "../rpc/invariant.ts";
import { readCredentials } from "./basic_credentials.ts";
import type { Clock } from "./clock.ts";
import type { ConnectionHandlers, FailedHandshake, UpgradeDecision, UpgradeRequest } from "./listener.ts";
import { chooseSubprotocol } from "./subprotocol.ts";
import type { ConnectFailure, TesterLink, TesterLinkHandlers } from "./tester_link.ts";
import type { Connection } from "./transport.ts";

/** For whom it is, and what it can show. */
export interface SeatOptions {
  /** Absent: whoever comes first. */
  readonly identity?: string;
  /** Where it listens for TLS; absent: nowhere. */
  readonly tls?: TesterTls;
}

/** A listener for TLS whose certificate can be spoilt. */
export interface TesterTls {
  readonly port: number;
  /** Shows this certificate to whoever connects from now on. */
  show(flaw: ServerSecurity["flaw"]): Promise<void>;
}

/**
 * How soon a silent Charge Point is pinged; after as long a silence again its connection counts as ended. A link that
 * died without a word must not pass for one on which nothing comes. Spec: RFC 6455 §5.5.2.
 */
export const TESTER_PING_SECONDS = 5;

/** How a close frame of ours looks. Spec: RFC 6455 §7.4.1. */
const GOING_AWAY = 1001;

/** The longest reason of a close frame, in bytes; ours are ASCII. */
const REASON_MAX = 123;

/** One Charge Point's. */
export class TesterSeat implements TesterLink {
  readonly #tls: TesterTls | undefined;
  readonly #leave: () => void;
  /** Who wants to know of the next connection. */
  #waiting = Promise.withResolvers<void>();
  #identity: string | undefined;
  #handlers: TesterLinkHandlers | undefined;
  /** Who wants to know why nobody gets in. */
  #onFailure: (why: string) => void = () => {};
  #connection: Connection | undefined;
  #shown: ShownRequest | undefined;
  #listening: Promise<void> = Promise.resolve();

  constructor({ identity, tls }: SeatOptions, leave: () => void) {
    this.#identity = identity;
    this.#tls = tls;
    this.#leave = leave;
  }

  /** Whose it is; `undefined` until the first has come. */
  get identity(): string | undefined {
    return this.#identity;
  }

  /** The security profile that its last connection was one of; 0 before the first. Spec: Security §2.3. */
  get securityProfile(): 0 | 1 | 2 | 3 {
    const { credentials, tls } = this.#shown ?? {};
    if (tls !== undefined) return tls.clientCertificate === undefined ? 2 : 3;
    return credentials === undefined ? 0 : 1;
  }

  /** Resolves when there is a connection: at once, or with the next one. */
  connected(): Promise<void> {
    return this.#connection === undefined ? this.#waiting.promise : Promise.resolve();
  }

  /** From here on this is told why a connection came to nothing that nobody wanted to fail. */
  tellFailures(onFailure: (why: string) => void): void {
    this.#onFailure = onFailure;
  }

  attach(handlers: TesterLinkHandlers): void {
    this.#handlers = handlers;
  }

  send(text: string, { isBinary = false } = {}): void {
    if (isBinary) this.#connection?.sendBinary?.(text);
    else this.#connection?.send(text);
  }

  close(reason: string): void {
    const connection = this.#connection;
    this.#connection = undefined;
    if (connection === undefined) return;
    void this.#listening.then(() => connection.close(GOING_AWAY, reason.slice(0, REASON_MAX)));
  }

  listen({ securityProfile, flaw }: ServerSecurity): Promise<void> {
    const tls = this.#tls;
    if (securityProfile < 2 || tls === undefined) return Promise.resolve();
    return this.#listening = this.#listening.then(() => tls.show(flaw));
  }

  async stop(): Promise<void> {
    this.#leave();
    this.close("the test is over");
    await this.#listening;
  }

  /** Its Charge Point, or whoever is the first, wants to connect. */
  upgrade(identity: string, request: UpgradeRequest): UpgradeDecision {
    const handlers = this.#handlers;
    invariant(handlers !== undefined, "nobody is attached to the seat of a Charge Point");
    const { tls, agreedTls } = request;
    const refuse = (status: number, text: string): UpgradeDecision => ({ granted: false, status, text });
    if (tls?.untrustedCertificate !== undefined) {
      this.#failed({ status: 401, cause: tls.untrustedCertificate });
      return refuse(401, tls.untrustedCertificate);
    }
    const chosen = chooseSubprotocol(request.subprotocols, "strict");
    if (!chosen.granted) {
      this.#failed({ status: 400, cause: chosen.text });
      return refuse(400, chosen.text);
    }
    this.#identity = identity;
    const shown = shownBy(identity, request);
    const { isAccepted, status } = handlers.onUpgrade(shown);
    if (!isAccepted) return refuse(status, "the case under way refuses connections");
    const { subprotocol } = chosen;
    return {
      granted: true,
      subprotocol,
      pingIntervalSeconds: TESTER_PING_SECONDS,
      open: (connection) => {
        if (this.#connection !== undefined) {
          this.close("the Charge Point has connected anew");
          handlers.onDown();
        }
        this.#connection = connection;
        this.#shown = shown;
        handlers.onUp({
          ...(subprotocol === undefined ? {} : { subprotocol }),
          ...(agreedTls === undefined ? {} : { tls: agreedTls }),
        });
        this.#waiting.resolve();
        this.#waiting = Promise.withResolvers();
        return this.#listener(connection, handlers);
      },
    };
  }

  /** A connection came to nothing below HTTP. */
  handshakeFailed({ reason }: FailedHandshake): void {
    this.#failed({ cause: reason });
  }

  #failed(failure: Omit<ConnectFailure, "isUnreachable">): void {
    this.#handlers?.onFailed({ ...failure, isUnreachable: false });
    this.#onFailure(failure.cause);
  }

  #listener(connection: Connection, handlers: TesterLinkHandlers): ConnectionHandlers {
    const isCurrent = () => this.#connection === connection;
    return {
      onText: (text) => {
        if (isCurrent()) handlers.onText(text);
      },
      onBinary: (bytes) => {
        if (isCurrent()) handlers.onBinary(bytes);
      },
      onTooLarge: () => {
        if (isCurrent()) handlers.onText(`(a message of more than ${FRAME_BYTES_MAX} bytes)`);
      },
      onClose: () => {
        if (!isCurrent()) return;
        this.#connection = undefined;
        handlers.onDown();
      },
    };
  }
}

/** What came of waiting for a connection. */
export type Waited = "connected" | "late" | "stopped";

/** Waits for a connection: at most so long, and not after `stopped`. `tell`: why one came to nothing meanwhile. */
export async function waitFor(
  seat: TesterSeat,
  { clock, seconds, stopped, tell = () => {} }: {
    readonly clock: Clock;
    readonly seconds: number;
    readonly stopped?: Promise<void>;
    readonly tell?: (why: string) => void;
  },
): Promise<Waited> {
  seat.tellFailures(tell);
  const over = Promise.withResolvers<Waited>();
  const cancel = clock.at(clock.nowMs() + seconds * 1_000, () => over.resolve("late"));
  stopped?.then(() => over.resolve("stopped"));
  const waited = await Promise.race([seat.connected().then(() => "connected" as const), over.promise]);
  cancel();
  seat.tellFailures(() => {});
  return waited;
}

/** What the Charge Point shows of itself. */
function shownBy(
  identity: string,
  { subprotocols, authorization, tls, agreedTls }: UpgradeRequest,
): ShownRequest {
  const credentials = readCredentials(authorization, identity);
  const certificate = tls?.clientCertificate;
  return {
    subprotocols,
    ...(credentials.kind !== "password" ? {} : {
      credentials: { user: identity, passwordHex: credentials.password.toHex().toUpperCase() },
    }),
    ...(tls === undefined && agreedTls === undefined ? {} : {
      tls: {
        ...(agreedTls ?? { version: "unknown" }),
        ...(certificate === undefined ? {} : {
          clientCertificate: {
            commonName: certificate.commonName,
            organization: certificate.organization ?? "",
          },
        }),
      },
    }),
  };
}
