/**
 * What users do: cables, idTags, and what comes of the two together.
 *
 * Spec: OCPP 1.6 §3.4, §4.1, §4.9, §5.11, §5.13, §9.1 (ConnectionTimeOut, …OnEVSideDisconnect).
 */
import type { Req } from "../../../src/ocpp/registry.ts";
import type { IdTagInfo } from "../../../src/ocpp/types.ts";
import type { Authorization } from "./authorization.ts";
import type { Configuration } from "./configuration.ts";
import type { Connector, Holder } from "./connector.ts";
import type { Habits } from "./habits.ts";
import type { Handlers } from "./handler.ts";
import type { Life } from "./life.ts";
import { isFor, type Reservations } from "./reservations.ts";
import type { Transactions } from "./transactions.ts";

/** What sessions need of the rest. */
export interface SessionParts {
  readonly configuration: Configuration;
  readonly authorization: Authorization;
  readonly reservations: Reservations;
  readonly transactions: Transactions;
  readonly connectors: readonly Connector[];
  readonly life: () => Life;
  readonly habits: Habits;
  /** Whether a connector may be used at all. */
  readonly isOperative: (connector: Connector) => boolean;
  /** A profile came with the remote start of what begins now. */
  readonly installProfile: (
    connectorId: number,
    profile: Req<"SetChargingProfile">["csChargingProfiles"],
  ) => void;
  readonly onChange: () => void;
}

/** One device's. */
export class Sessions {
  readonly #parts: SessionParts;

  constructor(parts: SessionParts) {
    this.#parts = parts;
  }

