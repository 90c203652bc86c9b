/**
 * `ocpp simulate --list-presets`: the Charge Points and EVs that have names.
 */
import type { ChargePointDescription } from "../../charge_point/description.ts";
import type { VehicleDescription } from "../../charge_point/energy/vehicle_description.ts";
import { presetNamed } from "../../scenario/described.ts";
import { PRESET_NAMES, VEHICLE_NAMES } from "../../scenario/description_file.ts";
import { VEHICLES } from "../../charge_point/energy/vehicle_description.ts";
import { type Column, tableLines } from "../table.ts";
import { stdout } from "../terminal.ts";

const left = (title: string): Column => ({ title, align: "left" });
const right = (title: string): Column => ({ title, align: "right" });

/** Prints both lists. */
export function listPresets(): void {
  const { style } = stdout;
  const section = (title: string, lines: readonly string[]) =>
    stdout.write(`${style.bold(title)}\n${lines.map((line) => `  ${line}\n`).join("")}`);
  section(
    "Charge Points: --preset, or preset in a description file",
    tableLines(
      [left("name"), left("from the grid"), left("to the EV"), left("cable"), left("EV that comes")],
      PRESET_NAMES.map((name) => chargePointRow(name, presetNamed(name))),
      style,
    ),
  );
  stdout.write("\n");
  section(
    "EVs: vehicle in a description file, or of the input plugIn",
    tableLines(
      [left("name"), right("battery"), right("arrives with"), left("AC"), left("DC")],
      VEHICLE_NAMES.map((name) => vehicleRow(name, VEHICLES[name])),
      style,
    ),
  );
}

function chargePointRow(name: string, { supply, cable, vehicle }: ChargePointDescription): string[] {
  const { phases, voltageV, maxCurrentA, dc } = supply;
  return [
    name,
    `${phases} × ${voltageV} V, ${maxCurrentA} A`,
    dc === undefined
      ? `AC ${kilo(phases * voltageV * maxCurrentA)}W`
      : `DC ${kilo(dc.maxPowerW)}W, up to ${dc.maxVoltageV} V and ${dc.maxCurrentA} A`,
    cable,
    VEHICLE_NAMES.find((one) => VEHICLES[one] === vehicle) ?? "",
  ];
}

function vehicleRow(name: string, vehicle: VehicleDescription): string[] {
  const { batteryCapacityWh, socAtArrivalPercent, phases, maxCurrentA, minCurrentA, dc } = vehicle;
  return [
    name,
    `${kilo(batteryCapacityWh)}Wh`,
    `${socAtArrivalPercent} %`,
    `${phases} × ${minCurrentA ?? 6} to ${maxCurrentA} A`,
    dc === undefined
      ? "none"
      : `up to ${kilo(Math.max(...dc.curve.map(({ powerW }) => powerW)))}W at ${dc.nominalVoltageV} V`,
  ];
}

function kilo(value: number): string {
  return `${Math.round(value / 100) / 10} k`;
}
