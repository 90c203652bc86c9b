/**
 * Everything that may come into the run of a case and everything that may come out of it.
 *
 * A run is `handle(input, nowMs)`, which gives effects in the order in which they are to be carried out, and
 * `deadlineMs()`, the next moment at which it wants a `deadline` input. It plays the other end of the system under
 * test: the Central System of a Charge Point, or the Charge Point of a Central System.
 */
import type { BenchReply, BenchRequest } from "./bench.ts";
import type { OperatorAction } from "./operator_action.ts";

export type RunInput =
  /** The case begins; once, and before everything else. */
  | { readonly kind: "begin" }
  /** A text message of the system under test. */
  | { readonly kind: "frame"; readonly text: string }
  /** A Charge Point wants to connect; the effect `upgrade` decides, and comes before anything else. */
  | { readonly kind: "upgradeRequested"; readonly request: UpgradeRequest }
  /** `subprotocol` and `tls`: what a Central System under test agreed to, where it agreed to any. */
  | { readonly kind: "linkUp"; readonly subprotocol?: string; readonly tls?: AgreedTls }
  | { readonly kind: "linkDown" }
  /** A connection did not come to be: the Central System refused it, or TLS failed. `status`: HTTP. */
  | { readonly kind: "connectFailed"; readonly status?: number; readonly cause: string }
  | {
    readonly kind: "operatorDone";
    readonly actionId: number;
    readonly outcome: { readonly kind: "done" } | { readonly kind: "cannot"; readonly reason: string };
  }
  | { readonly kind: "benchDone"; readonly requestId: number; readonly reply: BenchReply | undefined }
  | { readonly kind: "deadline" }
  /** The user wants no more. */
  | { readonly kind: "abort"; readonly reason: string };

/** What a Charge Point shows of itself when it connects. */
export interface UpgradeRequest {
  readonly subprotocols: readonly string[];
  /** Basic credentials; the password's bytes are hexadecimal, upper case. */
  readonly credentials?: { readonly user: string; readonly passwordHex: string };
  readonly tls?: {
    readonly version: string;
    readonly cipherSuite?: string;
    readonly clientCertificate?: {
      readonly commonName: string;
      readonly organization: string;
    };
  };
}

/** What the two ends of a TLS link have agreed on, e.g. `TLSv1.3` and `TLS_AES_256_GCM_SHA384`. */
export interface AgreedTls {
  readonly version: string;
  readonly cipherSuite?: string;
}

/** How the tester, as a Charge Point, connects. */
export interface OwnLink {
  readonly credentials?: { readonly user: string; readonly passwordHex: string };
  /** TLS, where it is there; the server's certificate is checked, always. */
  readonly tls?: {
    /** Which it shows: its own, one of another Charge Point, or one whose authority nobody trusts; absent: none. */
    readonly certificate?: "own" | "another" | "untrusted";
  };
}

/** How the host is to listen for a Charge Point, or has to connect to a Central System. */
export interface ServerSecurity {
  readonly securityProfile: 0 | 1 | 2 | 3;
  /** What is wrong with the server certificate, on purpose. */
  readonly flaw?: "untrusted" | "wrongHost" | "expired";
}

export type RunEffect =
  /** Put this text on the wire; `isBinary`: its UTF-8 as a binary message, on purpose. */
  | { readonly kind: "send"; readonly text: string; readonly isBinary?: true }
  /** Close the WebSocket. */
  | { readonly kind: "closeLink"; readonly reason: string }
  /** The answer to `upgradeRequested`. `status`: HTTP. */
  | { readonly kind: "upgrade"; readonly isAccepted: boolean; readonly status: number }
  /** Listen like this from now on; connections that are open stay. */
  | { readonly kind: "listen"; readonly security: ServerSecurity }
  /** Connect to the Central System under test. */
  | { readonly kind: "connect"; readonly subprotocols: readonly string[] } & OwnLink
  /** Have this done, and answer with `operatorDone`. */
  | { readonly kind: "operator"; readonly actionId: number; readonly action: OperatorAction }
  /** Get this, and answer with `benchDone`. */
  | { readonly kind: "bench"; readonly requestId: number; readonly request: BenchRequest }
  /** A step begins; for whoever watches. */
  | { readonly kind: "step"; readonly text: string }
  /** The case is over, restoration included. Nothing comes after it. */
  | { readonly kind: "ended"; readonly result: CaseResult };

export type Verdict = "PASS" | "FAIL" | "INCONCLUSIVE" | "NOT APPLICABLE";

/** One frame of the run; of one that is very long, its beginning. */
export interface RecordedFrame {
  readonly atMs: number;
  readonly from: "system" | "tester";
  readonly text: string;
}

/** Why a case has not passed. */
export interface CaseFailure {
  /** The step, e.g. `expect Authorize {"idTag":"TAG001"} within 30 s`. */
  readonly step: string;
  readonly expected: string;
  readonly came: string;
}

/** Of messages that are broken: how many were sent, and how many of them refused as they may be. */
export interface CaseShare {
  readonly refused: number;
  readonly sent: number;
}

/** What came of a case. */
export interface CaseResult {
  readonly id: string;
  readonly verdict: Verdict;
  /** Where the verdict is not PASS. */
  readonly failure?: CaseFailure;
  /** Of a case that sends broken messages. */
  readonly share?: CaseShare;
  /** All steps, in order, until the verdict. */
  readonly steps: readonly string[];
  /** All frames until the verdict; the last ones are those before the failure. */
  readonly frames: readonly RecordedFrame[];
  /** What belongs to the case and was not checked, and why: the verdict is about the rest. */
  readonly leftOut: readonly string[];
  /** What is worth knowing and changes no verdict, e.g. that the state before could not be restored. */
  readonly remarks: readonly string[];
}
