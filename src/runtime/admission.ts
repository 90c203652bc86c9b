/**
 * Who may connect: the decision about a WebSocket upgrade.
 *
 * The other side is told no more than it should know; the operator is told why.
 * Spec: OCPP-J 1.6 §3.1, §6.2; Security §2.
 */
import { conductDeviation, type Deviation } from "../central_system/deviation.ts";
import { judgeLink, type PasswordShown, type SecurityProfile } from "../central_system/security_profile.ts";
import type { ChargePointRecord } from "../central_system/store.ts";
import type { Validation } from "../ocpp/repair.ts";
import { textWithoutSecrets } from "../ocpp/secret_text.ts";
import { bytesOfDigits, readCredentials } from "./basic_credentials.ts";
import type { CredentialCheck } from "./credential_check.ts";
import { identityOf } from "./identity.ts";
import type { RefusalKind } from "./central_system_observer.ts";
import type { UpgradeRequest } from "./listener.ts";
import type { ConnectionTerms } from "./connection_terms.ts";
import { chooseSubprotocol, offeredText } from "./subprotocol.ts";
import type { UpgradeLimit } from "./upgrade_limit.ts";

/** What an operator has chosen for the listener's side. */
export interface AdmissionSettings {
  readonly registration: "open" | "closed";
  /** For Charge Points whose record names none. */
  readonly validation: Validation;
  /** Origins from which a browser may open a WebSocket. */
  readonly allowOrigins: readonly string[];
  readonly callTimeoutMs: number;
  /** Frames a second of one Charge Point that are taken in on the long run; 0: any number. */
  readonly maxFrameRate: number;
  /** The least, for Charge Points whose record names none. */
  readonly securityProfile: SecurityProfile;
  /** The O that client certificates must have; absent: any. */
  readonly cpoName?: string;
}

/** Why somebody is not let in. */
export interface AdmissionRefusal {
  readonly granted: false;
  readonly identity: string | undefined;
  readonly status: number;
  readonly kind: RefusalKind;
  /** For the operator. */
  readonly reason: string;
  /** For the other side. */
  readonly text: string;
  readonly headers?: Readonly<Record<string, string>>;
}

/** Somebody who is let in. */
export interface Admission {
  readonly granted: true;
  readonly terms: ConnectionTerms;
  readonly subprotocol: string | undefined;
  readonly record: ChargePointRecord | undefined;
  /** That of its passwords which it has shown. */
  readonly passwordHash?: string;
  readonly deviations: readonly Deviation[];
}

/** What a refusal for want of the right security says to the other side, whatever it is that is wrong. */
const NOT_AUTHORIZED =
  "credentials, certificate or security profile will not do; the Central System's log says why";

/** `areDigits` stands where a password was compared: whether it was right as digits. */
interface CheckedPassword {
  readonly password: PasswordShown | "busy";
  readonly passwordHash?: string;
  readonly areDigits?: boolean;
}

const SECURITY_FIELDS = [
  "securityProfile",
  "pendingSecurityProfile",
  "passwordHash",
  "pendingPasswordHash",
  "certificateSerialNumber",
] as const satisfies readonly (keyof ChargePointRecord)[];

