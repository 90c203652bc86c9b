/**
 * Messages on demand: they follow the answer. Spec: OCPP 1.6 §5.17; Security, ExtendedTriggerMessage.
 */
import type { Action } from "../../../src/ocpp/action.ts";
import type { Req } from "../../../src/ocpp/registry.ts";
import type { Certificates } from "./certificates.ts";
import type { Description } from "./description.ts";
import type { Diagnostics } from "./diagnostics.ts";
import type { Firmware } from "./firmware.ts";
import { type Handlers, Refusal } from "./handler.ts";
import type { Metering } from "./metering.ts";
import type { Statuses } from "./statuses.ts";
import type { Transactions } from "./transactions.ts";

type Requested =
  | Req<"TriggerMessage">["requestedMessage"]
  | Req<"ExtendedTriggerMessage">["requestedMessage"];

/** What can be triggered; absent: it cannot, here. `false`: not now. */
type Triggers = {
  readonly [R in Requested]?: (connectorId: number | undefined) => (() => void) | false;
};

/** What it triggers. */
export interface TriggerParts {
  readonly description: Description;
  readonly boot: { readonly isAccepted: boolean; readonly ask: () => void };
  readonly statuses: Statuses;
  readonly metering: Metering;
  readonly transactions: Transactions;
  readonly firmware: Firmware;
  readonly diagnostics: Diagnostics;
  readonly certificates: Certificates;
  /** What was asked for is sent while Pending too. */
  readonly call: <A extends Action>(action: A, payload: Req<A>) => void;
}

/** One device's. */
export class MessagesOnDemand {
  readonly #parts: TriggerParts;

  constructor(parts: TriggerParts) {
    this.#parts = parts;
  }

  readonly handlers: Handlers = {
    TriggerMessage: ({ requestedMessage, connectorId }) => {
      if (!this.#parts.description.profiles.includes("RemoteTrigger")) throw new Refusal("NotSupported");
      return this.#answer(this.#plain(), requestedMessage, connectorId);
    },
    ExtendedTriggerMessage: ({ requestedMessage, connectorId }) =>
      this.#answer(this.#extended(), requestedMessage, connectorId),
  };

  #answer(triggers: Triggers, requested: Requested, connectorId: number | undefined) {
    const trigger = triggers[requested];
    if (trigger === undefined) return { conf: { status: "NotImplemented" } } as const;
    const { connectors } = this.#parts.description;
    const isThere = connectorId === undefined || (connectorId >= 0 && connectorId <= connectors);
    const afterwards = isThere ? trigger(connectorId) : false;
    if (afterwards === false) return { conf: { status: "Rejected" } } as const;
    return { conf: { status: "Accepted" }, afterwards } as const;
  }

  #plain(): Triggers {
    const { boot, call, description, diagnostics, firmware } = this.#parts;
    return {
      BootNotification: () => boot.isAccepted ? false : boot.ask,
      Heartbeat: () => () => call("Heartbeat", {}),
      MeterValues: (connectorId) => () => this.#tellMeters(connectorId),
      StatusNotification: (connectorId) => () => this.#tellStatuses(connectorId),
      ...(description.profiles.includes("FirmwareManagement")
        ? {
          DiagnosticsStatusNotification: () => () =>
            call("DiagnosticsStatusNotification", { status: diagnostics.status }),
          FirmwareStatusNotification: () => () =>
            call("FirmwareStatusNotification", { status: firmware.plainStatus }),
        }
        : {}),
    };
  }

  #extended(): Triggers {
    const { call, certificates, diagnostics: { logRequestId: requestId }, firmware: { signed } } =
      this.#parts;
    const log = requestId === undefined
      ? { status: "Idle" } as const
      : { status: "Uploading", requestId } as const;
    const isIdle = signed === undefined || signed.status === "Installed";
    return {
      ...this.#plain(),
      LogStatusNotification: () => () => call("LogStatusNotification", log),
      FirmwareStatusNotification: () => () =>
        call("SignedFirmwareStatusNotification", isIdle ? { status: "Idle" } : signed),
      SignChargePointCertificate: () => certificates.canRenew ? () => void certificates.renew() : false,
    };
  }

  #tellStatuses(connectorId: number | undefined): void {
    const all = Array.from({ length: this.#parts.description.connectors + 1 }, (_, id) => id);
    for (const id of connectorId === undefined ? all : [connectorId]) {
      this.#parts.statuses.tell(id).catch(() => {});
    }
  }

  #tellMeters(connectorId: number | undefined): void {
    const { metering, transactions, call, description } = this.#parts;
    for (let id = 1; id <= description.connectors; id++) {
      if (connectorId !== undefined && connectorId !== id) continue;
      const meterValue = metering.read(id, "MeterValuesSampledData", "Trigger");
      if (meterValue === undefined) continue;
      const transactionId = transactions.at(id)?.transactionId;
      const of = transactionId === undefined ? {} : { transactionId };
      call("MeterValues", { connectorId: id, meterValue: [meterValue], ...of });
    }
  }
}
