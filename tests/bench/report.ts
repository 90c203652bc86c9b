/**
 * Figures as a table.
 */

/** One figure, with its goal if it has one. */
export interface Row {
  readonly name: string;
  readonly value: string;
  readonly goal?: string;
  readonly holds?: boolean;
}

/** The table as text. */
export function table(rows: readonly Row[]): string {
  const width = Math.max(...rows.map(({ name }) => name.length));
  const valueWidth = Math.max(...rows.map(({ value }) => value.length));
  return rows.map(({ name, value, goal, holds }) => {
    const verdict = goal === undefined ? "" : `  goal ${goal}: ${holds ? "holds" : "DOES NOT HOLD"}`;
    return `${name.padEnd(width)}  ${value.padEnd(valueWidth)}${verdict}`.trimEnd();
  }).join("\n");
}

/** The value below which this share of them is; 0 where there are none. */
export function quantile(values: readonly number[], share: number): number {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? 0;
}

/** The middle value. */
export function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  const middle = Math.floor(sorted.length / 2);
  return sorted.length % 2 === 1 ? sorted[middle]! : (sorted[middle - 1]! + sorted[middle]!) / 2;
}
