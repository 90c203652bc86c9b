/**
 * Tells which links are dead: a silent peer is pinged, and dropped after as long a silence again.
 *
 * Whatever arrives counts, also half a message. One timer serves all links with the same interval.
 */
import type { Duplex } from "node:stream";
// @ts-types="@types/ws"
import type { WebSocket } from "ws";

/** A link that may die. */
export interface WatchedLink {
  readonly socket: WebSocket;
  readonly stream: Duplex & { readonly bytesRead?: number };
  readonly drop: (reason: string) => void;
}

/** With the bytes that had come when it was last looked at, and when that was news. */
interface Watch extends WatchedLink {
  bytesHeard: number;
  heardAtMs: number;
  isPinged: boolean;
}

/** Links with the same interval, and what looks after them. */
interface Group {
  readonly links: Set<Watch>;
  readonly timer: ReturnType<typeof setInterval>;
}

/** Four looks an interval are as exact as anybody needs. */
const LOOKS_PER_INTERVAL = 4;

/** Watches links. */
export class LinkLiveness {
  readonly #groups = new Map<number, Group>();

  /** Watches one from now on; the returned function ends that. `pingIntervalSeconds`: 0 never pings nor drops it. */
  watch(link: WatchedLink, pingIntervalSeconds: number): () => void {
    if (pingIntervalSeconds === 0) return () => {};
    const intervalMs = pingIntervalSeconds * 1_000;
    let group = this.#groups.get(intervalMs);
    if (group === undefined) {
      const links = new Set<Watch>();
      group = { links, timer: setInterval(() => lookAt(links, intervalMs), intervalMs / LOOKS_PER_INTERVAL) };
      this.#groups.set(intervalMs, group);
    }
    const { links, timer } = group;
    const { socket, stream, drop } = link;
    const watch = { socket, stream, drop, bytesHeard: 0, heardAtMs: performance.now(), isPinged: false };
    links.add(watch);
    return () => {
      links.delete(watch);
      if (links.size > 0 || this.#groups.get(intervalMs)?.links !== links) return;
      clearInterval(timer);
      this.#groups.delete(intervalMs);
    };
  }

  /** Watches nothing any more. */
  stop(): void {
    for (const { timer } of this.#groups.values()) clearInterval(timer);
    this.#groups.clear();
  }
}

function lookAt(links: ReadonlySet<Watch>, intervalMs: number): void {
  const nowMs = performance.now();
  for (const link of links) {
    const bytesRead = link.stream.bytesRead ?? 0;
    // A peer that is not read cannot be heard.
    if (bytesRead !== link.bytesHeard || link.socket.isPaused) {
      link.bytesHeard = bytesRead;
      link.heardAtMs = nowMs;
      link.isPinged = false;
      continue;
    }
    const silentMs = nowMs - link.heardAtMs;
    if (silentMs >= 2 * intervalMs) {
      link.drop(`silent for ${Math.round(silentMs / 1_000)} s, and no answer to a ping`);
    } else if (silentMs >= intervalMs && !link.isPinged) {
      link.isPinged = true;
      if (link.socket.readyState === link.socket.OPEN) link.socket.ping();
    }
  }
}
