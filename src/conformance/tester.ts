/**
 * The vocabulary of the cases: what the tester, who plays the other end, can do and expect.
 *
 * Each method gives steps for `yield*`. Units: seconds.
 */
import type { Action } from "../ocpp/action.ts";
import { dateTimeOf } from "../ocpp/date_time.ts";
import { jsonText } from "../ocpp/json.ts";
import type { Conf, Req } from "../ocpp/registry.ts";
import { sameCiString } from "../ocpp/types.ts";
import type { BenchReplies, BenchRequest } from "./bench.ts";
import type { ChargePointCapabilities } from "./capabilities.ts";
import type { OwnLink, ServerSecurity, UpgradeRequest } from "./contract.ts";
import { expectationText, type Matching, mismatchOf } from "./matcher.ts";
import type { OperatorAction } from "./operator_action.ts";
import type { StateRecord } from "./restoration.ts";
import type { CaseSetup, Session } from "./session.ts";
import type {
  ConnectOutcome,
  ExpectedCall,
  RawOutcome,
  Seen,
  SentOutcome,
  Step,
  Steps,
  Tally,
} from "./step.ts";

/** What a run lets its case know. */
export interface RunFacts {
  readonly nowMs: number;
  readonly session: Session;
  readonly setup: CaseSetup;
  readonly capabilities: ChargePointCapabilities;
  readonly record: StateRecord;
  /** How the Charge Point last connected. */
  readonly upgradeRequest: UpgradeRequest | undefined;
}

/** How long something may take. */
export interface Within {
  readonly within?: number;
}

type AnyExpectedCall = ExpectedCall<Action, boolean>;

/** What came for each expectation. */
type SeenOf<T extends readonly AnyExpectedCall[]> = {
  [I in keyof T]: T[I] extends ExpectedCall<infer A, false> ? Seen<A>
    : T[I] extends ExpectedCall<infer A, boolean> ? Seen<A> | undefined
    : never;
};

/** Plays the other end of the system under test. */
export class Tester {
  readonly #facts: RunFacts;

  constructor(facts: RunFacts) {
    this.#facts = facts;
  }

  get setup(): CaseSetup {
    return this.#facts.setup;
  }

  get capabilities(): ChargePointCapabilities {
    return this.#facts.capabilities;
  }

  /** 0, which is the whole Charge Point, and each of its connectors. */
  get connectorIds(): readonly number[] {
    return Array.from({ length: this.capabilities.connectors + 1 }, (_, connectorId) => connectorId);
  }

  get session(): Readonly<Session> {
    return this.#facts.session;
  }

  get nowMs(): number {
    return this.#facts.nowMs;
  }

  /** How the Charge Point last connected. */
  get upgradeRequest(): UpgradeRequest | undefined {
    return this.#facts.upgradeRequest;
  }

  /** What is to be put back when the case is over. */
  get record(): StateRecord {
    return this.#facts.record;
  }

  /** The date and time so many seconds from now. */
  dateTime(inSeconds = 0): string {
    return dateTimeOf(this.nowMs + inSeconds * 1_000);
  }

  /** Sends a Call and waits for its CallResult, which must match. */
  *send<A extends Action>(
    action: A,
    payload: Req<A>,
    expected?: Matching<Conf<A>>,
    { within }: Within = {},
  ): Steps<Conf<A>> {
    const outcome = yield* this.sendForAny(action, payload, { ...(within === undefined ? {} : { within }) });
    const wanted = `${action}.conf ${expectationText(expected ?? {})}`;
    if (outcome.kind === "error") {
      yield* this.check(wanted, `CALLERROR ${outcome.errorCode} ${outcome.errorDescription}`, false);
    } else if (expected !== undefined) {
      const mismatch = mismatchOf(expected, outcome.payload);
      if (mismatch !== undefined) yield* this.check(wanted, jsonText(outcome.payload), false);
    }
    return (outcome as Extract<SentOutcome, { kind: "result" }>).payload as Conf<A>;
  }

  /** Sends a Call that must be answered by a CALLERROR with one of these codes. */
  *sendForError<A extends Action>(
    action: A,
    payload: Req<A>,
    errorCodes: readonly string[],
  ): Steps<void> {
    const outcome = yield* this.sendForAny(action, payload);
    yield* this.check(
      `CALLERROR ${errorCodes.join(" or ")}`,
      jsonText(outcome),
      outcome.kind === "error" && errorCodes.includes(outcome.errorCode),
    );
  }

  /** Sends a Call and gives whatever answer comes. */
  *sendForAny<A extends Action>(action: A, payload: Req<A>, { within }: Within = {}): Steps<SentOutcome> {
    const withinSeconds = within ?? this.setup.withinSeconds;
    return (yield { kind: "send", action, payload, withinSeconds }) as SentOutcome;
  }

