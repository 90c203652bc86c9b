/**
 * A client transport without a network: a test decides what becomes of each attempt.
 */
import type { ClientHandlers, ClientTransport, LinkFailure } from "../../src/runtime/transport.ts";

/** One attempt to connect, as the other side sees it. */
export interface FakeAttempt {
  readonly url: string;
  readonly handlers: ClientHandlers;
  /** Texts that came. */
  readonly received: string[];
  /** How our end closed, if it did. */
  closedWith: { code: number; reason: string } | undefined;
  wasGivenUp: boolean;
  open(): void;
}

/** A failure for tests that do not care which. */
export const REFUSED: LinkFailure = { opened: false, reason: "refused", message: "connection refused" };
/** A link that broke. */
export const LOST: LinkFailure = { opened: true, reason: "lost", message: "connection lost" };

/** Keeps every attempt, in order. */
export class FakeTransport implements ClientTransport {
  readonly attempts: FakeAttempt[] = [];

  get last(): FakeAttempt {
    return this.attempts.at(-1)!;
  }

  connect(url: string, handlers: ClientHandlers): () => void {
    const attempt: FakeAttempt = {
      url,
      handlers,
      received: [],
      closedWith: undefined,
      wasGivenUp: false,
      open: () =>
        handlers.onOpen({
          send: (text) => attempt.received.push(text),
          close: (code, reason) => attempt.closedWith = { code, reason },
        }),
    };
    this.attempts.push(attempt);
    return () => attempt.wasGivenUp = true;
  }
}