/** Decides about upgrades. */
export class AdmissionDesk {
  readonly settings: AdmissionSettings;
  readonly #upgrades: UpgradeLimit;
  readonly #credentials: CredentialCheck;
  readonly #recordOf: (
    identity: string,
  ) => ChargePointRecord | undefined | Promise<ChargePointRecord | undefined>;

  /** `recordOf` rejects where the database cannot be read. */
  constructor({ settings, upgrades, credentials, recordOf }: {
    settings: AdmissionSettings;
    upgrades: UpgradeLimit;
    credentials: CredentialCheck;
    recordOf: (identity: string) => ChargePointRecord | undefined | Promise<ChargePointRecord | undefined>;
  }) {
    this.settings = settings;
    this.#upgrades = upgrades;
    this.#credentials = credentials;
    this.#recordOf = recordOf;
  }

  /** Decides about one. */
  async decide(request: UpgradeRequest): Promise<Admission | AdmissionRefusal> {
    const named = identityOf(request.path);
    if (!named.ok) return refusal(undefined, { status: 400, kind: "noIdentity", reason: named.why });
    const { identity } = named;
    // Before anything that costs or tells something.
    const tooMany = this.#upgrades.refusal({ remoteAddress: request.remoteAddress, identity });
    if (tooMany === undefined) return await this.#decideNamed(request, identity);
    const { reason, headers } = tooMany;
    return { ...refusal(identity, { status: 429, kind: "tooManyUpgrades", reason }), headers };
  }

  async #decideNamed(request: UpgradeRequest, identity: string): Promise<Admission | AdmissionRefusal> {
    const refuse = (status: number, kind: RefusalKind, reason: string, text = reason) =>
      refusal(identity, { status, kind, reason, text });
    if (request.origin !== undefined && !this.settings.allowOrigins.includes(request.origin)) {
      return refuse(403, "foreignOrigin", `origin ${textWithoutSecrets(request.origin)} is not allowed`);
    }
    const untrusted = request.tls?.untrustedCertificate;
    if (untrusted !== undefined) return refuse(401, "credentials", untrusted, NOT_AUTHORIZED);
    let record: ChargePointRecord | undefined;
    try {
      record = await this.#recordOf(identity);
    } catch {
      return refuse(503, "notReady", "not ready: the database cannot be read");
    }
    const validation = record?.validation ?? this.settings.validation;
    const chosen = chooseSubprotocol(request.subprotocols, validation);
    if (!chosen.granted) return refuse(400, "subprotocol", chosen.text);
    if (record === undefined && this.settings.registration === "closed") {
      return refuse(404, "notRegistered", `no Charge Point ${identity} is registered here`);
    }

    const shown = await this.#passwordShown(identity, request, record, validation);
    // Checking a password takes time: what an operator has changed meanwhile counts.
    if (shown.areDigits !== undefined && await this.#isOutdated(identity, record)) {
      return this.#decideNamed(request, identity);
    }
    if (shown.password === "busy") {
      return refuse(503, "busy", "too many passwords wait to be checked", "try again later");
    }
    const verdict = judgeLink(identity, record ?? {}, {
      isTls: request.tls !== undefined,
      password: shown.password,
      certificate: request.tls?.clientCertificate,
    }, this.settings);
    if (!verdict.admitted) {
      const { status, reason } = verdict;
      return refuse(status, status === 401 ? "credentials" : "securityProfile", reason, NOT_AUTHORIZED);
    }

    const about = { chargePoint: identity };
    const offered = `Sec-WebSocket-Protocol: ${offeredText(request.subprotocols) || "none"}`;
    return {
      granted: true,
      terms: {
        identity,
        validation,
        refusedRules: record?.refusedRules ?? [],
        securityProfile: verdict.profile,
        remoteAddress: request.remoteAddress,
        maxFrameRate: this.settings.maxFrameRate,
      },
      subprotocol: chosen.subprotocol,
      record,
      ...(shown.passwordHash === undefined ? {} : { passwordHash: shown.passwordHash }),
      deviations: [
        ...(chosen.deviation === undefined ? [] : [conductDeviation(chosen.deviation, offered, about)]),
        ...(shown.areDigits === true
          ? [conductDeviation("passwordAsDigits", "the hexadecimal digits of the AuthorizationKey", about)]
          : []),
      ],
    };
  }

  async #isOutdated(identity: string, record: ChargePointRecord | undefined): Promise<boolean> {
    const now = await this.#recordOf(identity);
    if (now === record) return false;
    return record === undefined || now === undefined ||
      SECURITY_FIELDS.some((field) => now[field] !== record[field]);
  }

  /** What the request shows, compared with what the record knows. */
  async #passwordShown(
    identity: string,
    { authorization }: UpgradeRequest,
    record: ChargePointRecord | undefined,
    validation: Validation,
  ): Promise<CheckedPassword> {
    const read = readCredentials(authorization, identity);
    if (read.kind !== "password") return { password: read.kind };
    const { passwordHash, pendingPasswordHash } = record ?? {};
    if (passwordHash === undefined && pendingPasswordHash === undefined) return { password: "uncheckable" };
    // OCPP-J 1.6 §6.2.2: the header carries the bytes; many devices send the digits that they were told.
    const digits = validation === "tolerant" ? bytesOfDigits(read.password) : undefined;
    for (const [password, hash] of [["current", passwordHash], ["pending", pendingPasswordHash]] as const) {
      if (hash === undefined) continue;
      for (const [bytes, areDigits] of [[read.password, false], [digits, true]] as const) {
        const verdict = bytes === undefined ? false : await this.#credentials.check(bytes, hash);
        if (verdict === "busy") return { password: "busy" };
        if (verdict) return { password, passwordHash: hash, areDigits };
      }
    }
    return { password: "wrong", areDigits: false };
  }
}

function refusal(
  identity: string | undefined,
  { status, kind, reason, text = reason }: {
    readonly status: number;
    readonly kind: RefusalKind;
    readonly reason: string;
    readonly text?: string;
  },
): AdmissionRefusal {
  return { granted: false, identity, status, kind, reason, text };
}
