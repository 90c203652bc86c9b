/**
 * A running Central System: every connected Charge Point, the turns that their Calls go through, and operators'
 * Calls on the way out.
 *
 * Rules:
 * - One identity, newest socket wins. The old socket is closed and its late events change nothing.
 * - Our own Calls wait until the Charge Point has booted, or `BOOT_GRACE_MS` after connecting without a boot.
 * - While the store fails nobody is answered: sockets are closed with 1013 and upgrades refused with 503 until a
 *   probe succeeds.
 */
import type { Command, CommandOutcome } from "../central_system/commands.ts";
import type { Decision, ReceivedCall, Settings } from "../central_system/decision.ts";
import type { RecordChange, RecordChangeOutcome } from "../central_system/record_change.ts";
import { afterSecurityChange, type SecurityChange } from "../central_system/security_change.ts";
import { conductDeviation, type Deviation } from "../central_system/deviation.ts";
import type { ChargePointRecord, Store } from "../central_system/store.ts";
import { AdmissionDesk, type AdmissionRefusal, type AdmissionSettings } from "./admission.ts";
import { Behaviours } from "./behaviour.ts";
import type { CentralSystemObserver } from "./central_system_observer.ts";
import type { CertificateAuthority } from "./certificate_authority.ts";
import { CertificateSigning } from "./certificate_signing.ts";
import { ChargePointCache } from "./charge_point_cache.ts";
import type { Clock } from "./clock.ts";
import type { ConnectionTerms } from "./connection_terms.ts";
import { CredentialCheck } from "./credential_check.ts";
import { DeviationCounter } from "./deviation_counter.ts";
import { FrameLog } from "./frame_log.ts";
import { identityOf } from "./identity.ts";
import type { ConnectionHandlers, UpgradeDecision, UpgradeRequest } from "./listener.ts";
import { LISTENER_ENDS } from "./listener.ts";
import { OperatorCalls } from "./operator_calls.ts";
import { type ConnectionHost, type Exchange, ServerConnection } from "./server_connection.ts";
import type { PasswordHasher } from "./password_hasher.ts";
import { StoreProbe } from "./store_probe.ts";
import type { Connection } from "./transport.ts";
import { TurnLoop } from "./turn.ts";
import { UpgradeLimit } from "./upgrade_limit.ts";

/** How long a Charge Point that connects has time to boot before our own Calls go out. */
export const BOOT_GRACE_MS = 10_000;

/** What a Central System is made from. */
export interface CentralSystemDependencies {
  readonly store: Store;
  readonly clock: Clock;
  readonly settings: Settings;
  readonly admission: AdmissionSettings;
  readonly observer: CentralSystemObserver;
  readonly passwords: PasswordHasher;
  /** Signs what SignCertificate asks for; without one that is Rejected. */
  readonly certificateAuthority?: CertificateAuthority | undefined;
  readonly soon: (run: () => void) => void;
  readonly newUniqueId: () => string;
}

/** The Central System at run time. */
export class CentralSystemHost implements ConnectionHost {
  readonly turns: TurnLoop;
  readonly frameLog: FrameLog;
  readonly clock: Clock;
  readonly deviations = new DeviationCounter();
  readonly behaviours = new Behaviours();
  readonly #dependencies: CentralSystemDependencies;
  readonly #cache = new ChargePointCache();
  readonly #connections = new Map<string, ServerConnection>();
  readonly #credentials: CredentialCheck;
  readonly #operatorCalls: OperatorCalls;
  readonly #admission: AdmissionDesk;
  readonly #signing: CertificateSigning | undefined;
  #state: "running" | "storeFailed" | "stopping" = "running";
  readonly #probe: StoreProbe;

