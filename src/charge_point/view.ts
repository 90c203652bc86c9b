/**
 * A Charge Point as whoever watches sees it: nothing here can be changed.
 */
import type { ChargePointErrorCode, ChargePointStatus } from "../ocpp/types.ts";
import { instrumentOf, socPercent } from "./instrument.ts";
import { registerOf } from "./metering.ts";
import type { ChargePointState, Connector } from "./state.ts";

/** One connector as it is now. Units: Wh, percent. */
export interface ConnectorView {
  readonly connectorId: number;
  readonly status: ChargePointStatus;
  readonly errorCode: ChargePointErrorCode;
  readonly isPlugged: boolean;
  readonly isEvPaused: boolean;
  readonly isInoperative: boolean;
  /** As of the last input. */
  readonly registerWh: number;
  /** Of the EV that is plugged in. */
  readonly socPercent: number | undefined;
  /** What flows to the EV, and what is offered to it. Units: W. */
  readonly powerW: number;
  readonly offeredW: number;
  readonly transaction: TransactionView | undefined;
}

/** A running transaction; `transactionId` is `undefined` until the Central System has given one. */
export interface TransactionView {
  readonly transactionId: number | undefined;
  readonly idTag: string;
  readonly meterStartWh: number;
}

/** The view of one connector. */
export function viewOf(state: ChargePointState, connector: Connector): ConnectorView {
  const { connectorId, status, errorCode, isPlugged, isEvPaused, isInoperative, transaction } = connector;
  const { powerW, offeredW } = instrumentOf(state, connector);
  return {
    connectorId,
    status,
    errorCode,
    isPlugged,
    isEvPaused,
    isInoperative,
    registerWh: registerOf(connector),
    socPercent: isPlugged ? socPercent(state, connector) : undefined,
    powerW,
    offeredW: Math.floor(offeredW),
    transaction: transaction === undefined ? undefined : {
      transactionId: transaction.transactionId,
      idTag: transaction.idTag,
      meterStartWh: transaction.meterStartWh,
    },
  };
}
