/**
 * A Charge Point that is none of ours: on npm `ocpp-rpc`, with a device model of its own.
 *
 * It shares no code with `src/charge_point`, so that a tester and a simulator of one house cannot agree on a mistake;
 * of ours it uses the types of payloads alone. It is built after the specification, and knows no case.
 */
import type { Action } from "../../../src/ocpp/action.ts";
import type { Conf, Req } from "../../../src/ocpp/registry.ts";
import { Authorization } from "./authorization.ts";
import { Availability } from "./availability.ts";
import { Boot } from "./boot.ts";
import { Certificates } from "./certificates.ts";
import { ChargingProfiles } from "./charging_profiles.ts";
import { Condition } from "./condition.ts";
import { Configuration } from "./configuration.ts";
import { Connector } from "./connector.ts";
import type { Description } from "./description.ts";
import { Diagnostics } from "./diagnostics.ts";
import { Firmware } from "./firmware.ts";
import type { Handlers } from "./handler.ts";
import { Life } from "./life.ts";
import { Line } from "./line.ts";
import { type Memory, newMemory } from "./memory.ts";
import { CHARGING_POWER_W } from "./meter.ts";
import { Metering } from "./metering.ts";
import { Outbox } from "./outbox.ts";
import { Reservations } from "./reservations.ts";
import { type Endpoints, Security } from "./security.ts";
import { Sessions } from "./sessions.ts";
import { Statuses } from "./statuses.ts";
import { Transactions } from "./transactions.ts";
import { MessagesOnDemand } from "./triggers.ts";

/** What it is made from. */
export interface DeviceOptions {
  readonly identity: string;
  readonly description: Description;
  readonly endpoints: Endpoints;
  /** What the factory has put into its memory. */
  readonly memory?: Partial<Memory>;
}

/** How long it is down in a restart. Units: milliseconds. */
const RESTART_MS = 200;

/** How long power lasts after its failure, for messages. Units: milliseconds. */
const RESERVE_MS = 5_000;

/** A device with power on and off. */
export class ForeignChargePoint {
  readonly connectors: readonly Connector[];
  readonly authorization: Authorization;
  readonly sessions: Sessions;
  readonly firmware: Firmware;
  readonly diagnostics: Diagnostics;
  readonly certificates: Certificates;
  readonly condition: Condition;
  readonly #description: Description;
  readonly #memory: Memory;
  readonly #line: Line;
  readonly #boot: Boot;
  readonly #configuration: Configuration;
  readonly #outbox: Outbox;
  readonly #metering: Metering;
  readonly #transactions: Transactions;
  readonly #reservations: Reservations;
  readonly #availability: Availability;
  readonly #profiles: ChargingProfiles;
  readonly #security: Security;
  readonly #statuses: Statuses;
  readonly #handlers: Handlers;
  #life = new Life();
  #isGone = false;
  #keepingOpen: Promise<void> | undefined;

