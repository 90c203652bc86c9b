/**
 * Brings a Charge Point's Local Authorization List up to the idTags: asks what it has, computes what is missing, sends
 * it in as many messages as that takes, and tells each step.
 *
 * Rules:
 * - One at a time for each Charge Point.
 * - Its version is asked first: a device that was replaced or reset since would take a Differential for the whole.
 * - What it can take is asked in this operation, unless the operator says; never without one.
 * - `auto` sends a Full list, once, where a Differential was not taken (OCPP 1.6 §5.15).
 * - What is known afterwards is written down answer by answer (`central_system/local_list.ts`); an operation that is
 *   cut short leaves what was confirmed until then.
 */
import type { Command, CommandOutcome, CommandRefusal } from "../central_system/commands.ts";
import { NO_LIST_VERSION } from "../central_system/local_list.ts";
import {
  LOCAL_LIST_ENTRIES_MAX,
  planLocalList,
  SENT_ENTRIES_DEFAULT,
  SENT_ENTRIES_MAX,
  type UpdateType,
} from "../central_system/local_list_plan.ts";
import { fateOf, isNotSupported } from "../central_system/own_call_fate.ts";
import type { Conf, Req } from "../ocpp/registry.ts";
import { differenceFrom, type LocalListSources, type WantedList, wantedList } from "./local_list_reader.ts";

/** What an operator wants; limits that are absent are asked of the Charge Point. */
export interface LocalListWish {
  readonly updateType: UpdateType | "auto";
  /** SendLocalListMaxLength. */
  readonly sentMax?: number;
  /** LocalAuthListMaxLength. */
  readonly entriesMax?: number;
  /** For each answer. */
  readonly timeoutMs: number;
}

/** One Call of the operation and what became of it. */
export interface LocalListStep {
  readonly action: "GetConfiguration" | "GetLocalListVersion" | "SendLocalList";
  readonly sent?: { readonly listVersion: number; readonly updateType: UpdateType; readonly entries: number };
  readonly outcome: CommandOutcome;
}

/** How the operation ended, in one word. */
export type LocalListResult =
  | "accepted"
  | "inStep"
  | "failed"
  | "versionMismatch"
  | "notSupported"
  | "fullNeeded"
  | "tooLong"
  | "error"
  | "invalid"
  | CommandRefusal;

/** What came of it. `refused`: nothing was sent. */
export type LocalListOutcome =
  | { readonly kind: "refused"; readonly why: "busy" | "tooLong" | CommandRefusal; readonly detail: string }
  | {
    readonly kind: "done";
    readonly result: LocalListResult;
    readonly detail?: string;
    readonly steps: readonly LocalListStep[];
  };

/** What Calls are sent by. */
export interface LocalListHost extends LocalListSources {
  readonly call: (identity: string, command: Command) => Promise<CommandOutcome>;
}

/** Sends lists, one at a time to each Charge Point. */
export class LocalListSender {
  readonly #host: LocalListHost;
  readonly #busy = new Set<string>();

  constructor(host: LocalListHost) {
    this.#host = host;
  }

  /** Errors: `StoreError` where the database cannot be read. */
  async send(identity: string, wish: LocalListWish): Promise<LocalListOutcome> {
    if (this.#busy.has(identity)) {
      return { kind: "refused", why: "busy", detail: "another list is on its way to it" };
    }
    this.#busy.add(identity);
    try {
      return await new Sending(identity, wish, this.#host).run();
    } finally {
      this.#busy.delete(identity);
    }
  }
}

/** The end of an operation, which its parts hand up. */
type End = Omit<Extract<LocalListOutcome, { kind: "done" }>, "kind" | "steps">;

/** One operation. */
class Sending {
  readonly #identity: string;
  readonly #wish: LocalListWish;
  readonly #host: LocalListHost;
  readonly #steps: LocalListStep[] = [];

  constructor(identity: string, wish: LocalListWish, host: LocalListHost) {
    this.#identity = identity;
    this.#wish = wish;
    this.#host = host;
  }

