/**
 * How connectors share what the Charge Point may take from the grid.
 *
 * Rules: each gets the same, as far as it wants it; what one leaves goes to the others. One that would get less than
 * it can start with gets nothing, the latest first, so that the others have something at all. A limit in A holds on
 * every phase of the grid, in current; one in W holds over all, in power.
 * Units: A per phase of the grid, W. Spec: OCPP 1.6 §3.13.3 (ChargePointMaxProfile).
 */

/** What one connector wants. */
export interface Demand {
  /** The phases of the grid that it loads, 0 to 2. */
  readonly gridPhases: readonly number[];
  readonly maxA: number;
  /** With less it takes nothing. */
  readonly minA: number;
  /** W for each A per phase. */
  readonly wattsPerA: number;
  /** Who came first is served first when there is not enough for everybody. */
  readonly sinceMs: number;
}

/** What all of them may take together; `Infinity`: as much as they like. */
export interface SharedLimit {
  readonly currentA: number;
  readonly powerW: number;
}

/** Room for rounding where a share is compared with what is the least. */
const SHARE_WITHIN_A = 1e-9;

/** The share of each demand, in the same order; 0 for those that go without. */
export function share(demands: readonly Demand[], limit: SharedLimit): readonly number[] {
  if (limit.currentA === Infinity && limit.powerW === Infinity) {
    return demands.map(({ maxA, minA }) => canServe(maxA, minA) ? maxA : 0);
  }
  let served = demands.filter(({ maxA, minA }) => maxA > 0 && canServe(maxA, minA));
  while (true) {
    const shares = fairShares(served, limit);
    const short = served.filter(({ minA }, index) => !canServe(shares[index] ?? 0, minA));
    if (short.length === 0) return demands.map((demand) => shares[served.indexOf(demand)] ?? 0);
    const latest = short.reduce((one, other) => other.sinceMs >= one.sinceMs ? other : one);
    served = served.filter((demand) => demand !== latest);
  }
}

function canServe(shareA: number, minA: number): boolean {
  return shareA + SHARE_WITHIN_A >= minA;
}

function fairShares(demands: readonly Demand[], { currentA, powerW }: SharedLimit): readonly number[] {
  const byCurrent = currentA === Infinity
    ? demands.map(({ maxA }) => maxA)
    : rise(demands.map(({ maxA, gridPhases }) => ({ max: maxA, uses: gridPhases })), currentA);
  if (powerW === Infinity) return byCurrent;
  const byPower = rise(
    demands.map(({ wattsPerA }, index) => ({ max: (byCurrent[index] ?? 0) * wattsPerA, uses: ONE })),
    powerW,
  );
  return byPower.map((shareW, index) => shareW / (demands[index]?.wattsPerA ?? 1));
}

const ONE: readonly number[] = [0];

/**
 * Raises everybody's share alike until each has what it wants or something that it uses is used up.
 *
 * Shape: `uses` names resources by number, each of which gives `limit` in all.
 */
function rise(
  wants: readonly { readonly max: number; readonly uses: readonly number[] }[],
  limit: number,
): readonly number[] {
  const shares = wants.map(() => 0);
  const rising = new Set(wants.keys());
  let level = 0;
  while (rising.size > 0) {
    let next = Infinity;
    for (const index of rising) next = Math.min(next, wants[index]?.max ?? 0);
    for (const resource of resources(wants)) next = Math.min(next, levelWhereUsedUp(resource));
    level = Math.max(level, next);
    for (const index of rising) shares[index] = level;
    const done = [...rising].filter((index) => {
      const { max = 0, uses = ONE } = wants[index] ?? {};
      return max <= level || uses.some((resource) => levelWhereUsedUp(resource) <= level);
    });
    for (const index of done) rising.delete(index);
  }
  return shares;

  /** The level that those who still rise can reach with what the others leave of a resource. */
  function levelWhereUsedUp(resource: number): number {
    let left = limit;
    let users = 0;
    for (const [index, { uses }] of wants.entries()) {
      if (!uses.includes(resource)) continue;
      if (rising.has(index)) users++;
      else left -= shares[index] ?? 0;
    }
    return users === 0 ? Infinity : Math.max(0, left) / users;
  }
}

function resources(wants: readonly { readonly uses: readonly number[] }[]): ReadonlySet<number> {
  return new Set(wants.flatMap(({ uses }) => uses));
}
