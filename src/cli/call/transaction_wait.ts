/**
 * `ocpp call --wait`: from a Call that was accepted to the transaction that it started or stopped.
 *
 * The transaction of a RemoteStartTransaction is named by nobody: it is one of this Charge Point, that the
 * Central System did not know before the Call, with its idTag and, where the Call says one, its connector. One
 * that began well before it was reported comes out of an offline queue; it counts only if no other one comes.
 * Spec: OCPP 1.6 §5.11, §5.12.
 */
import type { Action } from "../../ocpp/action.ts";
import { atMsOf } from "../../ocpp/date_time.ts";
import { sameCiString } from "../../ocpp/types.ts";
import { CommandError, UsageError } from "../exit_code.ts";
import { type Api, type ApiReply, detailOf } from "./api.ts";

/** A transaction as the API shows it. */
export interface ApiTransaction {
  readonly transactionId: number;
  readonly connectorId: number;
  readonly idTag: string;
  readonly idTagStatus: string;
  readonly active: boolean;
  readonly meterStart: number;
  readonly startedAt: string;
  readonly startReceivedAt: string;
  readonly stoppedAt?: string;
  readonly stopReason?: string;
  readonly energyWh?: number;
}

/** Looks once; `isLast` says that nobody will look again. */
type Look = (isLast: boolean) => Promise<ApiTransaction | undefined>;

/** The Actions that begin or end a transaction. */
const WAITED_FOR: ReadonlySet<Action> = new Set(["RemoteStartTransaction", "RemoteStopTransaction"]);

const LOOK_INTERVAL_MS = 200;

/** One that was on its way for longer had been queued. */
const REPORTED_AT_ONCE_MAX_MS = 60_000;

/** Errors: `UsageError` for an Action that no transaction follows. */
export function assertWaitable(action: Action): void {
  if (WAITED_FOR.has(action)) return;
  throw new UsageError(
    `--wait is for ${[...WAITED_FOR].join(" and ")}; ${action} has no transaction to wait for`,
  );
}

/** A wait that knows what was there before the Call. Errors: `CommandError` where the API does not answer. */
export async function prepareWait(
  api: Api,
  { identity, action, payload }: { identity: string; action: Action; payload: unknown },
): Promise<(maxMs: number) => Promise<ApiTransaction>> {
  const fields = (payload ?? {}) as { idTag?: unknown; connectorId?: unknown; transactionId?: unknown };
  const look = action === "RemoteStopTransaction"
    ? stopOf(api, fields.transactionId)
    : await startOf(api, identity, fields);
  return async (maxMs) => {
    for (const endMs = performance.now() + maxMs;;) {
      const isLast = performance.now() >= endMs;
      const transaction = await look(isLast);
      if (transaction !== undefined) return transaction;
      if (isLast) throw new CommandError(`${nothingCame(action, identity)} within ${maxMs / 1_000} s`);
      await new Promise((resolve) => setTimeout(resolve, Math.min(LOOK_INTERVAL_MS, maxMs)));
    }
  };
}

function nothingCame(action: Action, identity: string): string {
  return action === "RemoteStopTransaction"
    ? `${identity} accepted, but the transaction did not stop`
    : `${identity} accepted, but no transaction began (is an EV plugged in?)`;
}

async function startOf(
  api: Api,
  identity: string,
  { idTag, connectorId }: { idTag?: unknown; connectorId?: unknown },
): Promise<Look> {
  const path = `/api/v1/transactions?chargePoint=${encodeURIComponent(identity)}`;
  const known = (await transactionsAt(api, `${path}&limit=1`))[0]?.transactionId ?? 0;
  return async (isLast) => {
    const fitting = (await transactionsAt(api, path)).filter((one) =>
      one.transactionId > known && sameCiString(one.idTag, String(idTag)) &&
      (connectorId === undefined || one.connectorId === connectorId)
    );
    return fitting.findLast(wasReportedAtOnce) ?? (isLast ? fitting.at(-1) : undefined);
  };
}

function wasReportedAtOnce({ startedAt, startReceivedAt }: ApiTransaction): boolean {
  return atMsOf(startReceivedAt) - atMsOf(startedAt) <= REPORTED_AT_ONCE_MAX_MS;
}

function stopOf(api: Api, transactionId: unknown): Look {
  return async () => {
    const reply = await api.get(`/api/v1/transactions/${encodeURIComponent(String(transactionId))}`);
    if (reply.status === 404) {
      throw new CommandError(`cannot wait for transaction ${transactionId}: \`ocpp serve\` does not know it`);
    }
    const transaction = fine(reply) as unknown as ApiTransaction;
    return transaction.active ? undefined : transaction;
  };
}

/** Newest first. */
async function transactionsAt(api: Api, path: string): Promise<readonly ApiTransaction[]> {
  return fine(await api.get(path))["items"] as readonly ApiTransaction[];
}

function fine(reply: ApiReply): ApiReply["body"] {
  if (reply.status === 200) return reply.body;
  throw new CommandError(`cannot wait for the transaction: ${detailOf(reply)}`);
}
