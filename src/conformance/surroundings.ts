/**
 * What surrounds the frames of a run: connections that are asked for, people who do things, things from the bench.
 */
import type { BenchRequest } from "./bench.ts";
import type { AgreedTls, RunEffect, UpgradeRequest } from "./contract.ts";
import type { OperatorAction } from "./operator_action.ts";

/** Of one run. */
export class Surroundings {
  /** How the Charge Point last connected. */
  upgradeRequest: UpgradeRequest | undefined;
  /** Whether the system under test has ended the last connection, and nobody has taken note of it yet. */
  isLinkLost = false;
  /** Connections that were refused, by us or the Central System, since the policy last changed. */
  refusals = 0;
  /** Why the last connection did not come to be, and the HTTP status that it was refused with. */
  connectFailure: string | undefined;
  refusedStatus: number | undefined;
  /** What the last connection agreed on. */
  subprotocol: string | undefined;
  agreedTls: AgreedTls | undefined;
  #areAccepted = true;
  #status = 101;
  /** Deeds that somebody is doing, by id. */
  readonly #deeds = new Map<number, { readonly action: OperatorAction; readonly sinceMs: number }>();
  #lastId = 0;
  #bench: { readonly requestId: number; answer: { readonly reply: unknown } | undefined } | undefined;

  /** A Charge Point wants to connect. */
  upgrade(request: UpgradeRequest): RunEffect {
    if (this.#areAccepted) this.upgradeRequest = request;
    else this.refusals++;
    return { kind: "upgrade", isAccepted: this.#areAccepted, status: this.#status };
  }

  /** Whether connections are accepted from here on; tells whether that is a change. */
  setUpgrades({ areAccepted, status }: { readonly areAccepted: boolean; readonly status: number }): boolean {
    const isChange = areAccepted !== this.#areAccepted;
    this.#areAccepted = areAccepted;
    this.#status = status;
    this.refusals = 0;
    return isChange;
  }

  /** Asks somebody to do something. */
  ask(action: OperatorAction, nowMs: number): RunEffect {
    const actionId = ++this.#lastId;
    this.#deeds.set(actionId, { action, sinceMs: nowMs });
    return { kind: "operator", actionId, action };
  }

  /** It is done, or cannot be; gives what was asked for, unless that was given up before. */
  deedDone(actionId: number): OperatorAction | undefined {
    const deed = this.#deeds.get(actionId);
    this.#deeds.delete(actionId);
    return deed?.action;
  }

  /** Nobody is waited for any more; gives what was asked for. */
  forgetDeeds(): readonly OperatorAction[] {
    const actions = [...this.#deeds.values()].map(({ action }) => action);
    this.#deeds.clear();
    return actions;
  }

  /** Since when somebody has been doing something; `undefined` while nobody is. */
  get busySinceMs(): number | undefined {
    return this.#deeds.size === 0
      ? undefined
      : Math.max(...[...this.#deeds.values()].map(({ sinceMs }) => sinceMs));
  }

  /** Asks the host for something. */
  request(request: BenchRequest): RunEffect {
    this.#bench = { requestId: ++this.#lastId, answer: undefined };
    return { kind: "bench", requestId: this.#bench.requestId, request };
  }

  benchDone(requestId: number, reply: unknown): void {
    if (this.#bench?.requestId === requestId) this.#bench.answer = { reply };
  }

  /** What the host has answered to the last request; `undefined` until then. */
  get benchAnswer(): { readonly reply: unknown } | undefined {
    return this.#bench?.answer;
  }
}
