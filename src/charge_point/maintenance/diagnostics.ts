/**
 * GetDiagnostics and GetLog: the Central System asks for a log.
 *
 * Rules: a range in which nothing happened has no file, and nothing is uploaded. Another request of the same kind cancels
 * the upload under way: GetLog has a word for it (`AcceptedCanceled`); GetDiagnostics has none, nor a way to tell the
 * two apart, so that its statuses are those of the newest.
 * Spec: OCPP 1.6 §5.7; Security, GetLog.
 */
import { atMsOf } from "../../ocpp/date_time.ts";
import type { Req } from "../../ocpp/registry.ts";
import type { Handled } from "../handler.ts";
import { beginUpload, planUpload, uploadOf } from "./log_upload.ts";
import type { Turn } from "../state.ts";

export function getDiagnostics(turn: Turn, req: Req<"GetDiagnostics">): Handled<"GetDiagnostics"> {
  const upload = planUpload(turn, {
    request: "GetDiagnostics",
    requestId: undefined,
    logType: "DiagnosticsLog",
    url: req.location,
    ...rangeOf({ from: req.startTime, to: req.stopTime }),
    retries: req.retries,
    retryIntervalSeconds: req.retryInterval,
  });
  if (upload === undefined) return { conf: {} };
  return {
    conf: { fileName: upload.fileName },
    consequence: (turn) => beginUpload(turn, upload),
  };
}

export function getLog(turn: Turn, req: Req<"GetLog">): Handled<"GetLog"> {
  const { log, logType, requestId } = req;
  const upload = planUpload(turn, {
    request: "GetLog",
    requestId,
    logType,
    url: log.remoteLocation,
    ...rangeOf({ from: log.oldestTimestamp, to: log.latestTimestamp }),
    retries: req.retries,
    retryIntervalSeconds: req.retryInterval,
  });
  if (upload === undefined) return { conf: { status: "Accepted" } };
  const isReplacing = uploadOf(turn.state, "GetLog") !== undefined;
  return {
    conf: { status: isReplacing ? "AcceptedCanceled" : "Accepted", filename: upload.fileName },
    consequence: (turn) => beginUpload(turn, upload),
  };
}

function rangeOf({ from, to }: { from: string | undefined; to: string | undefined }): {
  fromMs: number;
  toMs: number;
} {
  return {
    fromMs: from === undefined ? 0 : atMsOf(from),
    toMs: to === undefined ? Number.MAX_SAFE_INTEGER : atMsOf(to),
  };
}
