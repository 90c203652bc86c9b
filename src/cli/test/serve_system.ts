/**
 * `--driver ocpp` for a Central System under test: whoever operates `ocpp serve`, by its API.
 *
 * Before a case it enters what the case stands on: the Charge Point with its security profile, password and certificate,
 * and the idTags that may charge. What it has entered and nobody knew before, it deletes at the end.
 */
import type { CaseSetup } from "../../conformance/session.ts";
import type { OperatorAction } from "../../conformance/operator_action.ts";
import { dateTimeOf } from "../../ocpp/date_time.ts";
import type { OperatorOutcome, OperatorRequest, TestOperator } from "../../runtime/test_operator.ts";
import { type Api, type ApiReply, detailOf } from "../call/api.ts";
import { CommandError } from "../exit_code.ts";

/** Soon enough to be waited for. */
const HEARTBEAT_INTERVAL_SECONDS = 1;

/** How long ago an idTag expired that is to be so. */
const EXPIRED_SINCE_MS = 60_000;

/** `serve` itself waits at most as long for a Charge Point. */
const CALL_TIMEOUT_MAX_SECONDS = 600;

/** What the way to `serve` and back may add. */
const MARGIN_MS = 10_000;

const CREATED = 201;
const NOT_FOUND = 404;

/** What a case stands on. */
export interface SystemTerms {
  readonly setup: CaseSetup;
  readonly securityProfile: 0 | 1 | 2 | 3;
}

/** Operates `ocpp serve`. */
export class ServeSystem implements TestOperator {
  readonly #api: Api;
  /** Paths of records that were not there before. */
  readonly #created = new Set<string>();

  constructor(api: Api) {
    this.#api = api;
  }

  /** Makes true what a case stands on; gives why that cannot be, if so. */
  async prepare(
    { setup, securityProfile }: SystemTerms,
  ): Promise<string | undefined> {
    const { identity, idTag, otherIdTag, parentIdTag, authorizationKey, certificateSerialNumber } = setup;
    const hasPassword = securityProfile === 1 || securityProfile === 2;
    if (hasPassword && authorizationKey === undefined) return "no password is known";
    try {
      for (const one of [idTag, otherIdTag]) {
        fine(await this.#enter(idTagPath(one), { blocked: false }));
      }
      fine(
        await this.#enter(`/api/v1/charge-points/${encodeURIComponent(identity)}`, {
          registration: "Accepted",
          heartbeatIntervalSeconds: HEARTBEAT_INTERVAL_SECONDS,
          // What nobody has entered is Invalid here, also where everybody is welcome.
          allowedIdTags: [idTag, otherIdTag, parentIdTag],
          ...(securityProfile === 0 ? { password: null } : { securityProfile }),
          ...(hasPassword ? { authorizationKeyHex: authorizationKey } : {}),
          ...(certificateSerialNumber === undefined ? {} : { certificateSerialNumber }),
        }),
      );
      return undefined;
    } catch (error) {
      return whyNot(error);
    }
  }

  async do(
    { identity, action, withinSeconds }: OperatorRequest,
    signal: AbortSignal,
  ): Promise<OperatorOutcome> {
    try {
      switch (action.kind) {
        case "sendCall":
          return await this.#send(identity, action, { withinSeconds, signal });
        case "setIdTag":
          fine(await this.#setIdTag(action));
          return { kind: "done" };
        default:
          return { kind: "cannot", reason: `${action.kind} is for a Charge Point` };
      }
    } catch (error) {
      return { kind: "cannot", reason: whyNot(error) };
    }
  }

  /** Deletes what it has entered; what cannot be deleted stays. */
  async close(): Promise<void> {
    for (const path of this.#created) {
      try {
        await this.#api.delete(path);
      } catch {
        return; // nobody is there any more
      }
    }
  }

  /** `serve` answers when the Charge Point has, or has not: it was sent in either case. */
  async #send(
    identity: string,
    { action, payload }: Extract<OperatorAction, { kind: "sendCall" }>,
    { withinSeconds, signal }: { readonly withinSeconds: number; readonly signal: AbortSignal },
  ): Promise<OperatorOutcome> {
    const path = `/api/v1/charge-points/${encodeURIComponent(identity)}/calls`;
    const body = { action, payload, timeoutSeconds: Math.min(withinSeconds, CALL_TIMEOUT_MAX_SECONDS) };
    const reply = await this.#api.post(path, body, withinSeconds * 1_000 + MARGIN_MS, signal);
    const isRefused = reply.status >= 400 && reply.status < 500;
    return isRefused ? { kind: "cannot", reason: refusalOf(reply) } : { kind: "done" };
  }

  #setIdTag(
    { idTag, status, parentIdTag }: Extract<OperatorAction, { kind: "setIdTag" }>,
  ): Promise<ApiReply> {
    const path = idTagPath(idTag);
    if (status === "Invalid") return this.#forget(path);
    return this.#enter(path, {
      blocked: status === "Blocked",
      ...(status === "Expired" ? { expiryDate: dateTimeOf(Date.now() - EXPIRED_SINCE_MS) } : {}),
      ...(parentIdTag === undefined ? {} : { parentIdTag }),
    });
  }

  async #enter(path: string, record: unknown): Promise<ApiReply> {
    const reply = await this.#api.put(path, record);
    if (reply.status === CREATED) this.#created.add(path);
    return reply;
  }

  /** Whether it was there or not: it is not there now. */
  async #forget(path: string): Promise<ApiReply> {
    const reply = await this.#api.delete(path);
    this.#created.delete(path);
    return reply.status === NOT_FOUND ? { status: 204, body: {} } : reply;
  }
}

function idTagPath(idTag: string): string {
  return `/api/v1/id-tags/${encodeURIComponent(idTag)}`;
}

/** Errors: `CommandError` with the words of the API. */
function fine(reply: ApiReply): void {
  if (reply.status >= 300) throw new CommandError(refusalOf(reply));
}

function refusalOf(reply: ApiReply): string {
  return `the API says ${reply.status}: ${detailOf(reply)}`;
}

function whyNot(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
