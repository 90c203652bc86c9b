/**
 * Which of the installed charging profiles counts at a moment.
 *
 * Rules: of one purpose the highest stackLevel whose schedule says something counts. A TxProfile counts before the
 * TxDefaultProfile of its connector, and that one before the TxDefaultProfile of all. Where the schedules of the
 * first of them say nothing, the next one is asked: the text does not say it of a TxProfile that has ended, and the
 * stricter reading harms nobody's fuse. ChargePointMaxProfile limits all connectors together, besides.
 * Spec: OCPP 1.6 §3.13.2–3.13.4.
 */
import type { ChargingProfilePurpose } from "../../ocpp/charging_profile.ts";
import { type InstalledProfile, limitAt, type LimitAtMoment, NO_LIMIT } from "./installed_profile.ts";

/** A connector at a moment. */
export interface ConnectorMoment {
  readonly connectorId: number;
  readonly atMs: number;
  /** When its transaction began; without one the moment itself. */
  readonly chargingStartMs: number;
  /** Whether a transaction runs, for which a TxProfile may be installed. */
  readonly isInTransaction: boolean;
}

/** What limits one connector, apart from what limits all of them. */
export function connectorLimit(
  profiles: readonly InstalledProfile[],
  moment: ConnectorMoment,
): LimitAtMoment {
  const { connectorId, isInTransaction } = moment;
  if (profiles.length === 0) return NO_LIMIT;
  let untilMs = Infinity;
  const asked: readonly (readonly [ChargingProfilePurpose, number])[] = [
    ...(isInTransaction ? [["TxProfile", connectorId] as const] : []),
    ["TxDefaultProfile", connectorId],
    ["TxDefaultProfile", 0],
  ];
  for (const [purpose, ofConnectorId] of asked) {
    const found = prevailing(profiles, { purpose, connectorId: ofConnectorId }, moment);
    untilMs = Math.min(untilMs, found.untilMs);
    if (found.limit !== undefined) return { limit: found.limit, untilMs };
  }
  return { limit: undefined, untilMs };
}

/** What limits all connectors together. */
export function chargePointLimit(profiles: readonly InstalledProfile[], atMs: number): LimitAtMoment {
  if (profiles.length === 0) return NO_LIMIT;
  const which = { purpose: "ChargePointMaxProfile", connectorId: 0 } as const;
  return prevailing(profiles, which, { atMs, chargingStartMs: atMs });
}

function prevailing(
  profiles: readonly InstalledProfile[],
  which: { readonly purpose: ChargingProfilePurpose; readonly connectorId: number },
  moment: { readonly atMs: number; readonly chargingStartMs: number },
): LimitAtMoment {
  let best: { stackLevel: number; at: LimitAtMoment } | undefined;
  let untilMs = Infinity;
  for (const installed of profiles) {
    const { chargingProfilePurpose, stackLevel } = installed.chargingProfile;
    if (installed.connectorId !== which.connectorId || chargingProfilePurpose !== which.purpose) continue;
    const at = limitAt(installed, moment);
    untilMs = Math.min(untilMs, at.untilMs);
    if (at.limit !== undefined && (best === undefined || stackLevel > best.stackLevel)) {
      best = { stackLevel, at };
    }
  }
  return { limit: best?.at.limit, untilMs };
}
