/**
 * Random choices that are none: the same seed and the same question give the same number.
 */

/**
 * A fraction from 0 up to but not including 1.
 *
 * Shape: `salt` says which choice is meant, e.g. the connectorId, so that choices are independent of their order.
 */
export function seededFraction(seed: number, salt: number): number {
  // The finishing steps of MurmurHash3: every bit of the input changes about half of the output.
  let bits = (Math.imul(seed | 0, 0x9e3779b1) ^ Math.imul((salt | 0) + 1, 0x85ebca6b)) >>> 0;
  bits = Math.imul(bits ^ (bits >>> 16), 0x85ebca6b) >>> 0;
  bits = Math.imul(bits ^ (bits >>> 13), 0xc2b2ae35) >>> 0;
  return ((bits ^ (bits >>> 16)) >>> 0) / 0x1_0000_0000;
}
