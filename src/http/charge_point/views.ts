/**
 * Simulated Charge Points as the API shows them: instants as ISO 8601 UTC, energy in Wh, absent values left out.
 */
import { z } from "@hono/zod-openapi";
import type { ConfigurationKeyView } from "../../charge_point/view.ts";
import { ChargingProfile } from "../../ocpp/charging_profile.ts";
import { dateTimeOf } from "../../ocpp/date_time.ts";
import { ChargePointErrorCode, ChargePointStatus, RegistrationStatus } from "../../ocpp/types.ts";
import type { LinkView as HostLinkView } from "../../runtime/charge_point_host.ts";
import type { SimulatedChargePoint } from "../../runtime/simulation.ts";

const Instant = z.string().openapi({ format: "date-time" });

export const LinkView = z.object({
  state: z.enum(["off", "cut", "connecting", "up", "closing", "waiting"]).openapi({
    description: "off: it wants none; cut: by hand; waiting: for the next attempt",
  }),
  retryAt: Instant.optional(),
  lastFailure: z.object({
    reason: z.string(),
    message: z.string(),
    wasOpen: z.boolean(),
    httpStatus: z.int().optional(),
    closeCode: z.int().optional(),
  }).optional().openapi({ description: "why the last link ended or did not come to be" }),
}).openapi("Link");

export const ConnectorView = z.object({
  connectorId: z.int(),
  status: ChargePointStatus,
  errorCode: ChargePointErrorCode,
  plugged: z.boolean(),
  locked: z.boolean(),
  lockJam: z.enum(["lock", "unlock", "none"]),
  evPaused: z.boolean(),
  inoperative: z.boolean(),
  meterWh: z.int(),
  powerW: z.number().openapi({ description: "what flows to the EV" }),
  offeredW: z.number().openapi({ description: "the limit that holds now" }),
  socPercent: z.number().optional(),
  transaction: z.object({
    transactionId: z.int().optional().openapi({
      description: "absent until the Central System has given one",
    }),
    idTag: z.string(),
    meterStart: z.int(),
  }).optional(),
}).openapi("SimulatedConnector");

export const ChargePointView = z.object({
  identity: z.string(),
  chargePointVendor: z.string(),
  chargePointModel: z.string(),
  powered: z.boolean(),
  outOfService: z.boolean().openapi({ description: "a mistake of the simulator; the log has it" }),
  link: LinkView,
  registration: RegistrationStatus.optional(),
  online: z.boolean().openapi({ description: "the link is up and the Central System has accepted it" }),
  restarting: z.boolean(),
  emergencyStopped: z.boolean(),
  status: ChargePointStatus.meta({ description: "of connector 0" }),
  errorCode: ChargePointErrorCode,
  connectors: z.array(ConnectorView),
  queueLength: z.int().openapi({ description: "messages that have to arrive and wait" }),
  localList: z.object({ version: z.int(), length: z.int() }),
  authorizationCacheLength: z.int(),
  reservations: z.array(z.object({
    reservationId: z.int(),
    connectorId: z.int(),
    idTag: z.string(),
    parentIdTag: z.string().optional(),
    expiresAt: Instant,
  })),
  chargingProfiles: z.array(z.object({ connectorId: z.int(), chargingProfile: ChargingProfile })),
  firmware: z.object({
    version: z.string().optional(),
    update: z.object({ phase: z.string(), status: z.string().optional() }).optional(),
  }),
  counters: z.record(z.string(), z.int()),
}).openapi("SimulatedChargePoint");

export const ConfigurationKey = z.object({
  key: z.string(),
  readonly: z.boolean(),
  secret: z.literal(true).optional().openapi({ description: "its value is never told" }),
  value: z.string().optional(),
}).openapi("ConfigurationKey");

export const ConfigurationList = z.object({ items: z.array(ConfigurationKey) }).openapi("Configuration");

export function linkView({ state, retryAtMs, lastFailure }: HostLinkView): z.infer<typeof LinkView> {
  return {
    state,
    ...(retryAtMs === undefined ? {} : { retryAt: dateTimeOf(retryAtMs) }),
    ...(lastFailure === undefined ? {} : {
      lastFailure: {
        reason: lastFailure.reason,
        message: lastFailure.message,
        wasOpen: lastFailure.opened,
        ...(lastFailure.httpStatus === undefined ? {} : { httpStatus: lastFailure.httpStatus }),
        ...(lastFailure.code === undefined ? {} : { closeCode: lastFailure.code }),
      },
    }),
  };
}

export function chargePointView(
  { identity, description, core, host }: SimulatedChargePoint,
): z.infer<typeof ChargePointView> {
  const view = core.view();
  return {
    identity,
    chargePointVendor: description.chargePointVendor,
    chargePointModel: description.chargePointModel,
    powered: view.isPowered,
    outOfService: host.hasFailed,
    link: linkView(host.link),
    ...(view.registration === undefined ? {} : { registration: view.registration }),
    online: view.isOnline,
    restarting: view.isRestarting,
    emergencyStopped: view.isEmergencyStopped,
    status: view.status,
    errorCode: view.errorCode,
    connectors: view.connectors.map((one) => ({
      connectorId: one.connectorId,
      status: one.status,
      errorCode: one.errorCode,
      plugged: one.isPlugged,
      locked: one.isLocked,
      lockJam: one.lockJam,
      evPaused: one.isEvPaused,
      inoperative: one.isInoperative,
      meterWh: one.registerWh,
      powerW: one.powerW,
      offeredW: one.offeredW,
      ...(one.socPercent === undefined ? {} : { socPercent: one.socPercent }),
      ...(one.transaction === undefined ? {} : {
        transaction: {
          ...(one.transaction.transactionId === undefined
            ? {}
            : { transactionId: one.transaction.transactionId }),
          idTag: one.transaction.idTag,
          meterStart: one.transaction.meterStartWh,
        },
      }),
    })),
    queueLength: view.queueLength,
    localList: { version: view.localListVersion, length: view.localListLength },
    authorizationCacheLength: view.authorizationCacheLength,
    reservations: view.reservations.map(({ expiresAtMs, parentIdTag, ...reservation }) => ({
      ...reservation,
      ...(parentIdTag === undefined ? {} : { parentIdTag }),
      expiresAt: dateTimeOf(expiresAtMs),
    })),
    chargingProfiles: [...view.chargingProfiles],
    firmware: {
      ...(view.firmware.version === undefined ? {} : { version: view.firmware.version }),
      ...(view.firmware.update === undefined ? {} : { update: updateView(view.firmware.update) }),
    },
    counters: { ...view.counters },
  };
}

function updateView({ phase, status }: { phase: string; status: string | undefined }) {
  return { phase, ...(status === undefined ? {} : { status }) };
}

export function configurationKeyView(one: ConfigurationKeyView): z.infer<typeof ConfigurationKey> {
  return {
    key: one.key,
    readonly: one.isReadOnly,
    ...(one.isSecret ? { secret: true as const } : {}),
    ...(one.value === undefined ? {} : { value: one.value }),
  };
}
