/**
 * Where Charge Points under test come in: the owner of the tester's listeners, plain and TLS.
 *
 * Each Charge Point that is waited for has a seat; one seat may be for whoever comes first. Everybody else is refused
 * with a line that says who is waited for.
 */
import type { FailedHandshake, ListenerHandlers, UpgradeDecision, UpgradeRequest } from "./listener.ts";
import { identityOf } from "./identity.ts";
import { type SeatOptions, TesterSeat } from "./tester_seat.ts";

/** An upgrade that nobody here wanted. `why` is one line for a person. */
export interface TurnedAway {
  readonly identity?: string;
  readonly remoteAddress: string;
  readonly why: string;
}

/** The most identities that are named to somebody who is not waited for. */
const NAMED_MAX = 5;

/** Gives seats, and takes in whoever has one. */
export class TesterEntrance {
  readonly #seats = new Set<TesterSeat>();
  readonly #onTurnedAway: (who: TurnedAway) => void;

  constructor(onTurnedAway: (who: TurnedAway) => void) {
    this.#onTurnedAway = onTurnedAway;
  }

  /** A seat for one Charge Point; without an identity for the first that comes. */
  seat(options: SeatOptions): TesterSeat {
    const seat = new TesterSeat(options, () => this.#seats.delete(seat));
    this.#seats.add(seat);
    return seat;
  }

  /** What the plain listener, and one for TLS that several seats share, are told. */
  get handlers(): ListenerHandlers {
    return {
      onUpgrade: (request) => this.#upgrade(request),
      onRequest: (_request, _remoteAddress) =>
        new Response("here a tester waits for Charge Points, which speak OCPP 1.6-J over WebSocket\n", {
          status: 426,
          headers: { upgrade: "websocket" },
        }),
      onHandshakeFailed: (failure) => this.#handshakeFailed(failure),
    };
  }

  #upgrade(request: UpgradeRequest): UpgradeDecision {
    const { path, remoteAddress } = request;
    const read = identityOf(path);
    if (!read.ok) return this.#turnAway({ remoteAddress, why: read.why });
    const { identity } = read;
    const all = [...this.#seats];
    const seat = all.find((one) => one.identity === identity) ??
      all.find((one) => one.identity === undefined);
    if (seat !== undefined) return seat.upgrade(identity, request);
    const why = `${identity} is not under test; ${this.#waitedFor()}`;
    return this.#turnAway({ identity, remoteAddress, why });
  }

  /** Which Charge Point it was nobody knows: everyone who waits is told. */
  #handshakeFailed(failure: FailedHandshake): void {
    for (const seat of this.#seats) seat.handshakeFailed(failure);
  }

  #waitedFor(): string {
    const names = [...this.#seats].flatMap(({ identity }) => identity === undefined ? [] : [identity]);
    if (names.length === 0) return "nobody is waited for any more";
    const more = names.length > NAMED_MAX ? " and others" : "";
    return `this tester waits for ${names.slice(0, NAMED_MAX).join(", ")}${more}`;
  }

  #turnAway(who: TurnedAway): UpgradeDecision {
    this.#onTurnedAway(who);
    return { granted: false, status: 404, text: who.why };
  }
}
