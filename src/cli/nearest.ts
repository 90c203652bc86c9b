/**
 * "Did you mean …?": the known name that a mistyped one is nearest to.
 */

/** The nearest of the names, however its case, unless none is near enough to be meant. */
export function nearest(text: string, names: readonly string[]): string | undefined {
  const wanted = text.slice(0, NAME_MAX_LENGTH).toLowerCase();
  let best: { readonly name: string; readonly distance: number } | undefined;
  for (const name of names) {
    const distance = distanceOf(wanted, name.slice(0, NAME_MAX_LENGTH).toLowerCase());
    if (distance <= Math.max(1, Math.floor(name.length / 3)) && distance < (best?.distance ?? Infinity)) {
      best = { name, distance };
    }
  }
  return best?.name;
}

/** Longer names are compared by their beginnings: the cost grows with the square. */
const NAME_MAX_LENGTH = 64;

/** How many characters have to be changed, added, left out or swapped with the next to make one of the other. */
function distanceOf(one: string, other: string): number {
  let beforeLast: number[] = [];
  let last = Array.from({ length: other.length + 1 }, (_, column) => column);
  for (let row = 1; row <= one.length; row++) {
    const current = [row];
    for (let column = 1; column <= other.length; column++) {
      const differs = one[row - 1] === other[column - 1] ? 0 : 1;
      let cost = Math.min(last[column]! + 1, current[column - 1]! + 1, last[column - 1]! + differs);
      if (row > 1 && column > 1 && one[row - 1] === other[column - 2] && one[row - 2] === other[column - 1]) {
        cost = Math.min(cost, beforeLast[column - 2]! + 1);
      }
      current.push(cost);
    }
    [beforeLast, last] = [last, current];
  }
  return last[other.length]!;
}

/** `, did you mean Reset?`, or nothing. */
export function guessText(text: string, names: readonly string[]): string {
  const guess = nearest(text, names);
  return guess === undefined ? "" : `, did you mean ${guess}?`;
}
