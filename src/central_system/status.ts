/**
 * StatusNotification: the last status of each connector.
 *
 * Available on a connector makes its transaction suspected, a status of charging takes that back (`suspicion.ts`).
 * A status is never refused for being an unlisted transition: devices reorder and skip statuses. It is a deviation.
 * Spec: OCPP 1.6 §4.9, §6.47.
 */
import { atMsOf } from "../ocpp/date_time.ts";
import type { Req } from "../ocpp/registry.ts";
import { mayFollow } from "../ocpp/status_transition.ts";
import type { ChargePointStatus } from "../ocpp/types.ts";
import type { Decision, ReceivedCall } from "./decision.ts";
import { conductDeviation, type Deviation, exchangeOf } from "./deviation.ts";
import { clockDeviation } from "./plausible.ts";
import { reservationsAfterStatus } from "./reservation.ts";
import type { ChargePointRecord, ConnectorRecord, Facts, Write } from "./store.ts";
import { judgeStatus } from "./suspicion.ts";

/** Connectors kept of one Charge Point; what is told of further ones is answered and not kept. */
export const CONNECTORS_KEPT_MAX = 256;

/** Stores the status; the last one received is the current one, whatever its timestamp says. */
export function decideStatusNotification(
  payload: Req<"StatusNotification">,
  call: ReceivedCall,
  record: ChargePointRecord,
  facts: Facts,
): Decision {
  const { chargePoint, receivedAtMs } = call;
  const { connectorId, status, errorCode, info, vendorId, vendorErrorCode, timestamp } = payload;
  const connector: ConnectorRecord = {
    connectorId,
    status,
    errorCode,
    ...(info === undefined ? {} : { info }),
    ...(vendorId === undefined ? {} : { vendorId }),
    ...(vendorErrorCode === undefined ? {} : { vendorErrorCode }),
    statusAtMs: timestamp === undefined ? receivedAtMs : atMsOf(timestamp), // §6.47: absent → time of receipt
    receivedAtMs,
  };
  const { connectors } = record;
  const isKept = connectors.has(connectorId) || connectors.size < CONNECTORS_KEPT_MAX;
  const kept: readonly Write[] = isKept ? [{ kind: "putConnector", chargePoint, connector }] : [];
  const suspicions = judgeStatus(record, connector);
  const reservations = reservationsAfterStatus(payload, call, facts);
  const odd = timestamp === undefined
    ? []
    : clockDeviation(call, { atMs: connector.statusAtMs, timestamp, path: "timestamp" });
  return {
    answer: { kind: "result", payload: {} },
    writes: [...kept, ...suspicions.writes, ...reservations.writes],
    events: [
      ...odd,
      ...transitionDeviations(connector, call, record),
      { kind: "statusReceived", chargePoint, connectorId, status, errorCode },
      ...suspicions.events,
      ...reservations.events,
    ],
  };
}

/** After a boot anything may follow, and after a time offline: what came in between is not told. §4.9, §3.4. */
function transitionDeviations(
  { connectorId, status }: ConnectorRecord,
  call: ReceivedCall,
  { connectors, bootedAtMs = 0 }: ChargePointRecord,
): readonly Deviation[] {
  const known = connectors.get(connectorId);
  const sinceMs = Math.max(bootedAtMs, call.connectedAtMs ?? 0);
  const before = known !== undefined && known.receivedAtMs >= sinceMs ? known.status : undefined;
  const fault = transitionFault(connectorId, before, status);
  if (fault === undefined) return [];
  const about = { chargePoint: call.chargePoint, exchange: exchangeOf(call) };
  return [conductDeviation("statusTransition", fault, about)];
}

/** What is wrong with a status after the one before (of the same boot), if anything is; the same one again is nothing. */
export function transitionFault(
  connectorId: number,
  before: ChargePointStatus | undefined,
  status: ChargePointStatus,
): string | undefined {
  // What connector 0 may be is a field rule, and that in any order.
  const isAllowed = connectorId === 0 || before === undefined || before === status ||
    mayFollow({ from: before, to: status });
  return isAllowed ? undefined : `connector ${connectorId}: ${status} after ${before}`;
}