  constructor({ identity, description, endpoints, memory: factory = {} }: DeviceOptions) {
    const memory = this.#memory = { ...newMemory(), ...factory };
    this.#description = description;
    const { profiles, serialNumber, habits } = description;
    const life = () => this.#life;
    const onChange = () => this.#refresh();
    const connectors = this.connectors = Array.from(
      { length: description.connectors },
      (_, index) => new Connector(index + 1, description.cable),
    );
    this.condition = new Condition(description, connectors, {
      hasTransaction: (id) => this.#transactions.at(id) !== undefined,
      isReserved: (id) => this.#reservations.of(id) !== undefined,
      isInoperative: (id) => this.#availability.isInoperative(id),
    });
    const line = this.#line = new Line({
      identity,
      handlers: () => this.#handlers,
      writesLocalTime: habits.writesLocalTime,
      events: {
        onUp: () => this.#onUp(),
        onFailed: (error) => this.#security.onFailed(error),
        mayAnswer: () => this.#boot.status !== "Rejected",
        security: () => this.#security.line,
      },
    });
    const maySend = () => line.isUp && this.#boot.isAccepted;
    const security = this.#security = new Security({
      ...{ memory, endpoints, maySend },
      hangUp: () => void line.hangUp(),
      send: (event) => line.call("SecurityEventNotification", event),
    });
    const configuration = this.#configuration = new Configuration(description, memory.configuration, {
      onChange: () => this.#onConfiguration(),
      outside: security.keys,
    });
    this.#boot = new Boot({
      isUp: () => line.isUp,
      send: () => line.call("BootNotification", this.#bootNotification),
      heartbeat: () => line.call("Heartbeat", {}),
      heartbeatSeconds: () => configuration.number("HeartbeatInterval"),
      onAccepted: (seconds) => this.#onAccepted(seconds),
      onRejected: (seconds) => {
        if (habits.hangsUpWhileRejected) void line.hangUp(seconds * 1_000);
      },
    });
    this.authorization = new Authorization({
      ...{ description, configuration, memory },
      ask: (idTag) => this.#askAbout(idTag),
    });
    this.#outbox = new Outbox({
      ...{ memory, configuration, line },
      events: {
        maySend,
        onStarted: (transaction, conf) => {
          this.authorization.learn(transaction.idTag, conf.idTagInfo);
          this.#transactions.onStarted(transaction, conf);
        },
        onStopped: (idTag, { idTagInfo }) => {
          if (idTag !== undefined && idTagInfo !== undefined) this.authorization.learn(idTag, idTagInfo);
        },
      },
    });
    this.#metering = new Metering({ memory, configuration, connectors, habits, outbox: this.#outbox });
    const transactions = this.#transactions = new Transactions({
      ...{ memory, configuration, connectors, habits, life, onChange },
      ...{ outbox: this.#outbox, metering: this.#metering, isOnline: maySend },
    });
    const reservations = this.#reservations = new Reservations({
      ...{ description, memory, life },
      connectors: { statusOf: (id) => this.condition.statusOf(id).status, onChange },
      onReserved: (idTag) => {
        if (habits.validatesReservations) void this.authorization.infoOf(idTag);
      },
    });
    this.#availability = new Availability({
      ...{ memory, connectors, transactions, onChange },
      onInoperative: (connectorId) => reservations.endAt(connectorId),
    });
    this.#profiles = new ChargingProfiles({
      ...{ memory, configuration },
      connectors: description.connectors,
      isSupported: profiles.includes("SmartCharging"),
      tellsConnector: !habits.omitsScheduleConnector,
    });
    this.sessions = new Sessions({
      ...{ configuration, transactions, reservations, connectors, habits, life, onChange },
      authorization: this.authorization,
      // §4.2: a device that nobody has accepted yet serves nobody.
      isOperative: (connector) => this.#boot.isAccepted && this.condition.isOperative(connector),
      installProfile: (connectorId, profile) => this.#profiles.install(connectorId, profile),
    });
    this.certificates = new Certificates({
      ...{ memory, configuration, serialNumber },
      events: {
        sign: (csr) => line.call("SignCertificate", { csr }),
        onInvalid: () => security.happened("InvalidChargePointCertificate"),
        onRenewed: () => {
          if (memory.securityProfile === 3) void line.hangUp();
        },
      },
    });
    this.firmware = new Firmware({
      ...{ description, memory, connectors, transactions, life, onChange },
      isTrustedSigner: (chain) => this.certificates.isTrusted(chain, "ManufacturerRootCertificate"),
      isSignedBy: (...args) => this.certificates.isSignedBy(...args),
      tellPlain: (status) => this.#tell("FirmwareStatusNotification", { status }),
      tellSigned: (status, requestId) =>
        this.#tell("SignedFirmwareStatusNotification", { status, requestId }),
      onEvent: (type) => security.happened(type),
      restart: () => void this.#restart(),
    });
    this.diagnostics = new Diagnostics({
      memory,
      isSupported: profiles.includes("FirmwareManagement"),
      events: {
        tellDiagnostics: (status) => this.#tell("DiagnosticsStatusNotification", { status }),
        tellLog: (payload) => this.#tell("LogStatusNotification", payload),
      },
    });
    this.#statuses = new Statuses({
      connectors: description.connectors,
      statusOf: (connectorId) => this.condition.statusOf(connectorId),
      mayTell: maySend,
      life,
      ...{ tellsMore: habits.tellsMoreOfStatus, delayMs: habits.statusDelayMs },
      tell: (payload) => line.call("StatusNotification", payload),
    });
    this.#handlers = this.#allHandlers();
  }

  /** Payloads of either side that broke a schema, and what went wrong in here. */
  get failures(): readonly string[] {
    return this.#line.failures;
  }

  powerOn(): void {
    if (this.#isGone) return;
    const life = this.#life = new Life();
    this.#configuration.restarted();
    const isClosed = this.#memory.finishedUpdate !== undefined &&
      this.#description.habits.staysClosedUntilInstalled;
    for (const connector of this.connectors) connector.isUpdating = isClosed;
    this.#reservations.resume();
    for (const connector of this.connectors) {
      if (this.#memory.downSinceMs === undefined) break;
      const atMs = this.#memory.downSinceMs;
      this.#transactions.stop(connector, { reason: "PowerLoss", atMs });
    }
    this.#memory.downSinceMs = undefined;
    this.#metering.plan(life);
    this.#security.happened("StartupOfTheDevice");
    this.#keepingOpen = this.#line.keepOpen(life);
  }

  /** The power fails; some devices have enough left for a last message. */
  async powerOff(): Promise<void> {
    if (this.#description.atPowerLoss === "stopBeforeGoingDown") {
      this.#stopAll("PowerLoss");
      await this.#inTime(this.#outbox.empty());
    }
    this.#memory.downSinceMs = Date.now();
    await this.#goDown();
  }

  /** The end of it: nothing is left under way. */
  async stop(): Promise<void> {
    this.#isGone = true;
    await this.#goDown();
  }

  /** Something that can be touched or seen is another than before. */
  changed(): void {
    if (this.condition.fault !== undefined) this.#reservations.endAt(0);
    for (const { id, fault } of this.connectors) {
      if (fault !== undefined) this.#reservations.endAt(id);
    }
    this.#refresh();
  }

  async #goDown(): Promise<void> {
    this.#life.end();
    for (const { meter } of this.connectors) meter.flow(0, Date.now());
    this.connectors.forEach((connector) => connector.forget());
    this.#availability.forget();
    this.#boot.forget();
    await this.#line.drop();
    await this.#keepingOpen;
  }

  async #restart(): Promise<void> {
    this.#security.happened("ResetOrReboot");
    await this.#inTime(this.#line.settled());
    await this.#line.hangUp();
    await this.#goDown();
    await new Promise((resolve) => setTimeout(resolve, RESTART_MS));
    this.powerOn();
  }

  #stopAll(reason: "PowerLoss" | "HardReset" | "SoftReset"): void {
    for (const connector of this.connectors) this.#transactions.stop(connector, { reason });
  }

  #onUp(): void {
    this.#security.onUp();
    if (this.#description.habits.bootsOnReconnect) this.#boot.forget();
    if (!this.#boot.isAccepted) void this.#boot.ask(this.#life);
    else this.#resume();
  }

  #onAccepted(intervalSeconds: number): void {
    if (intervalSeconds > 0) this.#configuration.set("HeartbeatInterval", String(intervalSeconds));
    this.#onConfiguration();
    this.#statuses.forget();
    this.#resume();
    this.firmware.tellFinished();
  }

  /** Whatever has waited may be sent. */
  #resume(): void {
    this.#refresh();
    void this.#outbox.flush(this.#life);
    void this.#security.flush();
  }

  #onConfiguration(): void {
    this.#boot.planHeartbeat(this.#life);
    this.#metering.plan(this.#life);
  }

  /** Everything that follows from what is so now. */
  #refresh(): void {
    this.#availability.carryOut();
    for (const { id, meter } of this.connectors) {
      meter.flow(this.condition.statusOf(id).status === "Charging" ? CHARGING_POWER_W : 0, Date.now());
    }
    this.#statuses.refresh();
  }

  get #bootNotification(): Req<"BootNotification"> {
    return {
      chargePointVendor: "Foreign",
      chargePointModel: "ocpp-rpc",
      chargePointSerialNumber: this.#description.serialNumber,
      firmwareVersion: this.#memory.firmwareVersion,
    };
  }

  async #askAbout(idTag: string): Promise<Conf<"Authorize">["idTagInfo"] | undefined> {
    if (!this.#line.isUp || !this.#boot.isAccepted) return undefined;
    try {
      return (await this.#line.call("Authorize", { idTag })).idTagInfo;
    } catch (error) {
      if (!this.#line.isUp) return undefined;
      throw error;
    }
  }

  /** Tells something that is not told again. */
  #tell<A extends Action>(action: A, payload: Req<A>): void {
    if (this.#boot.isAccepted) this.#line.call(action, payload).catch(() => {});
  }

  #allHandlers(): Handlers {
    return {
      ...this.#configuration.handlers,
      ...this.authorization.handlers,
      ...this.sessions.handlers,
      ...this.#reservations.handlers,
      ...this.#availability.handlers,
      ...this.#profiles.handlers,
      ...this.firmware.handlers,
      ...this.diagnostics.handlers,
      ...this.certificates.handlers,
      ...this.#onDemand().handlers,
      DataTransfer: () => ({ conf: { status: "UnknownVendorId" } }),
      Reset: ({ type }) => ({ conf: { status: "Accepted" }, afterwards: () => void this.#reset(type) }),
    };
  }

  #onDemand(): MessagesOnDemand {
    const boot = this.#boot;
    return new MessagesOnDemand({
      description: this.#description,
      boot: {
        get isAccepted() {
          return boot.isAccepted;
        },
        ask: () => void boot.ask(this.#life),
      },
      statuses: this.#statuses,
      metering: this.#metering,
      transactions: this.#transactions,
      ...{ firmware: this.firmware, diagnostics: this.diagnostics, certificates: this.certificates },
      call: (action, payload) => void this.#line.call(action, payload).catch(() => {}),
    });
  }

  /** Soft: what has to be told is told first. Hard: afterwards. */
  async #reset(type: "Soft" | "Hard"): Promise<void> {
    if (type === "Soft") {
      this.#stopAll("SoftReset");
      await this.#inTime(this.#outbox.empty());
    } else if (this.#description.habits.stopsBeforeHardReset) {
      this.#stopAll("HardReset");
      await this.#inTime(this.#outbox.empty());
    } else {
      await this.#line.hangUp();
      this.#stopAll("HardReset");
    }
    await this.#restart();
  }

  /** Waits, but not for ever. */
  async #inTime(work: Promise<void>): Promise<void> {
    const late = Promise.withResolvers<void>();
    const cancel = this.#life.after(RESERVE_MS, late.resolve);
    await Promise.race([work, late.promise]);
    cancel();
  }
}
