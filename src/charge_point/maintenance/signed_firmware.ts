/**
 * SignedUpdateFirmware: the signing certificate is checked before the answer.
 *
 * Rules: it must lead up to an installed ManufacturerRootCertificate; without one no firmware is trusted. An update under
 * way is given up for a newer one (`AcceptedCanceled`) until it is being installed (`Rejected`).
 * Spec: Security §5, SignedUpdateFirmware. `RevokedCertificate` is never answered: a Charge Point looks into no list of
 * revoked certificates here.
 */
import { atMsOf } from "../../ocpp/date_time.ts";
import type { Req } from "../../ocpp/registry.ts";
import { beginUpdate, isBeyondRecall, updateOf } from "./firmware_progress.ts";
import type { Handled } from "../handler.ts";
import type { JobResult } from "../job.ts";
import { retriesOf } from "./log_upload.ts";
import { securityEvent } from "../security/security_event.ts";
import type { ChargePointState, Turn } from "../state.ts";

export function signedUpdateFirmware(
  { state, nowMs }: Turn,
  req: Req<"SignedUpdateFirmware">,
): Handled<"SignedUpdateFirmware"> {
  if (state.options.description.firmwareUpdate === "plain" || isInstalling(state)) {
    return { conf: { status: "Rejected" } };
  }
  const roots = state.security.roots.filter(({ use }) => use === "ManufacturerRootCertificate")
    .map(({ pem }) => pem);
  if (roots.length === 0) return invalid("no ManufacturerRootCertificate is installed");
  return {
    job: { kind: "readCertificate", chain: req.firmware.signingCertificate, roots, atMs: nowMs },
    purpose: { kind: "signedUpdate", req },
  };
}

/** The signing certificate was read. */
export function signingCertificateRead(
  { state }: Turn,
  req: Req<"SignedUpdateFirmware">,
  { refusal, reason }: Extract<JobResult, { kind: "readCertificate" }>,
): Handled<"SignedUpdateFirmware"> {
  if (refusal !== undefined) return invalid(`${refusal}: ${reason}`);
  if (isInstalling(state)) return { conf: { status: "Rejected" } };
  const isReplacing = updateOf(state) !== undefined;
  const { requestId, retries, retryInterval, firmware } = req;
  const { location, retrieveDateTime, installDateTime, signingCertificate, signature } = firmware;
  return {
    conf: { status: isReplacing ? "AcceptedCanceled" : "Accepted" },
    consequence: (turn) =>
      beginUpdate(turn, {
        signed: { requestId, signingCertificate, signature },
        location,
        installAtMs: installDateTime === undefined ? 0 : atMsOf(installDateTime),
        ...retriesOf({ retries, retryIntervalSeconds: retryInterval }),
        phase: "scheduled",
        notBeforeMs: atMsOf(retrieveDateTime),
        isHolding: false,
        newVersion: undefined,
        status: undefined,
      }),
  };
}

function isInstalling(state: ChargePointState): boolean {
  const running = updateOf(state);
  return running !== undefined && isBeyondRecall(running);
}

function invalid(reason: string): Handled<"SignedUpdateFirmware"> {
  return {
    conf: { status: "InvalidCertificate" },
    consequence: (turn) => securityEvent(turn, "InvalidFirmwareSigningCertificate", reason),
  };
}