  plugIn(connector: Connector): void {
    connector.isPlugged = connector.hasCable = true;
    if (this.#parts.life().isOver) return; // nobody is there to notice
    if (this.#parts.transactions.at(connector.id) === undefined) {
      connector.isOver = false;
      if (this.#parts.habits.locksAtOnce && !connector.lock()) {
        connector.fault = "ConnectorLockFailure";
        return this.#parts.onChange();
      }
      if (connector.session === undefined) this.#expectIdTag(connector);
      else this.#start(connector);
    }
    this.#parts.onChange();
  }

  /** The cable leaves the EV, and the Charge Point where it is not held there. */
  unplug(connector: Connector): void {
    connector.isPlugged = false;
    const { configuration, transactions, life, onChange } = this.#parts;
    if (transactions.at(connector.id) !== undefined && !life().isOver) {
      if (configuration.isOn("StopTransactionOnEVSideDisconnect")) {
        const holdsCable = !configuration.isOn("UnlockConnectorOnEVSideDisconnect");
        transactions.stop(connector, { reason: "EVDisconnected", holdsCable });
      }
      return onChange();
    }
    connector.cancelTimeOut();
    if (connector.holder === undefined) connector.unlock();
    if (connector.cable === "detachable" && !connector.isLocked) connector.hasCable = false;
    if (!connector.isOccupied) {
      connector.isOver = false;
      if (connector.fault === "ConnectorLockFailure") connector.fault = undefined;
    }
    onChange();
  }

  async present(connector: Connector, shown: string): Promise<void> {
    const { transactions, life, habits } = this.#parts;
    if (life().isOver) return;
    const idTag = habits.readsSmallLetters ? shown.toLowerCase() : shown;
    const transaction = transactions.at(connector.id);
    if (transaction !== undefined) {
      if (await this.#isOneOf(transaction, idTag) && transactions.at(connector.id) === transaction) {
        transactions.stop(connector, { reason: "Local", idTag });
      }
      return;
    }
    if (connector.holder !== undefined) {
      if (await this.#isOneOf(connector.holder, idTag)) connector.unlock();
      return this.#parts.onChange();
    }
    if (connector.session !== undefined) {
      if (isSame(connector.session.idTag, idTag)) this.#callOff(connector); // B1
      return;
    }
    if (!this.#parts.isOperative(connector)) return;
    await this.#admit(connector, idTag, () => this.#parts.authorization.infoOf(idTag));
  }

  readonly handlers: Handlers = {
    RemoteStartTransaction: ({ connectorId, idTag, chargingProfile: profile }) => {
      const connector = this.#connectorFor(connectorId);
      const isProfileRight = profile === undefined ||
        (profile.chargingProfilePurpose === "TxProfile" && profile.transactionId === undefined);
      if (connector === undefined || !isProfileRight) return { conf: { status: "Rejected" } };
      const asks = this.#parts.configuration.isOn("AuthorizeRemoteTxRequests");
      const infoOf = asks
        ? () => this.#parts.authorization.infoOf(idTag)
        : () => Promise.resolve(this.#parts.authorization.known(idTag) ?? TRUSTED);
      return {
        conf: { status: "Accepted" },
        afterwards: () => void this.#admit(connector, idTag, infoOf, { profile }),
      };
    },
    RemoteStopTransaction: ({ transactionId }) => {
      const { transactions, connectors } = this.#parts;
      const transaction = transactions.byId(transactionId);
      if (transaction === undefined) return { conf: { status: "Rejected" } };
      const connector = connectors[transaction.connectorId - 1]!;
      return {
        conf: { status: "Accepted" },
        afterwards: () => {
          if (transactions.at(connector.id) === transaction) {
            transactions.stop(connector, { reason: "Remote" });
          }
        },
      };
    },
  };

  /** Without an id: any that is free, or waits for an idTag. */
  #connectorFor(connectorId: number | undefined): Connector | undefined {
    const { connectors, transactions, isOperative } = this.#parts;
    return connectors.find((connector) =>
      (connectorId === undefined || connector.id === connectorId) &&
      transactions.at(connector.id) === undefined && connector.session === undefined &&
      connector.holder === undefined && isOperative(connector)
    );
  }

  /** Lets somebody in, if he may. */
  async #admit(
    connector: Connector,
    idTag: string,
    infoOf: () => Promise<IdTagInfo>,
    remote: { readonly profile?: NonNullable<Connector["session"]>["profile"] } = {},
  ): Promise<void> {
    const { reservations, transactions, isOperative, onChange } = this.#parts;
    const life = this.#parts.life();
    const mayUse = (parentIdTag: string | undefined) => {
      const reservation = reservations.blocking(connector.id);
      return reservation === undefined || isFor(reservation, { idTag, parentIdTag });
    };
    const reservation = reservations.blocking(connector.id);
    // Nobody need be asked who belongs to no group that it could be reserved for.
    if (reservation !== undefined && reservation.parentIdTag === undefined && !mayUse(undefined)) return;
    connector.isAsking = this.#parts.habits.preparesAtOnce;
    onChange();
    const { status, parentIdTag } = await infoOf();
    connector.isAsking = false;
    const isTaken = transactions.at(connector.id) !== undefined || connector.session !== undefined;
    if (life.isOver || status !== "Accepted" || !mayUse(parentIdTag) || isTaken || !isOperative(connector)) {
      return onChange();
    }
    connector.session = { idTag, parentIdTag, profile: remote.profile };
    connector.isOver = false;
    connector.cancelTimeOut();
    if (connector.isPlugged) return this.#start(connector);
    connector.cancelTimeOut = life.after(this.#timeOutMs, () => this.#callOff(connector));
    onChange();
  }

  #start(connector: Connector): void {
    const { session } = connector;
    if (session === undefined) return;
    connector.cancelTimeOut();
    connector.session = undefined;
    if (!connector.lock()) {
      connector.fault = "ConnectorLockFailure";
      return this.#parts.onChange();
    }
    const { reservations, transactions, installProfile, habits, life, onChange } = this.#parts;
    if (habits.evHesitatesMs > 0) {
      connector.isEvHesitating = true;
      life().after(habits.evHesitatesMs, () => {
        connector.isEvHesitating = false;
        onChange();
      });
    }
    transactions.start(connector, session, reservations.usedBy(connector.id, session));
    if (session.profile !== undefined) installProfile(connector.id, session.profile);
  }

  #callOff(connector: Connector): void {
    connector.cancelTimeOut();
    connector.session = undefined;
    this.#parts.onChange();
  }

  /** B6: a cable alone does not keep a connector for ever. */
  #expectIdTag(connector: Connector): void {
    connector.cancelTimeOut();
    connector.cancelTimeOut = this.#parts.life().after(this.#timeOutMs, () => {
      connector.isOver = true;
      this.#parts.onChange();
    });
  }

  get #timeOutMs(): number {
    return this.#parts.configuration.number("ConnectionTimeOut") * 1_000;
  }

  /** §4.1: the same idTag is not asked for; another one is, for its group. */
  async #isOneOf(who: Holder, idTag: string): Promise<boolean> {
    if (isSame(who.idTag, idTag)) return true;
    const { status, parentIdTag } = await this.#parts.authorization.infoOf(idTag);
    return status === "Accepted" && who.parentIdTag !== undefined && parentIdTag !== undefined &&
      isSame(who.parentIdTag, parentIdTag);
  }
}

/** The Central System itself wants it to start. Spec: OCPP 1.6 §5.11. */
const TRUSTED: IdTagInfo = { status: "Accepted" };

function isSame(one: string, other: string): boolean {
  return one.toLowerCase() === other.toLowerCase();
}
