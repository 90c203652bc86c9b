/**
 * A Call that tells a Charge Point a password or a security profile: what is kept before it goes out, and after its
 * answer.
 */
import type { CommandOutcome } from "../central_system/commands.ts";
import type { RecordChangeOutcome } from "../central_system/record_change.ts";
import {
  type SecurityChange,
  securityChangeAfter,
  type SecurityOrder,
} from "../central_system/security_change.ts";

/** What it takes to make such a Call. */
export interface SecurityCallMeans {
  /** `undefined`: too many passwords are waiting. */
  hash(password: Uint8Array): Promise<string | undefined>;
  change(change: SecurityChange): Promise<RecordChangeOutcome | "storeFailed">;
  call(): Promise<CommandOutcome>;
}

/** Makes the Call; when its outcome is told, what it means is stored. */
export async function callAboutSecurity(
  order: SecurityOrder,
  { hash, change, call }: SecurityCallMeans,
): Promise<CommandOutcome> {
  if (order.kind === "profile") {
    const outcome = await call();
    return await settled(securityChangeAfter(order, outcome), outcome, change);
  }
  const passwordHash = await hash(order.password);
  if (passwordHash === undefined) return { kind: "queueFull" };
  // Both into the same turn, in this order: it is kept before it is told.
  const offered = change({ kind: "passwordOffered", passwordHash });
  const outcome = await call();
  await offered;
  const answered = WAS_NEVER_SENT.has(outcome.kind)
    ? { kind: "passwordAnswered", passwordHash, isAccepted: false } as const
    : securityChangeAfter({ kind: "password", passwordHash }, outcome);
  return await settled(answered, outcome, change);
}

const WAS_NEVER_SENT: ReadonlySet<CommandOutcome["kind"]> = new Set<CommandOutcome["kind"]>([
  ...["badCommand", "unknownChargePoint", "notConnected", "notBooted"] as const,
  ...["pending", "rejected", "queueFull"] as const,
]);

async function settled(
  change: SecurityChange | undefined,
  outcome: CommandOutcome,
  store: SecurityCallMeans["change"],
): Promise<CommandOutcome> {
  // Where it cannot be stored, both stay good until the next link settles it.
  if (change !== undefined) await store(change);
  return outcome;
}
