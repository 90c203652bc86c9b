/**
 * A Charge Point as whoever watches sees it: nothing here can be changed.
 */
import { CONFIGURATION_KEY_NAMES, CONFIGURATION_KEYS } from "../ocpp/configuration_key.ts";
import type { ChargePointErrorCode, ChargePointStatus, RegistrationStatus } from "../ocpp/types.ts";
import type { ChargingProfile } from "../ocpp/charging_profile.ts";
import { hasKey, isReadOnly } from "./configuration/configuration.ts";
import { instrumentOf, socPercent } from "./energy/instrument.ts";
import { registerOf } from "./energy/metering.ts";
import type { Reservation } from "./session/reservation.ts";
import { type ChargePointState, type Connector, connectorsOf, connectorZero, isOnline } from "./state.ts";
import { realAtMs } from "./time_scale.ts";

/** A Charge Point as it is now. */
export interface ChargePointView {
  readonly isPowered: boolean;
  /** `undefined` before the first answer since the last boot. */
  readonly registration: RegistrationStatus | undefined;
  /** The link is up and the Central System has accepted it. */
  readonly isOnline: boolean;
  /** Between the beginning of a reset and its end. */
  readonly isRestarting: boolean;
  readonly isEmergencyStopped: boolean;
  /** Of connector 0. */
  readonly status: ChargePointStatus;
  readonly errorCode: ChargePointErrorCode;
  readonly connectors: readonly ConnectorView[];
  /** Messages that have to arrive and wait for the Central System. */
  readonly queueLength: number;
  readonly localListVersion: number;
  readonly localListLength: number;
  readonly authorizationCacheLength: number;
  readonly reservations: readonly ReservationView[];
  readonly chargingProfiles: readonly ChargingProfileView[];
  readonly firmware: FirmwareView;
  readonly counters: ChargePointState["counters"];
}

/** A reservation; `connectorId` 0: of any connector. Real time. */
export interface ReservationView
  extends Pick<Reservation, "reservationId" | "connectorId" | "idTag" | "parentIdTag"> {
  readonly expiresAtMs: number;
}

/** A charging profile that is installed; `connectorId` 0: of the Charge Point as a whole. */
export interface ChargingProfileView {
  readonly connectorId: number;
  readonly chargingProfile: ChargingProfile;
}

/** The firmware that runs, and the update under way. */
export interface FirmwareView {
  readonly version: string | undefined;
  readonly update: { readonly phase: string; readonly status: string | undefined } | undefined;
}

/** One configuration key; the value of a secret one is never told. */
export interface ConfigurationKeyView {
  readonly key: string;
  readonly isReadOnly: boolean;
  readonly isSecret: boolean;
  readonly value: string | undefined;
}

/** One connector as it is now. Units: Wh, percent. */
export interface ConnectorView {
  readonly connectorId: number;
  readonly status: ChargePointStatus;
  readonly errorCode: ChargePointErrorCode;
  readonly isPlugged: boolean;
  readonly isEvPaused: boolean;
  readonly isInoperative: boolean;
  readonly isLocked: boolean;
  readonly lockJam: "lock" | "unlock" | "none";
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

/** The view of the whole. */
export function chargePointView(state: ChargePointState): ChargePointView {
  const { isPowered, boot, restart, isEmergencyStopped, messages, localList, counters, options } = state;
  const { firmware } = state.maintenance;
  const { status, errorCode } = connectorZero(state);
  return {
    isPowered,
    registration: boot.registration,
    isOnline: isOnline(state),
    isRestarting: restart !== undefined,
    isEmergencyStopped,
    status,
    errorCode,
    connectors: connectorsOf(state).map((connector) => viewOf(state, connector)),
    queueLength: messages.length,
    localListVersion: localList.version,
    localListLength: localList.entries.length,
    authorizationCacheLength: state.authorizationCache.length,
    reservations: state.reservations.map(({ expiresAtSimulatedMs, ...reservation }) => ({
      ...reservation,
      expiresAtMs: state.scale === undefined
        ? expiresAtSimulatedMs
        : realAtMs(state.scale, expiresAtSimulatedMs),
    })),
    chargingProfiles: state.profiles.map(({ connectorId, chargingProfile }) => ({
      connectorId,
      chargingProfile,
    })),
    firmware: {
      version: firmware.version ?? options.description.firmwareVersion,
      update: firmware.update === undefined
        ? undefined
        : { phase: firmware.update.phase, status: firmware.update.status },
    },
    counters,
  };
}

/** The keys that a Charge Point has, in the order of the specification. */
export function configurationView(
  { configuration, options }: ChargePointState,
): readonly ConfigurationKeyView[] {
  const { description } = options;
  return CONFIGURATION_KEY_NAMES.filter((key) => hasKey(description, key)).map((key) => {
    const isSecret = CONFIGURATION_KEYS[key].access === "W";
    return {
      key,
      isReadOnly: isReadOnly(description, key),
      isSecret,
      value: isSecret ? undefined : configuration[key],
    };
  });
}

/** The view of one connector. */
export function viewOf(state: ChargePointState, connector: Connector): ConnectorView {
  const { connectorId, status, errorCode, isPlugged, isEvPaused, isInoperative, transaction } = connector;
  const { powerW, offeredW } = instrumentOf(state, connector);
  const { isLocked, lockJam } = connector;
  return {
    connectorId,
    status,
    errorCode,
    isPlugged,
    isEvPaused,
    isInoperative,
    isLocked,
    lockJam,
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
