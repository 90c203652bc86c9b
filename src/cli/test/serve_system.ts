/**
 * `--driver ocpp` for a Central System under test: whoever operates `ocpp serve`, by its API.
 *
 * Before a case it enters what the case stands on: the Charge Point with its security profile, password and certificate,
 * and the idTags that may charge. Charge Points that were known before it leaves alone; at the end it deletes those that
 * it has entered, and gives idTags back what they were worth.
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
  /** Paths of Charge Points that it has entered. */
  readonly #entered = new Set<string>();
  /** What idTags were worth before, by path; `undefined` where nobody knew them. */
  readonly #idTags = new Map<string, object | undefined>();

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
      if (await this.#isForeign(identity)) {
        return `${identity} is known to this Central System already: choose another --identity, or delete it`;
      }
      for (const one of [idTag, otherIdTag]) {
        fine(await this.#putIdTag(one, { blocked: false }));
      }
      fine(
        await this.#enter(chargePointPath(identity), {
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

  /** Deletes and gives back; what cannot be stays as it is. */
  async close(): Promise<void> {
    try {
      for (const path of this.#entered) await this.#api.delete(path);
      for (const [path, before] of this.#idTags) {
        await (before === undefined ? this.#api.delete(path) : this.#api.put(path, before));
      }
    } catch {
      // nobody is there any more
    }
  }

  /** `serve` answers when the Charge Point has, or has not: it was sent in either case. */
  async #send(
    identity: string,
    { action, payload }: Extract<OperatorAction, { kind: "sendCall" }>,
    { withinSeconds, signal }: { readonly withinSeconds: number; readonly signal: AbortSignal },
  ): Promise<OperatorOutcome> {
    const path = `${chargePointPath(identity)}/calls`;
    const body = { action, payload, timeoutSeconds: Math.min(withinSeconds, CALL_TIMEOUT_MAX_SECONDS) };
    const reply = await this.#api.post(path, body, withinSeconds * 1_000 + MARGIN_MS, signal);
    const isRefused = reply.status >= 400 && reply.status < 500;
    return isRefused ? { kind: "cannot", reason: refusalOf(reply) } : { kind: "done" };
  }

  async #setIdTag(
    { idTag, status, parentIdTag }: Extract<OperatorAction, { kind: "setIdTag" }>,
  ): Promise<ApiReply> {
    if (status === "Invalid") return await this.#forgetIdTag(idTag);
    return await this.#putIdTag(idTag, {
      blocked: status === "Blocked",
      ...(status === "Expired" ? { expiryDate: dateTimeOf(Date.now() - EXPIRED_SINCE_MS) } : {}),
      ...(parentIdTag === undefined ? {} : { parentIdTag }),
    });
  }

  /** Whether somebody else has entered it, or it has been there: it would lose its password and more. */
  async #isForeign(identity: string): Promise<boolean> {
    const path = chargePointPath(identity);
    return !this.#entered.has(path) && (await this.#api.get(path)).status !== NOT_FOUND;
  }

  async #enter(path: string, record: unknown): Promise<ApiReply> {
    const reply = await this.#api.put(path, record);
    if (reply.status === CREATED) this.#entered.add(path);
    return reply;
  }

  async #putIdTag(idTag: string, record: unknown): Promise<ApiReply> {
    await this.#rememberIdTag(idTag);
    return await this.#api.put(idTagPath(idTag), record);
  }

  /** Whether it was there or not: it is not there now. */
  async #forgetIdTag(idTag: string): Promise<ApiReply> {
    await this.#rememberIdTag(idTag);
    const reply = await this.#api.delete(idTagPath(idTag));
    return reply.status === NOT_FOUND ? { status: 204, body: {} } : reply;
  }

  async #rememberIdTag(idTag: string): Promise<void> {
    const path = idTagPath(idTag);
    if (this.#idTags.has(path)) return;
    const reply = await this.#api.get(path);
    if (reply.status === NOT_FOUND) return void this.#idTags.set(path, undefined);
    const { idTag: _idTag, source: _source, ...record } = fine(reply);
    this.#idTags.set(path, record);
  }
}

function chargePointPath(identity: string): string {
  return `/api/v1/charge-points/${encodeURIComponent(identity)}`;
}

function idTagPath(idTag: string): string {
  return `/api/v1/id-tags/${encodeURIComponent(idTag)}`;
}

/** Errors: `CommandError` with the words of the API. */
function fine(reply: ApiReply): ApiReply["body"] {
  if (reply.status >= 300) throw new CommandError(refusalOf(reply));
  return reply.body;
}

function refusalOf(reply: ApiReply): string {
  return `the API says ${reply.status}: ${detailOf(reply)}`;
}

function whyNot(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
