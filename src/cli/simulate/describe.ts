/**
 * What a simulated Charge Point is when nobody says more: AC, three phases, and an EV that charges at 11 kW.
 */
import type { ChargePointDescription } from "../../charge_point/contract.ts";

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
    chargePointVendor: options.vendor,
    chargePointModel: options.model,
    ...(options.firmwareVersion === undefined ? {} : { firmwareVersion: options.firmwareVersion }),
    connectors: options.connectors,
    supply: { phases: 3, voltageV: 230, maxCurrentA: 32 },
    vehicle: { batteryCapacityWh: 60_000, socAtArrivalPercent: 40, phases: 3, maxCurrentA: 16 },
  };
}
