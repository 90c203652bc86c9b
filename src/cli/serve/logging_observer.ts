/**
 * Tells what happens in a Central System: exchanges and connections to the frame view, everything unusual to the log;
 * with `--log-level debug` the rest too, a record each.
 *
 * Fields: `chargePoint` is its identity; of an exchange `direction` (`in`: the Charge Point's Call), `action`,
 * `uniqueId`, `outcome` and `latencyMs` are those of `serve --json` and of the API's messages.
 */
import { getLogger } from "@logtape/logtape";
import type { CentralSystemEvent, ReceivedCall } from "../../central_system/decision.ts";
import type { Deviation } from "../../central_system/deviation.ts";
import { dateTimeOf } from "../../ocpp/date_time.ts";
import type { CentralSystemObserver, Refusal } from "../../runtime/central_system_observer.ts";
import { FRAME_NAME_MAX } from "../../runtime/frame_log.ts";
import type { RowsRemoved } from "../../runtime/retention.ts";
import type { Exchange } from "../../runtime/server_connection.ts";
import { shortText } from "../message_text.ts";
import type { FrameView } from "./frame_view.ts";
import { LineBudget } from "./line_budget.ts";

const LOG = getLogger(["ocpp", "serve"]);

/** As many kinds of deviation are warned of, each once a Charge Point; further ones are for `--log-level debug`. */
export const WARNINGS_MAX = 10_000;

/** Records for debugging in one second; beyond this they are counted. */
export const DEBUG_LINES_PER_SECOND_MAX = 200;

/** Refusals told in one second: a stranger may try as often as it likes. */
export const REFUSAL_LINES_PER_SECOND_MAX = 20;

/** Characters told of a frame's text; all of it is in the messages of the API. */
export const LOGGED_TEXT_MAX = 1_000;

type Fields = Record<string, unknown>;

