/**
 * Simulated Charge Points that have booted and told their statuses, as `ocpp simulate --idle --count` runs
 * them. Arguments: port, how many.
 */
import { NativeClient } from "../../../src/adapters/native_client.ts";
import { systemClock } from "../../../src/adapters/system_clock.ts";
import { STANDARD } from "../../../src/charge_point/description.ts";
import { Run } from "../../../src/cli/simulate/run.ts";
import { reportMemory } from "./memory_report.ts";

const [port, count] = [Number(Deno.args[0]), Number(Deno.args[1])];
const identities = Array.from({ length: count }, (_, index) => `CP-${String(index + 1).padStart(5, "0")}`);
let open = 0;
let told = 0;
const settled = Promise.withResolvers<void>();

const run = new Run({
  urls: { plain: `ws://127.0.0.1:${port}`, tls: `wss://127.0.0.1:${port}` },
  security: { securityProfile: 0, roots: [] },
  identities,
  configuration: {},
  heartbeatIntervalSeconds: 86_400,
  durationSeconds: 60,
  cycles: 0,
  idle: true,
  idTag: "TAG001",
  speed: 1,
  connectTimeoutSeconds: 600,
  validation: "strict",
}, {
  clock: systemClock,
  transport: new NativeClient({ validation: "strict" }),
  description: STANDARD,
  seed: 1,
  start: { spacingMs: 2 },
  newUniqueId: () => crypto.randomUUID(),
  observe: (_chargePoint, event) => {
    if (event.kind === "linkUp") open += 1;
    if (event.kind === "linkDown") open -= 1;
    if (event.kind !== "callAnswered") return;
    if (event.action === "StatusNotification") told += 1;
    if (told === 2 * count) settled.resolve();
  },
});
void run.play();
await settled.promise;
await reportMemory(() => open === count);
