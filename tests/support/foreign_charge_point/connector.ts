/**
 * A connector: what is there to be touched, and what follows from it for its status.
 *
 * Spec: OCPP 1.6 §4.9, §7.7.
 */
import type { ChargePointErrorCode, ChargePointStatus } from "../../../src/ocpp/types.ts";
import type { Req } from "../../../src/ocpp/registry.ts";
import type { Description } from "./description.ts";
import { Meter } from "./meter.ts";

/** Whom a connector waits for: an idTag that was accepted. */
export interface Session {
  readonly idTag: string;
  readonly parentIdTag?: string | undefined;
  readonly profile?: Req<"SetChargingProfile">["csChargingProfiles"] | undefined;
}

/** Who alone may have a locked cable out again. */
export interface Holder {
  readonly idTag: string;
  readonly parentIdTag?: string | undefined;
}

/** What surrounds a connector when its status is asked for. */
export interface Around {
  readonly hasTransaction: boolean;
  readonly isReserved: boolean;
  readonly isInoperative: boolean;
}

/** One of them. What is public is physical, or lasts until the power is gone. */
export class Connector {
  readonly id: number;
  readonly cable: Description["cable"];
  readonly meter = new Meter();
  /** The cable is in the EV. */
  isPlugged = false;
  /** The cable is in the Charge Point. */
  hasCable: boolean;
  isLocked = false;
  jam: "lock" | "unlock" | "none" = "none";
  isEvPaused = false;
  /** The EV has not begun to take energy yet. */
  isEvHesitating = false;
  fault: ChargePointErrorCode | undefined;

  session: Session | undefined;
  /** Somebody's idTag is being asked about. */
  isAsking = false;
  /** A session is over, or did not come to be in time, and the connector is not free yet. */
  isOver = false;
  /** The Central System did not accept who charges here. */
  isWithheld = false;
  /** Out of operation for an update. */
  isUpdating = false;
  holder: Holder | undefined;
  /** Calls off that its Preparing ends in time. */
  cancelTimeOut = () => {};

  constructor(id: number, cable: Description["cable"]) {
    this.id = id;
    this.cable = cable;
    this.hasCable = cable === "fixed";
  }

  /** Whether somebody's cable keeps others from using it. */
  get isOccupied(): boolean {
    return this.cable === "fixed" ? this.isPlugged : this.hasCable || this.isPlugged;
  }

  /** Tries to lock a cable that is not fixed; tells whether that is done. */
  lock(): boolean {
    if (this.cable === "fixed") return true;
    this.isLocked = this.jam !== "lock";
    return this.isLocked;
  }

  /** Tries to let the cable go; tells whether that is done. */
  unlock(): boolean {
    if (this.jam === "unlock") return false;
    this.isLocked = false;
    this.holder = undefined;
    return true;
  }

  /** What is not physical is forgotten. */
  forget(): void {
    this.cancelTimeOut();
    this.isAsking = this.isEvHesitating = false;
    this.session = this.holder = undefined;
    this.isOver =
      this.isWithheld =
      this.isUpdating =
      this.isLocked =
        false;
  }

  /** While it is not faulted. */
  status({ hasTransaction, isReserved, isInoperative }: Around): ChargePointStatus {
    if (hasTransaction) {
      if (this.isWithheld) return "SuspendedEVSE";
      const isEvReady = this.isPlugged && !this.isEvPaused && !this.isEvHesitating;
      return isEvReady ? "Charging" : "SuspendedEV";
    }
    // F8: what is scheduled waits until the user is gone.
    if (this.isOccupied && this.isOver) return "Finishing";
    if (isInoperative || this.isUpdating) return "Unavailable";
    if (this.isOccupied || this.session !== undefined || this.isAsking) return "Preparing";
    return isReserved ? "Reserved" : "Available";
  }
}
