/**
 * What a simulated Charge Point is when nobody says more: AC, three phases, and an EV that charges at 11 kW.
 */
import { type ChargePointDescription, STANDARD } from "../../charge_point/description.ts";

/** Describes it. */
export function describeChargePoint(
  options: {
    readonly vendor: string;
    readonly model: string;
    readonly firmwareVersion?: string | undefined;
    readonly connectors: number;
  },
): ChargePointDescription {
  return {
    ...STANDARD,
    chargePointVendor: options.vendor,
    chargePointModel: options.model,
    ...(options.firmwareVersion === undefined ? {} : { firmwareVersion: options.firmwareVersion }),
    connectors: options.connectors,
  };
}
