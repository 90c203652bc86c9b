/**
 * Tells what happens in a Central System: exchanges to the frame view, everything unusual to the log.
 */
import { getLogger } from "@logtape/logtape";
import type { CentralSystemEvent, ReceivedCall } from "../../central_system/decision.ts";
import type { Deviation } from "../../central_system/deviation.ts";
import type { CentralSystemObserver, Refusal } from "../../runtime/central_system_observer.ts";
import type { Exchange } from "../../runtime/server_connection.ts";
import type { FrameView } from "./frame_view.ts";

const LOG = getLogger(["ocpp", "serve"]);

/** As many kinds of deviation are warned of, each once a Charge Point; further ones are for `--log-level debug`. */
export const WARNINGS_MAX = 10_000;

/** Identities come from outside: a line feed in one would forge a log line (`identityOf` refuses those). */
export class LoggingObserver implements CentralSystemObserver {
  readonly #frameView: FrameView;
  /** What was warned of, as Charge Point and rule: a device that deviates does so with every message. */
  readonly #warned = new Set<string>();

  constructor(frameView: FrameView) {
    this.#frameView = frameView;
  }

  connected(event: { chargePoint: string; remoteAddress: string; replaced: boolean }): void {
    const why = event.replaced ? "connected, replacing its older connection" : "connected";
    this.#frameView.note(event.chargePoint, `${why} from ${event.remoteAddress}`);
  }

  disconnected({ chargePoint, code, reason }: { chargePoint: string; code: number; reason: string }): void {
    this.#frameView.note(chargePoint, `disconnected: ${code}${reason === "" ? "" : ` ${reason}`}`);
  }

  refused({ remoteAddress, identity, status, reason }: Refusal): void {
    LOG.warning("refused a connection from {remoteAddress} as {identity}: {status} {reason}", {
      remoteAddress,
      identity: identity ?? "(no identity)",
      status,
      reason,
    });
  }

  exchanged(exchange: Exchange): void {
    this.#frameView.show(exchange);
  }

  decided(event: CentralSystemEvent): void {
    if (event.kind === "deviation") this.#deviated(event);
  }

  #deviated({ chargePoint, rule, exchange, path = "", detail, spec }: Deviation): void {
    const where = [exchange?.action, path].filter((part) => part !== undefined && part !== "").join(" ");
    const what = where === "" ? detail : `${where}: ${detail}`;
    const about = { chargePoint, rule, what, spec, uniqueId: exchange?.uniqueId };
    const kind = `${chargePoint}\n${rule}`;
    if (this.#warned.has(kind) || this.#warned.size >= WARNINGS_MAX) {
      LOG.debug("{chargePoint} deviates: {rule}: {what} ({spec})", about);
      return;
    }
    this.#warned.add(kind);
    LOG.warning("{chargePoint} deviates: {rule}: {what} ({spec})", about);
  }

  storeFailed(error: unknown): void {
    LOG.error(
      "the database cannot be written; nobody is answered until it can: {reason}",
      { reason: (error as Error).message, error },
    );
  }

  storeResumed({ downMs }: { downMs: number }): void {
    LOG.warning("the database can be written again after {downMs} ms", { downMs });
  }

  mistaken({ chargePoint, uniqueId, body }: ReceivedCall, error: unknown): void {
    LOG.error("a mistake of ours while answering {action} {uniqueId} of {chargePoint}: {error}", {
      action: body.action,
      uniqueId,
      chargePoint,
      error,
    });
  }
}
