/**
 * Tables of text, in columns as wide as what stands in them, and numbers as a person reads them.
 */
import type { Style } from "./terminal.ts";

/** A column; numbers stand to the right. */
export interface Column {
  readonly title: string;
  readonly align: "left" | "right";
}

/** The lines of a table, title line first; each row has a cell for each column. */
export function tableLines(
  columns: readonly Column[],
  rows: readonly (readonly string[])[],
  style: Pick<Style, "dim">,
): readonly string[] {
  const widths = columns.map(({ title }, index) =>
    Math.max(title.length, ...rows.map((row) => row[index]!.length))
  );
  const line = (cells: readonly string[]) =>
    cells.map((cell, index) =>
      columns[index]!.align === "right" ? cell.padStart(widths[index]!) : cell.padEnd(widths[index]!)
    ).join("  ").trimEnd();
  return [style.dim(line(columns.map(({ title }) => title))), ...rows.map(line)];
}

/** `45 s`, `1 min 05 s`, `2 h 03 min`. */
export function durationText(durationMs: number): string {
  const seconds = Math.round(durationMs / 1000);
  const two = (value: number) => String(value).padStart(2, "0");
  if (seconds < 60) return `${seconds} s`;
  if (seconds < 3_600) return `${Math.floor(seconds / 60)} min ${two(seconds % 60)} s`;
  return `${Math.floor(seconds / 3_600)} h ${two(Math.floor(seconds % 3_600 / 60))} min`;
}

/** `183 Wh`, `12.35 kWh`. */
export function energyText(energyWh: number): string {
  return energyWh < 10_000 ? `${Math.round(energyWh)} Wh` : `${(energyWh / 1000).toFixed(2)} kWh`;
}

/** `<1 ms`, `12 ms`, `12.3 s`. */
export function latencyText(latencyMs: number): string {
  if (latencyMs < 1) return "<1 ms";
  return latencyMs < 10_000 ? `${Math.round(latencyMs)} ms` : `${(latencyMs / 1000).toFixed(1)} s`;
}

/** `1,234,567`. */
export function countText(count: number): string {
  return String(count).replace(/\B(?=(\d{3})+$)/g, ",");
}

/** `1 session`, `2 sessions`. */
export function amountText(count: number, noun: string): string {
  return `${countText(count)} ${noun}${count === 1 ? "" : "s"}`;
}
