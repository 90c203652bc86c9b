/**
 * Whether what a Charge Point under test says of energy can be true: a register that counts what was taken never falls.
 * Spec: OCPP 1.6 §3.16.3 (registers), §6.45 `meterStart`, §6.49 `meterStop`.
 *
 * Rules: only what has a connector and a moment is compared, in the order of its moments; what an export or a phase
 * counts, or is signed, is another register. A reading is a decimal number (§7.43 `value`).
 */
import type { Action } from "../ocpp/action.ts";
import { atMsOf } from "../ocpp/date_time.ts";
import { jsonText } from "../ocpp/json.ts";
import { DEFAULT_MEASURAND, type MeterValue, type SampledValue } from "../ocpp/meter_value.ts";
import type { Conf, Req } from "../ocpp/registry.ts";

/** What rounding may take away: readings in kWh may have one digit after the point, or none. */
const TOLERANCE_WH = 100;
const WHOLE_KWH_TOLERANCE_WH = 1_000;

/** The most transactions whose connector is remembered. */
const TRANSACTIONS_MAX = 1_000;

/** A register at a moment. `told`: as it came; `wh` is not finite where that was no number. */
interface Reading {
  readonly told: string | number;
  readonly wh: number;
  readonly toleranceWh: number;
  readonly atMs: number;
}

/** Of one Charge Point, whatever cases are played on it. */
export class RegisterCheck {
  readonly #last = new Map<number, Reading>();
  /** Connectors of transactions, by transactionId. */
  readonly #connectors = new Map<number, number>();

  /** A StartTransaction was answered. */
  noteStarted({ connectorId }: Req<"StartTransaction">, { transactionId }: Conf<"StartTransaction">): void {
    this.#connectors.set(transactionId, connectorId);
    const [first] = this.#connectors.keys();
    if (this.#connectors.size > TRANSACTIONS_MAX && first !== undefined) this.#connectors.delete(first);
  }

  /** What cannot be true of a Call's registers, if anything. */
  fault(
    action: Action,
    payload: unknown,
  ): { readonly expected: string; readonly came: string } | undefined {
    const [connectorId, readings] = this.#readings(action, payload);
    if (connectorId === undefined) return undefined;
    for (const reading of readings.toSorted((one, other) => one.atMs - other.atMs)) {
      if (!Number.isFinite(reading.wh)) {
        return {
          expected: `the register of connector ${connectorId} to be a number`,
          came: jsonText(reading.told),
        };
      }
      const last = this.#last.get(connectorId);
      if (last !== undefined && reading.atMs < last.atMs) continue; // queued, and out of its order
      this.#last.set(connectorId, reading); // one fall is one fault
      if (last !== undefined && reading.wh < last.wh - Math.max(reading.toleranceWh, last.toleranceWh)) {
        return {
          expected:
            `the register of connector ${connectorId} to be no less than ${last.wh} Wh, as it was before`,
          came: `${reading.wh} Wh`,
        };
      }
    }
    return undefined;
  }

  #readings(action: Action, payload: unknown): readonly [number | undefined, readonly Reading[]] {
    switch (action) {
      case "StartTransaction": {
        const { connectorId, meterStart, timestamp } = payload as Req<"StartTransaction">;
        return [connectorId, [integerWh(meterStart, timestamp)]];
      }
      case "StopTransaction": {
        const { transactionId, meterStop, timestamp, transactionData = [] } = payload as Req<
          "StopTransaction"
        >;
        const readings = [...transactionData.flatMap(readingsOf), integerWh(meterStop, timestamp)];
        return [this.#connectors.get(transactionId), readings];
      }
      case "MeterValues": {
        const { connectorId, meterValue } = payload as Req<"MeterValues">;
        return [connectorId, meterValue.flatMap(readingsOf)];
      }
      default:
        return [undefined, []];
    }
  }
}

/** `meterStart` or `meterStop`. */
function integerWh(wh: number, timestamp: string): Reading {
  return { told: wh, wh, toleranceWh: TOLERANCE_WH, atMs: atMsOf(timestamp) };
}

function readingsOf({ timestamp, sampledValue }: MeterValue): readonly Reading[] {
  return sampledValue.filter(isRegister).map((sampled) => ({
    wh: energyWhOf(sampled),
    toleranceWh: sampled.unit === "kWh" && !sampled.value.includes(".")
      ? WHOLE_KWH_TOLERANCE_WH
      : TOLERANCE_WH,
    told: sampled.value,
    atMs: atMsOf(timestamp),
  }));
}

/** The energy that a sample tells, in Wh; `NaN` where it is no number. */
export function energyWhOf({ value, unit }: SampledValue): number {
  return value.trim() === "" ? NaN : Number(value) * (unit === "kWh" ? 1_000 : 1);
}

/** The one that `meterStart` and `meterStop` are of. */
function isRegister(
  { measurand = DEFAULT_MEASURAND, phase, format = "Raw", location = "Outlet" }: SampledValue,
) {
  return measurand === DEFAULT_MEASURAND && phase === undefined && format === "Raw" && location === "Outlet";
}
