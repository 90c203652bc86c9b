/**
 * The steps of a case: what its generator yields, and what the run gives back for each.
 */
import type { Action } from "../ocpp/action.ts";
import type { Conf, Req } from "../ocpp/registry.ts";
import type { BenchRequest } from "./bench.ts";
import type { AgreedTls, CaseShare, OwnLink, ServerSecurity } from "./contract.ts";
import { expectationText, type Matching } from "./matcher.ts";
import { type OperatorAction, operatorText } from "./operator_action.ts";

/** Steps that end with a value. */
export type Steps<T = void> = Generator<Step, T, unknown>;

/**
 * How a Call of the system under test is answered: with a payload, a CALLERROR, or not at all.
 *
 * A StartTransaction gets the next transactionId where the payload names none.
 */
export type Answer<A extends Action> =
  | Conf<A>
  | (A extends "StartTransaction" ? Omit<Conf<A>, "transactionId"> : never)
  | { readonly callError: string }
  | "silence";

/** A Call that is to come. */
export interface ExpectedCall<A extends Action = Action, Optional extends boolean = boolean> {
  readonly action: A;
  /** Literal JSON with matchers. */
  readonly payload: unknown;
  /** Without it the Call is answered as usual. */
  answer?(payload: Req<A>): Answer<A>;
  /** It may come among the others, and need not. */
  readonly isOptional: Optional;
}

/** A Call that came, and what it was answered. */
export interface Seen<A extends Action = Action> {
  readonly action: A;
  readonly payload: Req<A>;
  /** `undefined` after a CALLERROR or silence. */
  readonly answer: Conf<A> | undefined;
  readonly uniqueId: string;
  readonly atMs: number;
}

/** What a Call of ours came back as. */
export type SentOutcome =
  | { readonly kind: "result"; readonly payload: unknown }
  | { readonly kind: "error"; readonly errorCode: string; readonly errorDescription: string };

/**
 * An answer to whatever we sent, right or wrong. `isWhole`: it has all that a CALLERROR has; `unreadable`: it is no
 * frame itself.
 */
export type RawAnswer =
  | { readonly kind: "result"; readonly uniqueId: string; readonly payload: unknown }
  | {
    readonly kind: "error";
    readonly uniqueId: string;
    readonly errorCode: string;
    readonly isWhole: boolean;
  }
  | { readonly kind: "unreadable"; readonly uniqueId?: undefined; readonly why: string };

/** What came after texts that need be no frames. */
export interface RawOutcome {
  /** The one that the texts were made with. */
  readonly uniqueId: string;
  /** Every answer that came meanwhile, whatever it answers. */
  readonly answers: readonly RawAnswer[];
  readonly isLinkUp: boolean;
}

/** What came of connecting to a Central System. `status`: HTTP, where it answered at all. */
export type ConnectOutcome =
  | { readonly kind: "up"; readonly subprotocol: string | undefined; readonly tls: AgreedTls | undefined }
  | { readonly kind: "refused"; readonly status: number | undefined; readonly cause: string };

/** Units: seconds. */
export type Step =
  | {
    readonly kind: "send";
    readonly action: Action;
    readonly payload: unknown;
    readonly withinSeconds: number;
  }
  /**
   * Texts that need be no frames. Ends with an answer to their uniqueId, or after the time, or with the link;
   * whatever Calls come meanwhile are answered as usual.
   */
  | {
    readonly kind: "sendRaw";
    readonly what: string;
    readonly texts: (uniqueId: string) => readonly string[];
    readonly isBinary: boolean;
    readonly withinSeconds: number;
  }
  /** What has been counted so far; the last one stays. */
  | { readonly kind: "tally"; readonly tally: Tally }
  /** All of them in any order. Ends when every one that is not optional has come. */
  | {
    readonly kind: "expect";
    readonly calls: readonly ExpectedCall[];
    readonly withinSeconds: number;
    /** What other Calls mean: a fault, or nothing, so that they are answered as usual. */
    readonly others: "fault" | "answer";
    /** These are a fault, even where others are not. */
    readonly forbidden: readonly ExpectedCall[];
    /** What it means that the time is over: a fault, or nothing, so that the step gives what there is. */
    readonly late: "fault" | "give";
  }
  /** Time passes in which these must not come. */
  | {
    readonly kind: "pass";
    readonly seconds: number;
    readonly forbidden: readonly ExpectedCall[];
    /** `never`: not even what is tolerated may come. */
    readonly others: "fault" | "answer" | "never";
    /** The connection may end meanwhile: that is one way to be silent. */
    readonly mayHangUp?: boolean;
  }
  | { readonly kind: "operator"; readonly action: OperatorAction }
  | { readonly kind: "bench"; readonly request: BenchRequest }
  /** Calls like these are answered as usual from here on, wherever they come. */
  | { readonly kind: "tolerate"; readonly calls: readonly ExpectedCall[] }
  | { readonly kind: "judge"; readonly expected: string; readonly came: string; readonly holds: boolean }
  | { readonly kind: "phase"; readonly phase: Phase }
  | { readonly kind: "closeLink"; readonly reason: string }
  /** Whether connections are accepted from here on; `status`: HTTP. */
  | { readonly kind: "upgrades"; readonly areAccepted: boolean; readonly status: number }
  | { readonly kind: "listen"; readonly security: ServerSecurity }
  | {
    readonly kind: "connect";
    readonly subprotocols: readonly string[];
    readonly link: OwnLink;
    readonly withinSeconds: number;
  }
  /** A part of the case that nobody can check here. */
  | { readonly kind: "leaveOut"; readonly what: string }
  /** The link is, or comes to be, like this. `refused`: a connection was tried and refused. */
  | {
    readonly kind: "link";
    readonly state: "up" | "down" | "refused";
    readonly withinSeconds: number;
    /** `give`: it need not come to be. */
    readonly late?: "give";
  };