  /** Sends texts that need be no frames, and gives whatever answers come. */
  *sendRaw(
    what: string,
    texts: (uniqueId: string) => readonly string[],
    { within, isBinary = false }: Within & { readonly isBinary?: boolean } = {},
  ): Steps<RawOutcome> {
    const withinSeconds = within ?? this.setup.withinSeconds;
    return (yield { kind: "sendRaw", what, texts, isBinary, withinSeconds }) as RawOutcome;
  }

  /** What has been counted so far: the result shows it, whatever becomes of the case. */
  *tally(tally: Tally): Steps {
    yield { kind: "tally", tally };
  }

  /** The next Call must be this one. */
  *expect<A extends Action, Optional extends boolean>(
    expected: ExpectedCall<A, Optional>,
    within: Within = {},
  ): Steps<Seen<A>> {
    const [seen] = yield* this.#expect([expected], within, { others: "fault", late: "fault" });
    return seen as unknown as Seen<A>;
  }

  /** The next Calls must be these, in any order. */
  *expectInAnyOrder<const T extends readonly AnyExpectedCall[]>(
    expected: T,
    within: Within = {},
  ): Steps<SeenOf<T>> {
    return (yield* this.#expect(expected, within, { others: "fault", late: "fault" })) as SeenOf<T>;
  }

  /**
   * These must come, in any order; whatever comes before the last of them is answered as usual, but for what is
   * forbidden.
   */
  *until<const T extends readonly AnyExpectedCall[]>(
    expected: T,
    { forbidden = [], ...within }: Within & { readonly forbidden?: readonly AnyExpectedCall[] } = {},
  ): Steps<SeenOf<T>> {
    const how = { others: "answer", late: "fault", forbidden } as const;
    return (yield* this.#expect(expected, within, how)) as SeenOf<T>;
  }

  /** This may come within the time, or not; whatever else comes is answered as usual. */
  *attempt<A extends Action>(expected: ExpectedCall<A>, within: Within = {}): Steps<Seen<A> | undefined> {
    const [seen] = yield* this.#expect([expected], within, { others: "answer", late: "give" });
    return seen as unknown as Seen<A> | undefined;
  }

  *#expect(
    calls: readonly AnyExpectedCall[],
    { within }: Within,
    how:
      & Partial<Extract<Step, { kind: "expect" }>>
      & Pick<Extract<Step, { kind: "expect" }>, "others" | "late">,
  ): Steps<readonly (Seen | undefined)[]> {
    const withinSeconds = within ?? this.setup.withinSeconds;
    return (yield { kind: "expect", calls, withinSeconds, forbidden: [], ...how }) as readonly (
      | Seen
      | undefined
    )[];
  }

  /** None of these may come for so long; whatever else comes is answered as usual. */
  *absent(forbidden: readonly AnyExpectedCall[], { for: seconds }: { readonly for: number }): Steps {
    yield { kind: "pass", seconds, forbidden, others: "answer" };
  }

  /** Nothing but what is tolerated may come for so long. */
  *quiet({ for: seconds }: { readonly for: number }): Steps {
    yield { kind: "pass", seconds, forbidden: [], others: "fault" };
  }

  /**
   * Nothing at all may come for so long, not even what is tolerated everywhere. `mayHangUp`: the connection may end
   * meanwhile.
   */
  *silence(
    { for: seconds, mayHangUp = false }: { readonly for: number; readonly mayHangUp?: boolean },
  ): Steps {
    yield { kind: "pass", seconds, forbidden: [], others: "never", mayHangUp };
  }

  /** So much time passes; whatever comes is answered as usual. */
  *wait(seconds: number): Steps {
    yield { kind: "pass", seconds, forbidden: [], others: "answer" };
  }

  /** From here on Calls like these are answered as usual wherever they come unexpectedly. */
  *tolerate(...calls: readonly AnyExpectedCall[]): Steps {
    yield { kind: "tolerate", calls };
  }

  /** Has somebody do something to the system under test. The next step begins at once. */
  *operator(action: OperatorAction): Steps {
    yield { kind: "operator", action };
  }

  /** Gets a file, a certificate or a place for files. */
  *bench<R extends BenchRequest>(request: R): Steps<BenchReplies[R["kind"]]> {
    return (yield { kind: "bench", request }) as BenchReplies[R["kind"]];
  }

  /** Something about what came must hold; `expected` completes "find that …". */
  *check(expected: string, came: unknown, holds: boolean): Steps {
    yield { kind: "judge", expected, came: typeof came === "string" ? came : jsonText(came), holds };
  }

  /** Steps that make the preconditions true: a fault in them is INCONCLUSIVE. */
  *prepare<T>(steps: Steps<T>): Steps<T> {
    yield { kind: "phase", phase: "preparation" };
    const result = yield* steps;
    yield { kind: "phase", phase: "test" };
    return result;
  }

  /** The connection breaks, and none comes to be until `comeOnline`. */
  *goOffline(): Steps {
    yield { kind: "upgrades", areAccepted: false, status: 503 };
    yield* this.disconnect("the network is gone");
  }

  /** Connections are accepted again; waits for one. */
  *comeOnline(): Steps {
    yield { kind: "upgrades", areAccepted: true, status: 101 };
    yield* this.expectConnection();
  }

  /** Connects to the Central System under test; tells what came of it. */
  *connect(
    how: OwnLink & { readonly subprotocols?: readonly string[] } = {},
    { within }: Within = {},
  ): Steps<ConnectOutcome> {
    const { subprotocols = ["ocpp1.6"], ...link } = how;
    const withinSeconds = within ?? this.setup.withinSeconds;
    return (yield { kind: "connect", subprotocols, link, withinSeconds }) as ConnectOutcome;
  }

  /** How the tester, as a Charge Point, connects on its own security profile. */
  get ownLink(): OwnLink {
    return this.linkOf(this.capabilities.securityProfile);
  }

  /** How it would connect on another one. */
  linkOf(securityProfile: 0 | 1 | 2 | 3): OwnLink {
    return linkFor(this.setup, securityProfile);
  }

  /** A part of the case that cannot be checked here; the verdict is about the rest. */
  *leaveOut(what: string): Steps {
    yield { kind: "leaveOut", what };
  }

  /** Closes the connection. */
  *disconnect(reason: string): Steps {
    yield { kind: "closeLink", reason };
  }

  /** Refuses connections from here on. */
  *refuseConnections(status: number): Steps {
    yield { kind: "upgrades", areAccepted: false, status };
  }

  *acceptConnections(): Steps {
    yield { kind: "upgrades", areAccepted: true, status: 101 };
  }

  /** Listens with this security profile and certificate from here on. */
  *listen(security: ServerSecurity): Steps {
    yield { kind: "listen", security };
  }

  /** The Charge Point is, or comes to be, connected; gives how it asked for it. */
  *expectConnection({ within }: Within = {}): Steps<UpgradeRequest | undefined> {
    yield* this.#link("up", within);
    return this.upgradeRequest;
  }

  /** The Charge Point is, or comes to be, without a connection; before that it sends nothing unexpected. */
  *expectDisconnection({ within }: Within = {}): Steps {
    yield* this.#link("down", within);
  }

  /** A connection is tried, and refused. */
  *expectRefusedConnection({ within }: Within = {}): Steps {
    yield* this.#link("refused", within);
  }

  /** The link may come to be like this within the time, or not; tells whether there is one. */
  *attemptLink(state: "up" | "down", { within }: Within = {}): Steps<boolean> {
    const withinSeconds = within ?? this.setup.connectWithinSeconds;
    yield { kind: "link", state, withinSeconds, late: "give" };
    return this.session.isConnected;
  }

  *#link(state: "up" | "down" | "refused", within: number | undefined): Steps {
    yield { kind: "link", state, withinSeconds: within ?? this.setup.connectWithinSeconds };
  }

