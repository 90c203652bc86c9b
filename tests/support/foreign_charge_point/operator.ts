/**
 * Does to a foreign Charge Point what a case asks for: the hands of its users and of its operator.
 */
import type { OperatorAction } from "../../../src/conformance/operator_action.ts";
import type { OperatorOutcome, OperatorRequest, TestOperator } from "../../../src/runtime/test_operator.ts";
import type { Connector } from "./connector.ts";
import type { ForeignChargePoint } from "./device.ts";

/** Nobody is quicker than what is on its way already. Units: milliseconds. */
const HAND_MS = 20;

/** For one device. */
export class ForeignOperator implements TestOperator {
  readonly #device: ForeignChargePoint;
  #powerOff: Promise<void> = Promise.resolve();

  constructor(device: ForeignChargePoint) {
    this.#device = device;
  }

  async do({ action }: OperatorRequest): Promise<OperatorOutcome> {
    await new Promise((resolve) => setTimeout(resolve, HAND_MS));
    if (action.kind === "powerOn") await this.#powerOff;
    const reason = this.#begin(action);
    return reason === undefined ? { kind: "done" } : { kind: "cannot", reason };
  }

  async close(): Promise<void> {
    await this.#powerOff;
  }

  /** Gives why that is not possible. */
  #begin(action: OperatorAction): string | undefined {
    const device = this.#device;
    const { sessions, diagnostics, firmware, authorization, certificates } = device;
    switch (action.kind) {
      case "powerOff":
        this.#powerOff = device.powerOff();
        return undefined;
      case "powerOn":
        device.powerOn();
        return undefined;
      case "orderFailure":
        if (action.failure === "download") firmware.failsNextDownload = true;
        else if (action.failure === "upload") diagnostics.failsNextUpload = true;
        else if (action.failure === "installation") firmware.failsNextInstallation = true;
        else authorization.failsNextUpdate = true;
        return undefined;
      case "renewCertificate":
        if (!certificates.canRenew) return "it does not know its operator's name";
        void certificates.renew();
        return undefined;
      case "sendCall":
      case "setIdTag":
        return `${action.kind} is for a Central System`;
      case "fault":
      case "clearFault": {
        const fault = action.kind === "fault" ? action.errorCode : undefined;
        const connector = device.connectors[action.connectorId - 1];
        if (connector === undefined) device.condition.fault = fault;
        else connector.fault = fault;
        device.changed();
        return undefined;
      }
    }
    const connector = device.connectors[action.connectorId - 1];
    if (connector === undefined) return `it has no connector ${action.connectorId}`;
    if (action.kind === "plugIn") sessions.plugIn(connector);
    else if (action.kind === "unplug") sessions.unplug(connector);
    else if (action.kind === "presentIdTag") void sessions.present(connector, action.idTag);
    else if (action.kind === "jamLock") connector.jam = action.jam;
    else this.#pause(connector, action.kind === "evPause");
    return undefined;
  }

  #pause(connector: Connector, isPaused: boolean): void {
    connector.isEvPaused = isPaused;
    this.#device.changed();
  }
}
