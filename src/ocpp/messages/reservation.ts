/**
 * Payloads of the Reservation profile.
 *
 * Spec: OCPP 1.6 §5.2, §5.13; §6.5–6, §6.37–38.
 */
import * as z from "zod";
import { DateTime, IdToken } from "../types.ts";

export const CancelReservationReq = z.strictObject({ reservationId: z.int() });
export const CancelReservationConf = z.strictObject({ status: z.enum(["Accepted", "Rejected"]) });

/** `connectorId` 0 reserves any one connector. */
export const ReserveNowReq = z.strictObject({
  connectorId: z.int(),
  expiryDate: DateTime,
  idTag: IdToken,
  parentIdTag: IdToken.optional(),
  reservationId: z.int(),
});
export const ReserveNowConf = z.strictObject({
  status: z.enum(["Accepted", "Faulted", "Occupied", "Rejected", "Unavailable"]),
});