/** What a case has counted, whatever becomes of it. */
export interface Tally {
  readonly share: CaseShare;
  readonly remarks: readonly string[];
}

/** What a fault means: in `preparation` that the case could not begin, hence INCONCLUSIVE. */
export type Phase = "preparation" | "test" | "restoration";

/** A step as a reader of a report sees it. */
export function stepText(step: Step): string {
  switch (step.kind) {
    case "send":
      return `send ${step.action} ${JSON.stringify(step.payload)}`;
    case "sendRaw":
      return `send ${step.what}`;
    case "tally":
      return `count ${step.tally.share.refused} of ${step.tally.share.sent} refused`;
    case "expect":
      return `expect ${step.calls.map(callText).join(" and ")} within ${step.withinSeconds} s`;
    case "pass":
      if (step.others === "never") return `see nothing at all for ${step.seconds} s`;
      if (step.others === "fault") return `see nothing unexpected for ${step.seconds} s`;
      return step.forbidden.length === 0
        ? `let ${step.seconds} s pass`
        : `see no ${step.forbidden.map(callText).join(", no ")} for ${step.seconds} s`;
    case "operator":
      return `have somebody ${operatorText(step.action)}`;
    case "bench":
      return `get ${step.request.kind}`;
    case "tolerate":
      return `tolerate ${step.calls.map(callText).join(", ")}`;
    case "judge":
      return `find that ${step.expected}`;
    case "phase":
      return `begin the ${step.phase}`;
    case "closeLink":
      return `close the connection: ${step.reason}`;
    case "upgrades":
      return step.areAccepted ? "accept connections" : `refuse connections with ${step.status}`;
    case "listen":
      return `listen with security profile ${step.security.securityProfile}`;
    case "connect":
      return step.link.tls === undefined ? "connect" : "connect by TLS";
    case "leaveOut":
      return `leave out ${step.what}`;
    case "link":
      return `expect the connection to be ${step.state} within ${step.withinSeconds} s`;
  }
}

/** An expected Call as a reader sees it. */
export function callText({ action, payload, isOptional }: ExpectedCall): string {
  return `${isOptional ? "possibly " : ""}${action} ${expectationText(payload)}`;
}

/** A Call that is to come, e.g. `call("Authorize", { idTag })`. `answer` is told instead of the usual one. */
export function call<A extends Action>(
  action: A,
  payload: Matching<Req<A>> = {} as Matching<Req<A>>,
  answer?: Answer<A> | ((payload: Req<A>) => Answer<A>),
): ExpectedCall<A, false> {
  return {
    action,
    payload,
    isOptional: false,
    ...(answer === undefined
      ? {}
      : { answer: (req: Req<A>) => typeof answer === "function" ? answer(req) : answer }),
  };
}

/** The same, which may come among the others and need not. */
export function optionalCall<A extends Action>(
  action: A,
  payload?: Matching<Req<A>>,
  answer?: Answer<A> | ((payload: Req<A>) => Answer<A>),
): ExpectedCall<A, true> {
  return { ...call(action, payload, answer), isOptional: true };
}
