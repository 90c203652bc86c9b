/**
 * Meter Values: one reading of a meter at one moment, in one or several measurands.
 *
 * Shape: `{ timestamp, sampledValue: [{ value: "1234", measurand?, unit?, … }] }`; `value` is always a text.
 * Units: named by `unit`; `Wh` where an energy measurand has none, hertz for Frequency, which has no unit.
 * Spec: OCPP 1.6 §7.30–31, §7.33–35, §7.43, §7.45, §7.49.
 */
import * as z from "zod";
import { DateTime } from "./types.ts";

export const ReadingContext = z.enum([
  "Interruption.Begin",
  "Interruption.End",
  "Sample.Clock",
  "Sample.Periodic",
  "Transaction.Begin",
  "Transaction.End",
  "Trigger",
  "Other",
]);
export type ReadingContext = z.infer<typeof ReadingContext>;

export const ValueFormat = z.enum(["Raw", "SignedData"]);

export const Measurand = z.enum([
  "Energy.Active.Export.Register",
  "Energy.Active.Import.Register",
  "Energy.Reactive.Export.Register",
  "Energy.Reactive.Import.Register",
  "Energy.Active.Export.Interval",
  "Energy.Active.Import.Interval",
  "Energy.Reactive.Export.Interval",
  "Energy.Reactive.Import.Interval",
  "Power.Active.Export",
  "Power.Active.Import",
  "Power.Offered",
  "Power.Reactive.Export",
  "Power.Reactive.Import",
  "Power.Factor",
  "Current.Import",
  "Current.Export",
  "Current.Offered",
  "Voltage",
  "Frequency",
  "Temperature",
  "SoC",
  "RPM",
]);
export type Measurand = z.infer<typeof Measurand>;

export const Phase = z.enum(["L1", "L2", "L3", "N", "L1-N", "L2-N", "L3-N", "L1-L2", "L2-L3", "L3-L1"]);
export type Phase = z.infer<typeof Phase>;

export const Location = z.enum(["Cable", "EV", "Inlet", "Outlet", "Body"]);

/** Both spellings of Celsius are official. Spec: errata OCPP-J 1.6 (2025-04). */
export const UnitOfMeasure = z.enum([
  "Wh",
  "kWh",
  "varh",
  "kvarh",
  "W",
  "kW",
  "VA",
  "kVA",
  "var",
  "kvar",
  "A",
  "V",
  "K",
  "Celcius",
  "Celsius",
  "Fahrenheit",
  "Percent",
]);
export type UnitOfMeasure = z.infer<typeof UnitOfMeasure>;

export const SampledValue = z.strictObject({
  value: z.string(),
  context: ReadingContext.optional(),
  format: ValueFormat.optional(),
  measurand: Measurand.optional(),
  phase: Phase.optional(),
  location: Location.optional(),
  unit: UnitOfMeasure.optional(),
});
export type SampledValue = z.infer<typeof SampledValue>;

export const MeterValue = z.strictObject({
  timestamp: DateTime,
  sampledValue: z.array(SampledValue),
});
export type MeterValue = z.infer<typeof MeterValue>;

/** The measurand that a SampledValue without one stands for. Spec: OCPP 1.6 §7.43. */
export const DEFAULT_MEASURAND: Measurand = "Energy.Active.Import.Register";
