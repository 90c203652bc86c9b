/**
 * Payloads of the LocalAuthListManagement profile.
 *
 * Spec: OCPP 1.6 §3.5.2, §5.10, §5.15; §6.27–28, §6.41–42, §7.1.
 */
import * as z from "zod";
import { empty, IdTagInfo, IdToken } from "../types.ts";

export const GetLocalListVersionReq = empty();
/** 0: the list is empty; -1: there is no list. */
export const GetLocalListVersionConf = z.strictObject({ listVersion: z.int() });

/** One entry. Without `idTagInfo` a Differential update deletes it; a Full one must have it. */
export const AuthorizationData = z.strictObject({ idTag: IdToken, idTagInfo: IdTagInfo.optional() });

export const SendLocalListReq = z.strictObject({
  listVersion: z.int(),
  localAuthorizationList: z.array(AuthorizationData).optional(),
  updateType: z.enum(["Differential", "Full"]),
});
export const SendLocalListConf = z.strictObject({
  status: z.enum(["Accepted", "Failed", "NotSupported", "VersionMismatch"]),
});
