/**
 * A client transport without a network: a test decides what becomes of each attempt.
 */
import type {
  ClientHandlers,
  ClientTransport,
  LinkFailure,
  LinkOptions,
} from "../../src/runtime/transport.ts";

/** One attempt to connect, as the other side sees it. */
export interface FakeAttempt {
  readonly url: string;
  readonly handlers: ClientHandlers;
  readonly options: LinkOptions;
  /** Texts that came. */
  readonly received: string[];
  /** How our end closed, if it did. */
  closedWith: { code: number; reason: string } | undefined;
  wasGivenUp: boolean;
  /** The ping intervals that were asked for since it opened. */
  readonly pings: number[];
  open(): void;
}

/** A failure for tests that do not care which. */
export const REFUSED: LinkFailure = { opened: false, reason: "refused", message: "connection refused" };
/** A link that broke. */
export const LOST: LinkFailure = { opened: true, reason: "lost", message: "connection lost" };

/** Keeps every attempt, in order. */
export class FakeTransport implements ClientTransport {
  readonly attempts: FakeAttempt[] = [];
  /** Whether connections can change their ping interval. */
  canPing = false;

  get last(): FakeAttempt {
    return this.attempts.at(-1)!;
  }

  connect(url: string, handlers: ClientHandlers, options: LinkOptions): () => void {
    const attempt: FakeAttempt = {
      url,
      handlers,
      options,
      received: [],
      closedWith: undefined,
      wasGivenUp: false,
      pings: [],
      open: () =>
        handlers.onOpen({
          send: (text) => attempt.received.push(text),
          close: (code, reason) => attempt.closedWith = { code, reason },
          ...(this.canPing ? { setPing: (seconds: number) => attempt.pings.push(seconds) } : {}),
        }),
    };
    this.attempts.push(attempt);
    return () => attempt.wasGivenUp = true;
  }
}