  async run(): Promise<LocalListOutcome> {
    const record = await this.#host.store.query("chargePoint", { identity: this.#identity });
    if (record === undefined) return refused("unknownChargePoint", "it is not known here");
    const wanted = await wantedList(record, this.#host);
    if (wanted === undefined) {
      return refused(
        "tooLong",
        `more than ${LOCAL_LIST_ENTRIES_MAX} idTags may charge there; allow it fewer`,
      );
    }
    const { entriesMax } = this.#wish;
    if (entriesMax !== undefined && wanted.size > entriesMax) {
      return refused("tooLong", tooLong(wanted, entriesMax));
    }
    const end = await this.#carryOut(wanted);
    const [first] = this.#steps;
    const isUnsent = this.#steps.length === 1 && fateOf(first!.outcome) === "notSent";
    if (isUnsent) return refused(end.result as CommandRefusal, "nothing was sent");
    return { kind: "done", ...end, steps: this.#steps };
  }

  async #carryOut(wanted: WantedList): Promise<End> {
    const asked = await this.#call("GetLocalListVersion", {});
    if (asked.kind !== "result") return endOf(asked);
    const { listVersion } = asked.payload as Conf<"GetLocalListVersion">;
    if (listVersion === NO_LIST_VERSION) {
      return {
        result: "notSupported",
        detail: "version -1: it has no list, or LocalAuthListEnabled is false",
      };
    }
    const limits = await this.#limits();
    if ("result" in limits) return limits;
    if (wanted.size > limits.entriesMax) {
      return { result: "tooLong", detail: tooLong(wanted, limits.entriesMax) };
    }
    const end = await this.#update(wanted, this.#wish.updateType, limits.sentMax);
    const isToBeRepeated = this.#wish.updateType === "auto" && wasDifferential(this.#steps) &&
      (end.result === "failed" || end.result === "versionMismatch");
    if (!isToBeRepeated) return end;
    if (end.result === "versionMismatch") {
      const again = await this.#call("GetLocalListVersion", {}); // so that the version grows
      if (again.kind !== "result") return endOf(again);
    }
    return await this.#update(wanted, "Full", limits.sentMax); // §5.15
  }

  /** What it can take at once and in all. */
  async #limits(): Promise<{ sentMax: number; entriesMax: number } | End> {
    const { sentMax, entriesMax } = this.#wish;
    if (sentMax !== undefined) return { sentMax, entriesMax: entriesMax ?? LOCAL_LIST_ENTRIES_MAX };
    const key = ["LocalAuthListMaxLength", "SendLocalListMaxLength"];
    const asked = await this.#call("GetConfiguration", { key });
    // One that does not answer will not take a list either; one that cannot say may.
    if (asked.kind !== "result" && asked.kind !== "error" && asked.kind !== "invalid") return endOf(asked);
    const told = asked.kind === "result" ? (asked.payload as Conf<"GetConfiguration">).configurationKey : [];
    const value = (name: string) => {
      const text = told?.find(({ key }) => key.toLowerCase() === name.toLowerCase())?.value?.trim() ?? "";
      return /^[1-9]\d{0,8}$/.test(text) ? Number(text) : undefined;
    };
    return {
      sentMax: Math.min(value("SendLocalListMaxLength") ?? SENT_ENTRIES_DEFAULT, SENT_ENTRIES_MAX),
      entriesMax: entriesMax ?? value("LocalAuthListMaxLength") ?? LOCAL_LIST_ENTRIES_MAX,
    };
  }

  async #update(wanted: WantedList, updateType: UpdateType | "auto", sentMax: number): Promise<End> {
    const chargePoint = this.#identity;
    const difference = updateType === "Full"
      ? undefined
      : await differenceFrom(wanted, chargePoint, this.#host);
    const record = await this.#host.store.query("localList", { chargePoint });
    const plan = planLocalList({ record, wanted, changes: difference?.changes, updateType, sentMax });
    if (plan.kind === "inStep") return { result: "inStep" };
    if (plan.kind === "fullNeeded") return { result: "fullNeeded", detail: plan.why };
    for (const part of plan.parts) {
      const end = await this.#sendPart(part);
      if (end !== undefined) return end;
    }
    return { result: "accepted" };
  }

  /** `undefined`: it was taken. */
  async #sendPart(part: Req<"SendLocalList">): Promise<End | undefined> {
    const { listVersion, updateType, localAuthorizationList = [] } = part;
    const sent = { listVersion, updateType, entries: localAuthorizationList.length };
    const outcome = await this.#call("SendLocalList", part, sent);
    if (outcome.kind !== "result") return endOf(outcome);
    switch ((outcome.payload as Conf<"SendLocalList">).status) {
      case "Accepted":
        return undefined;
      case "Failed":
        return { result: "failed" };
      case "NotSupported":
        return { result: "notSupported" };
      case "VersionMismatch":
        return { result: "versionMismatch" };
    }
  }

  async #call(
    action: LocalListStep["action"],
    payload: unknown,
    sent?: NonNullable<LocalListStep["sent"]>,
  ): Promise<CommandOutcome> {
    const { timeoutMs } = this.#wish;
    const outcome = await this.#host.call(this.#identity, { action, payload, timeoutMs, validate: true });
    this.#steps.push({ action, ...(sent === undefined ? {} : { sent }), outcome });
    return outcome;
  }
}

function wasDifferential(steps: readonly LocalListStep[]): boolean {
  return steps.at(-1)?.sent?.updateType === "Differential";
}

/** How an operation ends that a Call of it did not get its result. */
function endOf(outcome: Exclude<CommandOutcome, { kind: "result" }>): End {
  if (outcome.kind === "badCommand") return { result: "invalid", detail: "it cannot be sent" };
  return { result: isNotSupported(outcome) ? "notSupported" : outcome.kind };
}

function tooLong(wanted: WantedList, entriesMax: number): string {
  return `${wanted.size} idTags may charge there, and its list takes ${entriesMax}; allow it fewer`;
}

function refused(why: "tooLong" | CommandRefusal, detail: string): LocalListOutcome {
  return { kind: "refused", why, detail };
}