  constructor(dependencies: CentralSystemDependencies) {
    const { store, clock, soon, admission, observer, certificateAuthority: authority } = dependencies;
    const { registration } = admission;
    const recordOf = (identity: string) =>
      this.#cache.records.get(identity) ?? store.query("chargePoint", { identity });
    this.#dependencies = dependencies;
    this.clock = clock;
    this.frameLog = new FrameLog({ store, clock });
    this.#credentials = new CredentialCheck(dependencies.passwords);
    this.#admission = new AdmissionDesk({
      settings: admission,
      upgrades: new UpgradeLimit({
        clock,
        connectedFrom: (identity) => this.#connections.get(identity)?.remoteAddress,
      }),
      credentials: this.#credentials,
      recordOf,
    });
    this.#signing = authority === undefined ? undefined : new CertificateSigning({
      authority,
      settings: admission,
      clock,
      recordOf,
      call: (identity, command) => this.call(identity, command),
      tell: (event) => observer.decided(event),
    });
    this.#probe = new StoreProbe({ store, clock, onResumed: (event) => this.#onStoreResumed(event) });
    this.turns = new TurnLoop({
      store,
      cache: this.#cache,
      settings: { ...dependencies.settings, registration, signsCertificates: authority !== undefined },
      soon,
      nowMs: () => clock.nowMs(),
      onStoreFailure: (error) => this.#onStoreFailure(error),
      onMistake: (call, error) => this.#onMistake(call, error),
    });
    this.#operatorCalls = new OperatorCalls({
      ...{ turns: this.turns, clock, observer, credentials: this.#credentials },
      newUniqueId: dependencies.newUniqueId,
      connectionOf: (identity) => this.#connections.get(identity),
      change: (change) => this.change(change),
      whyNotConnected: (identity) => this.#whyNotConnected(identity),
    });
  }

  /** Whether upgrades are taken and Calls answered. */
  get isReady(): boolean {
    return this.#state === "running";
  }

  /** Why not. */
  get whyNotReady(): string {
    return this.#state === "stopping" ? LISTENER_ENDS : "the database cannot be written";
  }

  /** The connection of a Charge Point, if it has one. */
  connectionOf(identity: string): ServerConnection | undefined {
    return this.#connections.get(identity);
  }

  get connections(): ReadonlyMap<string, ServerConnection> {
    return this.#connections;
  }

  newUniqueId(): string {
    return this.#dependencies.newUniqueId();
  }

  // --- connecting ------------------------------------------------------------------------------------------

  /** Decides about a WebSocket upgrade; every refusal says why. */
  async upgrade(request: UpgradeRequest): Promise<UpgradeDecision> {
    if (this.#state !== "running") {
      const named = identityOf(request.path);
      return this.#notReady(request, named.ok ? named.identity : undefined);
    }
    const outcome = await this.#admission.decide(request);
    if (!outcome.granted) return this.#refused(request, outcome);
    const { terms: { identity, securityProfile: profile }, record, passwordHash } = outcome;
    const change: SecurityChange = {
      kind: "linkAdmitted",
      profile,
      ...(passwordHash === undefined ? {} : { passwordHash }),
    };
    const settles = record !== undefined && afterSecurityChange(record, change) !== record;
    const isSettled = !settles ||
      await this.change({ kind: "changeSecurity", identity, change }) !== "storeFailed";
    if (this.#state !== "running" || !isSettled) return this.#notReady(request, identity);
    return {
      granted: true,
      subprotocol: outcome.subprotocol,
      ...(record?.pingIntervalSeconds === undefined
        ? {}
        : { pingIntervalSeconds: record.pingIntervalSeconds }),
      open: (connection) => {
        outcome.deviations.forEach((deviation) => this.onDeviation(deviation));
        return this.#open(outcome.terms, connection, record);
      },
    };
  }

  #notReady(request: UpgradeRequest, identity: string | undefined): UpgradeDecision {
    const reason = `not ready: ${this.whyNotReady}`;
    return this.#refused(request, { status: 503, kind: "notReady", reason, text: reason, identity });
  }

  #refused(
    { remoteAddress }: UpgradeRequest,
    { identity, status, kind: reasonKind, reason, text, headers = {} }: Omit<AdmissionRefusal, "granted">,
  ): UpgradeDecision {
    const atMs = this.clock.nowMs();
    this.#dependencies.observer.refused({ atMs, remoteAddress, identity, status, reason, reasonKind });
    const challenge = status === 401 ? { "www-authenticate": 'Basic realm="ocpp"' } : {};
    return { granted: false, status, text, headers: { ...headers, ...challenge } };
  }

  #open(terms: ConnectionTerms, socket: Connection, record?: ChargePointRecord): ConnectionHandlers {
    const { identity, remoteAddress } = terms;
    const connection = new ServerConnection(terms, socket, this);
    // It may have booted on its old socket since the upgrade.
    connection.registration = (this.#cache.records.get(identity) ?? record)?.bootStatus;
    if (this.#state !== "running") { // since the upgrade
      connection.close(this.#state === "stopping" ? 1001 : 1013, this.whyNotReady);
      return connection;
    }
    const old = this.#connections.get(identity);
    this.#connections.set(identity, connection);
    this.#cache.connected(identity);
    if (old !== undefined) {
      for (const call of old.release("connectionReplaced")) connection.enqueue(call);
      old.close(1000, "replaced by a newer connection of the same identity");
    }
    this.#dependencies.observer.connected({
      chargePoint: identity,
      remoteAddress,
      replaced: old !== undefined,
    });
    connection.awaitBoot(BOOT_GRACE_MS, () => this.#onBootGraceOver(connection));
    return connection;
  }

  /** No boot so far: one that was accepted earlier has merely reconnected; another is asked to boot. */
  #onBootGraceOver(connection: ServerConnection): void {
    if (connection.registration === "Rejected") return;
    const { identity } = connection;
    if (connection.registration !== "Accepted") {
      const detail = `no BootNotification within ${BOOT_GRACE_MS / 1000} s of connecting`;
      this.onDeviation(conductDeviation("noBoot", detail, { chargePoint: identity }));
      this.#operatorCalls.enqueue(connection, {
        action: "TriggerMessage",
        payload: { requestedMessage: "BootNotification" },
        timeoutMs: this.#dependencies.admission.callTimeoutMs,
        resolve: () => {},
      });
    }
    connection.openGate();
  }

  onClosed(connection: ServerConnection, code: number, reason: string): void {
    const { identity } = connection;
    for (const waiting of connection.release("connectionLost")) {
      waiting.tag.resolve({ kind: "connectionLost" });
    }
    // Compare connections, not identities: the old socket's late close is not the new one's end.
    if (this.#connections.get(identity) !== connection) return;
    this.#connections.delete(identity);
    this.#cache.disconnected(identity);
    if (this.#state !== "storeFailed") this.turns.addSeen(identity, connection.lastSeenAtMs);
    this.#dependencies.observer.disconnected({ chargePoint: identity, code, reason });
  }

  // --- operators' records ------------------------------------------------------------------------------------

  /**
   * Changes a record in its place among the Calls. A Charge Point whose record is deleted is disconnected. Never
   * rejects.
   */
  change(change: RecordChange): Promise<RecordChangeOutcome | "storeFailed"> {
    if (this.#state !== "running") return Promise.resolve("storeFailed");
    return new Promise((resolve) =>
      this.turns.addChange(change, (outcome, events) => {
        for (const event of events) this.#dependencies.observer.decided(event);
        if (change.kind === "deleteChargePoint" && outcome === "deleted") {
          this.#connections.get(change.identity)?.close(1008, "its record was deleted");
        }
        resolve(outcome);
      })
    );
  }

  // --- operators' Calls ------------------------------------------------------------------------------------

  /** Sends a Call to a Charge Point and waits for what becomes of it. Never rejects. */
  call(identity: string, command: Command): Promise<CommandOutcome> {
    if (this.#state === "stopping") return Promise.resolve({ kind: "stopping" });
    return this.#operatorCalls.call(identity, command);
  }

  /** A salted hash for a record; `undefined`: too many passwords are waiting. */
  hashPassword(password: Uint8Array): Promise<string | undefined> {
    return this.#credentials.hash(password);
  }

  async #whyNotConnected(
    identity: string,
  ): Promise<"notConnected" | "unknownChargePoint" | "storeFailed"> {
    if (this.#state === "storeFailed") return "storeFailed";
    if (this.#cache.records.has(identity)) return "notConnected";
    try {
      const record = await this.#dependencies.store.query("chargePoint", { identity });
      return record === undefined ? "unknownChargePoint" : "notConnected";
    } catch {
      return "storeFailed";
    }
  }

  // --- after a decision ------------------------------------------------------------------------------------

  onDecision(connection: ServerConnection, call: ReceivedCall, decision: Decision): void {
    this.#signing?.onAnswered(call, decision);
    for (const event of decision.events) {
      if (event.kind === "booted") connection.onBooted(event.status);
      if (event.kind === "deviation") this.deviations.count(event);
      this.#dependencies.observer.decided(event);
    }
  }

  onExchange(exchange: Exchange): void {
    this.#dependencies.observer.exchanged(exchange);
  }

  onDeviation(deviation: Deviation): void {
    this.deviations.count(deviation);
    this.#dependencies.observer.decided(deviation);
  }

  #onMistake(call: ReceivedCall, error: unknown): void {
    this.#dependencies.observer.mistaken(call, error);
    this.#connections.get(call.chargePoint)?.close(1011, "internal error");
  }

  // --- the store fails, the program ends -------------------------------------------------------------------

  #onStoreFailure(error: unknown): void {
    if (this.#state !== "storeFailed") this.#dependencies.observer.storeFailed(error);
    if (this.#state === "running") {
      this.#state = "storeFailed";
      this.#probe.begin();
    }
    this.#closeAll(1013, "try again later");
  }

  #onStoreResumed(event: { downMs: number }): void {
    this.#state = "running";
    this.#dependencies.observer.storeResumed(event);
  }

  #closeAll(code: number, reason: string): void {
    for (const connection of [...this.#connections.values()]) connection.close(code, reason);
  }

  /**
   * Refuses what is new, answers what was received, tells everybody to go away, and writes the rest down. What comes
   * from here on is not read: under load it would never be the last, and an answer could be cut off by the close.
   */
  async stop(): Promise<void> {
    this.#state = "stopping";
    this.#probe.stop();
    for (const connection of this.#connections.values()) connection.stopReading();
    await this.turns.idle();
    this.#closeAll(1001, "going away");
    await this.turns.idle();
    await this.frameLog.flush();
  }
}
