/**
 * Operators' Calls on their way to Charge Points: into the turn in their place, what has to be known of them before
 * they leave and after their answers, and everything that can become of them.
 */
import {
  type Command,
  commandFaults,
  type CommandOutcome,
  registrationRefusal,
} from "../central_system/commands.ts";
import type { RecordChange, RecordChangeOutcome } from "../central_system/record_change.ts";
import { securityOrderOf } from "../central_system/security_change.ts";
import type { Action } from "../ocpp/action.ts";
import type { CentralSystemObserver } from "./central_system_observer.ts";
import type { Clock } from "./clock.ts";
import type { CredentialCheck } from "./credential_check.ts";
import { NotedCalls } from "./noted_call.ts";
import { callAboutSecurity } from "./security_call.ts";
import type { OperatorCall, ServerConnection } from "./server_connection.ts";
import type { TurnLoop } from "./turn.ts";

/** What they need of the Central System. */
export interface OperatorCallMeans {
  readonly turns: TurnLoop;
  readonly clock: Clock;
  readonly observer: Pick<CentralSystemObserver, "decided">;
  readonly credentials: CredentialCheck;
  readonly newUniqueId: () => string;
  readonly connectionOf: (identity: string) => ServerConnection | undefined;
  readonly change: (change: RecordChange) => Promise<RecordChangeOutcome | "storeFailed">;
  /** Why a Charge Point has no connection. */
  readonly whyNotConnected: (
    identity: string,
  ) => Promise<"notConnected" | "unknownChargePoint" | "storeFailed">;
}

/** A Call without its uniqueId. */
export interface WantedCall {
  readonly action: Action;
  readonly payload: unknown;
  readonly timeoutMs: number;
  readonly resolve: OperatorCall["resolve"];
}

/** Takes operators' Calls. */
export class OperatorCalls {
  readonly #means: OperatorCallMeans;
  readonly #noted: NotedCalls;

  constructor(means: OperatorCallMeans) {
    this.#means = means;
    this.#noted = new NotedCalls(means);
  }

  /** Sends a Call to a Charge Point and waits for what becomes of it. Never rejects. */
  call(identity: string, command: Command): Promise<CommandOutcome> {
    const faults = commandFaults(command);
    if (faults.length > 0) return Promise.resolve({ kind: "badCommand", faults });
    const { turns, connectionOf, credentials, change } = this.#means;
    const call = () =>
      new Promise<CommandOutcome>((resolve) =>
        turns.addStep(() => void this.#callNow(identity, command, resolve))
      );
    const order = securityOrderOf(command.action, command.payload);
    if (order === undefined || connectionOf(identity) === undefined) return call();
    return callAboutSecurity(order, {
      hash: (password) => credentials.hash(password),
      change: (one) => change({ kind: "changeSecurity", identity, change: one }),
      call,
    });
  }

  async #callNow(
    identity: string,
    command: Command,
    resolve: (outcome: CommandOutcome) => void,
  ): Promise<void> {
    const connection = this.#means.connectionOf(identity);
    if (connection === undefined) return resolve({ kind: await this.#means.whyNotConnected(identity) });
    const refusal = registrationRefusal(command.action, connection.registration);
    if (refusal !== undefined) return resolve({ kind: refusal });
    if (!connection.isGateOpen && connection.registration === undefined) {
      return resolve({ kind: "notBooted" });
    }
    const { payload, timeoutMs } = command;
    // `commandFaults` let only Actions with schemas pass.
    const action = command.action as Action;
    this.#noted.send({ chargePoint: identity, action, payload, resolve }, (settle) => {
      if (connection.isClosed) return settle({ kind: "connectionLost" });
      const isQueued = this.enqueue(connection, { action, payload, timeoutMs, resolve: settle });
      if (!isQueued) settle({ kind: "queueFull" });
    });
  }

  /** Puts a Call in line; false when the queue is full. */
  enqueue(connection: ServerConnection, { action, payload, timeoutMs, resolve }: WantedCall): boolean {
    return connection.enqueue({
      uniqueId: this.#means.newUniqueId(),
      action,
      payload,
      timeoutMs,
      tag: { action, resolve },
    });
  }
}
