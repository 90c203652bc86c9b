/**
 * One attempt of a client to connect, as its owner sees it.
 */
import type { ClientTransport, Connection, LinkFailure, LinkOptions } from "../../src/runtime/transport.ts";
import { within } from "./within.ts";

/** Options of a link that wants nothing. */
export const PLAIN: LinkOptions = { pingIntervalSeconds: 0 };

/** What came of it. */
export interface LinkAttempt {
  readonly texts: readonly string[];
  /** The open connection; rejects when it failed instead. */
  opened(): Promise<Connection>;
  /** Why there is no link, or no more. */
  ended(): Promise<LinkFailure>;
  giveUp(): void;
}

/** Begins to connect. */
export function attempt(client: ClientTransport, url: string, options: LinkOptions = PLAIN): LinkAttempt {
  const opened = Promise.withResolvers<Connection>();
  const ended = Promise.withResolvers<LinkFailure>();
  opened.promise.catch(() => {}); // who does not ask is not told
  const texts: string[] = [];
  const giveUp = client.connect(url, {
    onOpen: opened.resolve,
    onText: (text) => texts.push(text),
    onClose: (failure) => {
      opened.reject(new Error(`${failure.reason}: ${failure.message} (${failure.detail ?? ""})`));
      ended.resolve(failure);
    },
  }, options);
  return {
    texts,
    opened: () => within(opened.promise, `a link to ${url}`),
    ended: () => within(ended.promise, `the end of the link to ${url}`),
    giveUp,
  };
}
