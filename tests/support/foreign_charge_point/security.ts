/**
 * Security profiles, the password, and security events. Spec: Security §2, §3, Appendix.
 */
import type { Req } from "../../../src/ocpp/registry.ts";
import type { OutsideKey } from "./configuration.ts";
import type { LineSecurity } from "./line.ts";
import type { Memory } from "./memory.ts";

/** Where the Central System is, by whether that is by TLS. */
export interface Endpoints {
  readonly plain: string;
  readonly tls?: string;
}

/** With a new profile so often in vain, the old one is taken again. */
const ATTEMPTS = 3;

/** One device's. */
export class Security {
  readonly #memory: Memory;
  readonly #endpoints: Endpoints;
  readonly #hangUp: () => void;
  readonly #send: (event: Req<"SecurityEventNotification">) => Promise<unknown>;
  readonly #maySend: () => boolean;
  #before: { readonly securityProfile: Memory["securityProfile"]; attempts: number } | undefined;
  #isSending = false;

  constructor(
    options: {
      readonly memory: Memory;
      readonly endpoints: Endpoints;
      /** So that it connects anew, with what is set now. */
      readonly hangUp: () => void;
      readonly send: (event: Req<"SecurityEventNotification">) => Promise<unknown>;
      readonly maySend: () => boolean;
    },
  ) {
    this.#memory = options.memory;
    this.#endpoints = options.endpoints;
    this.#hangUp = options.hangUp;
    this.#send = options.send;
    this.#maySend = options.maySend;
  }

  /** How to connect. */
  get line(): LineSecurity {
    const { securityProfile, password, certificates, ownCertificate } = this.#memory;
    const { plain, tls = plain } = this.#endpoints;
    const roots = certificates.filter(({ use }) => use === "CentralSystemRootCertificate")
      .map(({ certificate }) => certificate);
    return {
      endpoint: securityProfile >= 2 ? tls : plain,
      ...((securityProfile === 1 || securityProfile === 2) && password !== undefined ? { password } : {}),
      ...(securityProfile >= 2 ? { roots } : {}),
      ...(securityProfile === 3 && ownCertificate !== undefined
        ? { certificate: ownCertificate.chain, privateKey: ownCertificate.privateKey }
        : {}),
    };
  }

  readonly keys: Readonly<Record<string, OutsideKey>> = {
    SecurityProfile: {
      value: () => String(this.#memory.securityProfile),
      change: (value) => {
        const wanted = Number(value);
        const { securityProfile } = this.#memory;
        if (!/^[0-3]$/.test(value) || wanted <= securityProfile || !this.#isReadyFor(wanted)) {
          return { isTaken: false };
        }
        this.#before = { securityProfile, attempts: 0 };
        this.#memory.securityProfile = wanted as Memory["securityProfile"];
        return { isTaken: true, afterwards: this.#hangUp };
      },
    },
    AuthorizationKey: {
      value: () => undefined,
      change: (value) => {
        // §2.4: 16 to 20 bytes.
        if (!/^([0-9a-f]{2}){16,20}$/i.test(value)) return { isTaken: false };
        this.#memory.password = Uint8Array.fromHex(value);
        return { isTaken: true, afterwards: this.#hangUp };
      },
    },
  };

  #isReadyFor(securityProfile: number): boolean {
    const { password, certificates, ownCertificate } = this.#memory;
    const hasRoot = certificates.some(({ use }) => use === "CentralSystemRootCertificate");
    if (securityProfile >= 2 && !hasRoot) return false;
    return securityProfile === 3 ? ownCertificate !== undefined : password !== undefined;
  }

  /** It has come to a connection. */
  onUp(): void {
    this.#before = undefined;
  }

  /** It has not. */
  onFailed(error: Error): void {
    if (/certificate|UnknownIssuer|self.signed/i.test(`${error.message} ${error.cause ?? ""}`)) {
      this.happened("InvalidCentralSystemCertificate");
    }
    const before = this.#before;
    if (before === undefined || ++before.attempts < ATTEMPTS) return;
    this.#memory.securityProfile = before.securityProfile;
    this.#before = undefined;
  }

  /** Something worth knowing has happened: it is told as soon as that is possible. */
  happened(type: string): void {
    const event = { type, timestamp: new Date().toISOString() };
    this.#memory.securityLog.push(`${event.timestamp} ${type}`);
    this.#memory.securityEvents.push(event);
    void this.flush();
  }

  /** Tells what could not be told. */
  async flush(): Promise<void> {
    if (this.#isSending) return;
    this.#isSending = true;
    const { securityEvents } = this.#memory;
    try {
      while (securityEvents[0] !== undefined && this.#maySend()) {
        await this.#send(securityEvents[0]);
        securityEvents.shift();
      }
    } catch {
      // It is told when there is a connection again.
    } finally {
      this.#isSending = false;
    }
  }
}
