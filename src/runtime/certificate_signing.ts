/**
 * What follows a SignCertificate that was accepted: its CSR is checked and signed, and the certificate goes to the
 * Charge Point as CertificateSigned.
 *
 * Rules:
 * - One CN is right: the certificate serial number of the record, else the identity. What a Charge Point says of
 *   itself proves nothing: with another's serial number it could become that other.
 * - At most `SIGNING_AT_ONCE_MAX` are signed at a time, and `SIGNING_WAITING_MAX` wait, of each Charge Point the latest.
 * - A CSR that will not do is followed by nothing; the operator is told why.
 * Spec: Security, SignCertificate, CertificateSigned; §2.6 (CN and O).
 */
import type { Command, CommandOutcome } from "../central_system/commands.ts";
import type { CentralSystemEvent, Decision, ReceivedCall } from "../central_system/decision.ts";
import type { ChargePointRecord, MaybePromise } from "../central_system/store.ts";
import type { Conf } from "../ocpp/registry.ts";
import type { AdmissionSettings } from "./admission.ts";
import type { CertificateAuthority, SigningOutcome } from "./certificate_authority.ts";
import type { Clock } from "./clock.ts";

/** Requests that are signed at a time. */
export const SIGNING_AT_ONCE_MAX = 4;

/** Requests that wait; beyond this one is given up. */
export const SIGNING_WAITING_MAX = 1_000;

/** What signing needs from its host. */
export interface SigningMeans {
  readonly authority: CertificateAuthority;
  /** `cpoName`: the O that certificates must have; absent: any. */
  readonly settings: Pick<AdmissionSettings, "cpoName" | "callTimeoutMs">;
  readonly clock: Clock;
  /** Rejects where the database cannot be read. */
  readonly recordOf: (identity: string) => MaybePromise<ChargePointRecord | undefined>;
  /** Sends a Call in the queue of the Charge Point. */
  readonly call: (identity: string, command: Command) => Promise<CommandOutcome>;
  readonly tell: (event: CentralSystemEvent) => void;
}

/** Signs what Charge Points ask for. */
export class CertificateSigning {
  readonly #means: SigningMeans;
  /** CSRs by identity. */
  readonly #waiting = new Map<string, string>();
  #running = 0;

  constructor(means: SigningMeans) {
    this.#means = means;
  }

  /** A Call was answered; only an accepted SignCertificate is of interest. */
  onAnswered({ chargePoint, body }: ReceivedCall, { answer }: Decision): void {
    if (!body.ok || body.action !== "SignCertificate" || answer.kind !== "result") return;
    if ((answer.payload as Conf<"SignCertificate">).status !== "Accepted") return;
    if (this.#waiting.size >= SIGNING_WAITING_MAX && !this.#waiting.has(chargePoint)) {
      return this.#notSigned(chargePoint, `${SIGNING_WAITING_MAX} others wait for theirs`);
    }
    this.#waiting.set(chargePoint, body.payload.csr);
    this.#next();
  }

  #next(): void {
    while (this.#running < SIGNING_AT_ONCE_MAX) {
      const [first] = this.#waiting;
      if (first === undefined) return;
      const [chargePoint, csr] = first;
      this.#waiting.delete(chargePoint);
      this.#running++;
      void this.#sign(chargePoint, csr).then((send) => {
        this.#running--;
        this.#next();
        // Whether the Charge Point answers soon or not at all is not a matter of how many are signed.
        return send?.();
      });
    }
  }

  /** Gives what is left to do, if anything. Never rejects. */
  async #sign(chargePoint: string, csr: string): Promise<(() => Promise<void>) | undefined> {
    const { authority, settings: { cpoName }, clock, recordOf } = this.#means;
    let commonName: string;
    let outcome: SigningOutcome;
    try {
      const record = await recordOf(chargePoint);
      commonName = record?.certificateSerialNumber ?? chargePoint;
      outcome = await authority.sign({
        csr,
        commonName,
        ...(cpoName === undefined ? {} : { organization: cpoName }),
        nowMs: clock.nowMs(),
      });
    } catch (error) {
      return void this.#notSigned(chargePoint, error instanceof Error ? error.message : String(error));
    }
    if (!outcome.ok) return void this.#notSigned(chargePoint, outcome.reason);
    const { certificateChain, serialNumber } = outcome;
    return async () => {
      const sent = await this.#means.call(chargePoint, {
        action: "CertificateSigned",
        payload: { certificateChain },
        timeoutMs: this.#means.settings.callTimeoutMs,
        validate: true,
      });
      const text = textOf(sent);
      this.#means.tell({ kind: "certificateSigned", chargePoint, commonName, serialNumber, outcome: text });
    };
  }

  #notSigned(chargePoint: string, reason: string): void {
    this.#means.tell({ kind: "certificateNotSigned", chargePoint, reason });
  }
}

/** The status that the Charge Point answered with, or why there is none. */
function textOf(outcome: CommandOutcome): string {
  switch (outcome.kind) {
    case "result":
      return (outcome.payload as Conf<"CertificateSigned">).status;
    case "error":
      return outcome.errorCode;
    default:
      return outcome.kind;
  }
}