/** Identities come from outside: a line feed in one would forge a log line (`identityOf` refuses those). */
export class LoggingObserver implements CentralSystemObserver {
  readonly #frameView: FrameView;
  /** Asked once: each exchange would ask. */
  readonly #isDebugging = LOG.isEnabledFor("debug");
  /** What was warned of, as Charge Point and rule: a device that deviates does so with every message. */
  readonly #warned = new Set<string>();
  readonly #debugging = new LineBudget({
    perSecondMax: DEBUG_LINES_PER_SECOND_MAX,
    onWithheld: (count) => LOG.debug("… and {count} more records for debugging in that second", { count }),
  });
  readonly #refusals = new LineBudget({
    perSecondMax: REFUSAL_LINES_PER_SECOND_MAX,
    onWithheld: (count) => LOG.warning("… and {count} more refused connections in that second", { count }),
  });

  /** To be made once logging is configured. */
  constructor(frameView: FrameView) {
    this.#frameView = frameView;
  }

  /** Says what was not told, at the end. */
  end(): void {
    this.#debugging.end();
    this.#refusals.end();
    this.#frameView.end();
  }

  connected(event: { chargePoint: string; remoteAddress: string; replaced: boolean }): void {
    const { chargePoint, remoteAddress, replaced } = event;
    const why = replaced ? "connected, replacing its older connection" : "connected";
    this.#frameView.note(chargePoint, `${why} from ${remoteAddress}`, {
      kind: "connected",
      remoteAddress,
      replaced,
    });
    this.#debug(`{chargePoint} ${why} from {remoteAddress}`, { ...event });
  }

  disconnected(event: { chargePoint: string; code: number; reason: string }): void {
    const { chargePoint, code, reason } = event;
    const text = `disconnected: ${code}${reason === "" ? "" : ` ${reason}`}`;
    this.#frameView.note(chargePoint, text, { kind: "disconnected", code, reason });
    this.#debug("{chargePoint} disconnected: {code} {reason}", { ...event });
  }

  refused({ atMs, remoteAddress, identity, status, reason, reasonKind }: Refusal): void {
    if (!this.#refusals.take(atMs)) return;
    if (status === undefined) {
      LOG.warning("a connection from {remoteAddress} failed: {reason}", {
        remoteAddress,
        reason: shortText(reason, LOGGED_TEXT_MAX),
        reasonKind,
      });
      return;
    }
    LOG.warning("refused a connection from {remoteAddress} as {chargePoint}: {status} {reason}", {
      remoteAddress,
      chargePoint: identity ?? "(no identity)",
      status,
      reason: shortText(reason, LOGGED_TEXT_MAX),
      reasonKind,
    });
  }

  exchanged(exchange: Exchange): void {
    const { chargePoint, action, uniqueId, deliberate } = exchange;
    if (deliberate !== undefined) {
      const about = { chargePoint, action, uniqueId, deliberate };
      LOG.info("deliberate misbehaviour towards {chargePoint}: {action} {uniqueId}: {deliberate}", about);
    }
    this.#frameView.show(exchange);
    if (!this.#isDebugging) return;
    const { latencyMs, outcome, answerPayload } = exchange;
    const errorCode = outcome === "error"
      ? (answerPayload as { errorCode?: unknown } | undefined)?.errorCode
      : undefined;
    const how = errorCode === undefined ? "{outcome}" : "{outcome} {errorCode}";
    const lasted = latencyMs === undefined ? "" : ", {latencyMs} ms";
    const message = outcome === "ignored"
      ? "{chargePoint} sent what is ignored: {answer}"
      : `{chargePoint} {direction} {action} {uniqueId}: ${how}${lasted}`;
    this.#debug(message, {
      chargePoint: exchange.chargePoint,
      direction: exchange.direction,
      action: shortText(exchange.action, FRAME_NAME_MAX),
      uniqueId: shortText(exchange.uniqueId, FRAME_NAME_MAX),
      outcome,
      latencyMs,
      errorCode,
      deviations: exchange.deviations?.map(({ rule }) => rule),
      request: shortText(exchange.request, LOGGED_TEXT_MAX),
      answer: exchange.answer === undefined ? undefined : shortText(exchange.answer, LOGGED_TEXT_MAX),
    });
  }

  decided(event: CentralSystemEvent): void {
    switch (event.kind) {
      case "deviation":
        return this.#deviated(event);
      case "booted":
        return this.#debug("{chargePoint} booted: {status}", { ...event });
      case "statusReceived":
        return this.#debug("{chargePoint} connector {connectorId}: {status}, {errorCode}", { ...event });
      case "transactionStarted":
        return this.#debug(
          "{chargePoint} connector {connectorId}: transaction {transactionId} of {idTag} began",
          {
            ...event,
          },
        );
      case "transactionSuspected":
        return this.#debug("{chargePoint} transaction {transactionId} is perhaps over: {by}", { ...event });
      case "transactionGoesOn":
        return this.#debug("{chargePoint} transaction {transactionId} goes on", { ...event });
      case "transactionStopped":
        if (event.closedBy === "evidence") {
          LOG.warning("{chargePoint} transaction {transactionId} is closed: no StopTransaction came", {
            ...{ chargePoint: event.chargePoint, transactionId: event.transactionId },
          });
        }
        return this.#debug("{chargePoint} transaction {transactionId} ended, told by {closedBy}", {
          ...event,
        });
      case "certificateSigned": {
        const { kind: _, ...about } = event;
        const level = event.outcome === "Accepted" ? "info" : "warning";
        LOG[level]("certificate {serialNumber} for {commonName} was sent to {chargePoint}: {outcome}", about);
        return;
      }
      case "certificateNotSigned": {
        const { chargePoint, reason } = event;
        LOG.warning("{chargePoint} asked for a certificate and gets none: {reason}", { chargePoint, reason });
      }
    }
  }

  #debug(message: string, { kind: _, ...fields }: Fields): void {
    if (this.#isDebugging && this.#debugging.take(Date.now())) LOG.debug(message, fields);
  }

  #deviated({ chargePoint, rule, exchange, path = "", detail, spec }: Deviation): void {
    const where = [exchange?.action, path].filter((part) => part !== undefined && part !== "").join(" ");
    const what = where === "" ? detail : `${where}: ${detail}`;
    const { action, uniqueId } = exchange ?? {};
    const about = { chargePoint, rule, what, spec, action, uniqueId };
    const kind = `${chargePoint}\n${rule}`;
    const message = "{chargePoint} deviates: {rule}: {what} ({spec})";
    if (this.#warned.has(kind) || this.#warned.size >= WARNINGS_MAX) return this.#debug(message, about);
    this.#warned.add(kind);
    LOG.warning(message, about);
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

  rowsRemoved({ table, rows, beforeMs }: RowsRemoved): void {
    LOG.info("removed {rows} {what} that were received before {before}", {
      rows,
      what: table === "frames" ? "messages" : "readings",
      before: dateTimeOf(beforeMs),
    });
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