  /** The value of a configuration key, `undefined` where the Charge Point does not know it. Spec: OCPP 1.6 §5.8. */
  *configurationOf(key: string): Steps<string | undefined> {
    const conf = yield* this.send("GetConfiguration", { key: [key] });
    const isKey = (one: string) => sameCiString(one, key);
    const told = conf.configurationKey?.find((one) => isKey(one.key));
    const isAnswered = told !== undefined || conf.unknownKey?.some(isKey) === true;
    yield* this.check(`${key} is told, or that it is unknown`, conf, isAnswered);
    return told?.value;
  }

  /**
   * Sets configuration keys for this case; afterwards they get their old values again.
   *
   * A key that has the value already is left alone. Where the Charge Point wants a reboot for it, it gets one.
   */
  *configure(values: Readonly<Record<string, string>>): Steps {
    let mustReboot = false;
    for (const [key, value] of Object.entries(values)) {
      const before = yield* this.configurationOf(key);
      if (before?.toLowerCase() === value.toLowerCase()) continue;
      const { status } = yield* this.send("ChangeConfiguration", { key, value });
      yield* this.check(
        `${key} can be set to ${value}`,
        status,
        status === "Accepted" || status === "RebootRequired",
      );
      if (before !== undefined && !this.record.configuration.has(key)) {
        this.record.configuration.set(key, before);
      }
      mustReboot ||= status === "RebootRequired";
    }
    if (!mustReboot) return;
    yield* this.send("Reset", { type: "Soft" }, { status: "Accepted" });
    yield* this.until([{ action: "BootNotification", payload: {}, isOptional: false }], {
      within: this.setup.connectWithinSeconds,
    });
    yield* this.wait(5);
  }
}

/** How a Charge Point connects on a security profile, with the password that there is. */
export function linkFor(
  { identity: user, authorizationKey: passwordHex }: Pick<CaseSetup, "identity" | "authorizationKey">,
  securityProfile: 0 | 1 | 2 | 3,
): OwnLink {
  const usesPassword = (securityProfile === 1 || securityProfile === 2) && passwordHex !== undefined;
  return {
    ...(usesPassword ? { credentials: { user, passwordHex } } : {}),
    ...(securityProfile < 2 ? {} : { tls: securityProfile === 3 ? { certificate: "own" } : {} }),
  };
}
