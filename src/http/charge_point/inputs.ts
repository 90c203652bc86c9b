/**
 * What a user, an EV or a technician does to a simulated Charge Point, as a request says it: the user's inputs of
 * `charge_point/contract.ts`, and a vehicle by its name too.
 */
import { z } from "@hono/zod-openapi";
import { type ChargePointDescription, hasProfile } from "../../charge_point/description.ts";
import { ChargePointErrorCode } from "../../ocpp/types.ts";
import { ORDERED_FAILURES } from "../../charge_point/contract.ts";
import type { UserInput } from "../../runtime/charge_point_host.ts";
import { vehicleOf } from "../../scenario/described.ts";
import { VehicleFile } from "../../scenario/description_file.ts";

const connectorId = z.int().min(1);
const text = (maxLength: number) => z.string().min(1).max(maxLength);

const AT_CONNECTOR = [
  z.strictObject({ kind: z.literal("plugIn"), connectorId, vehicle: VehicleFile.optional() }),
  z.strictObject({ kind: z.literal("unplug"), connectorId }),
  z.strictObject({ kind: z.literal("evPause"), connectorId }),
  z.strictObject({ kind: z.literal("evResume"), connectorId }),
  z.strictObject({ kind: z.literal("jamLock"), connectorId, jam: z.enum(["lock", "unlock", "none"]) }),
] as const;

const ANYWHERE = [
  z.strictObject({
    kind: z.literal("presentIdTag"),
    idTag: text(20),
    connectorId: connectorId.optional(),
  }),
  z.strictObject({
    kind: z.literal("fault"),
    connectorId: z.int().min(0),
    errorCode: ChargePointErrorCode.exclude(["NoError"]),
  }),
  z.strictObject({ kind: z.literal("clearFault"), connectorId: z.int().min(0) }),
  z.strictObject({ kind: z.literal("emergencyStop") }),
  z.strictObject({
    kind: z.literal("gridLimit"),
    maxCurrentA: z.number().min(0).optional(),
    maxPowerW: z.number().min(0).optional(),
  }),
  z.strictObject({ kind: z.literal("powerOff") }),
  z.strictObject({ kind: z.literal("watchdog") }),
  z.strictObject({ kind: z.literal("orderFailure"), failure: z.enum(ORDERED_FAILURES) }),
  z.strictObject({ kind: z.literal("securityEvent"), type: text(50), techInfo: text(255).optional() }),
  z.strictObject({ kind: z.literal("renewCertificate") }),
  z.strictObject({
    kind: z.literal("sendDataTransfer"),
    vendorId: text(255),
    messageId: text(50).optional(),
    data: z.string().optional(),
  }),
  z.strictObject({ kind: z.literal("setConfiguration"), key: text(50), value: z.string().max(500) }),
  z.strictObject({ kind: z.literal("factoryReset") }),
] as const;

/** One input; which fields it has depends on its `kind`. */
export const InputRequest = z.discriminatedUnion("kind", [...AT_CONNECTOR, ...ANYWHERE]).openapi("Input");
type InputRequest = z.infer<typeof InputRequest>;

/** An input that the contract gains and this file lacks, or the other way round: it does not compile then. */
type Difference =
  | Exclude<UserInput["kind"], InputRequest["kind"]>
  | Exclude<InputRequest["kind"], UserInput["kind"]>;
const NO_DIFFERENCE: [Difference] extends [never] ? true : never = true;

/** The input that a request asks for, or why this Charge Point cannot have it. */
export function inputOf(
  request: InputRequest,
  description: ChargePointDescription,
): { ok: true; input: UserInput } | { ok: false; why: string } {
  void NO_DIFFERENCE;
  if ("connectorId" in request && (request.connectorId ?? 0) > description.connectors) {
    const { connectors } = description;
    return { ok: false, why: `there is no connector ${request.connectorId}; it has ${connectors}` };
  }
  if (request.kind === "renewCertificate" && !hasProfile(description, "Security")) {
    return { ok: false, why: "it does not know certificates: the feature profile Security is missing" };
  }
  if (request.kind === "plugIn" && request.vehicle !== undefined) {
    const { kind, connectorId } = request;
    const vehicle = vehicleOf(request.vehicle, description.vehicle);
    return { ok: true, input: { kind, connectorId, vehicle } };
  }
  const given = Object.fromEntries(Object.entries(request).filter(([, value]) => value !== undefined));
  return { ok: true, input: given as unknown as UserInput };
}
