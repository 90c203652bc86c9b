/**
 * Tells what happens in a Central System: exchanges to the frame view, everything unusual to the log.
 */
import { getLogger } from "@logtape/logtape";
import type { CentralSystemEvent, ReceivedCall } from "../../central_system/decision.ts";
import type { CentralSystemObserver, Refusal } from "../../runtime/central_system_observer.ts";
import type { Exchange } from "../../runtime/server_connection.ts";
import type { FrameView } from "./frame_view.ts";

const LOG = getLogger(["ocpp", "serve"]);

/** Identities come from outside: a line feed in one would forge a log line (`identityOf` refuses those). */
export class LoggingObserver implements CentralSystemObserver {
  readonly #frameView: FrameView;

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
    if (event.kind !== "deviation") return;
    const { chargePoint, rule, detail, spec } = event;
    LOG.warning("{chargePoint} deviates: {rule}: {detail} ({spec})", { chargePoint, rule, detail, spec });
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
