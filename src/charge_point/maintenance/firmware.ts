/**
 * UpdateFirmware and its conf, which cannot refuse.
 *
 * A newer request replaces one under way until that one is being installed; then it gets a CALLERROR.
 * Spec: OCPP 1.6 §5.19. A Charge Point with signed updates only answers with NotSupported (Security §5).
 */
import { atMsOf } from "../../ocpp/date_time.ts";
import type { Req } from "../../ocpp/registry.ts";
import { beginUpdate, isBeyondRecall, updateOf } from "./firmware_progress.ts";
import type { Handled } from "../handler.ts";
import { retriesOf } from "./log_upload.ts";
import type { Turn } from "../state.ts";

export function updateFirmware(turn: Turn, req: Req<"UpdateFirmware">): Handled<"UpdateFirmware"> {
  const running = updateOf(turn.state);
  if (running !== undefined && isBeyondRecall(running)) {
    return { fault: { kind: "internal", why: "an update is being installed" } };
  }
  const { location, retrieveDate, retries, retryInterval } = req;
  return {
    conf: {},
    consequence: (turn) =>
      beginUpdate(turn, {
        signed: undefined,
        location,
        installAtMs: 0,
        ...retriesOf({ retries, retryIntervalSeconds: retryInterval }),
        phase: "scheduled",
        notBeforeMs: atMsOf(retrieveDate),
        isHolding: false,
        newVersion: undefined,
        status: undefined,
      }),
  };
}
