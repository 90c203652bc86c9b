/**
 * How the link of a Charge Point that is added is secured: the body's words for `LinkSecurity`. Secrets stand in it;
 * no message repeats a value.
 */
import { z } from "@hono/zod-openapi";
import type { LinkSecurity } from "../../charge_point/job.ts";

/** The longest chain or bundle, in characters. */
const PEM_MAX_LENGTH = 20_000;

/** Authorities of one Charge Point. */
const ROOTS_MAX = 10;

function pem(label: string) {
  return z.string().max(PEM_MAX_LENGTH, { error: `has at most ${PEM_MAX_LENGTH} characters` })
    .refine((text) => text.includes(`-----BEGIN ${label}-----`), {
      error: `is PEM, -----BEGIN ${label}-----`,
    });
}

/** Shape: `{ "securityProfile": 2, "authorizationKeyHex": "0123…", "roots": ["-----BEGIN CERTIFICATE-----…"] }`. */
export const AddedSecurity = z.strictObject({
  securityProfile: z.int().min(0).max(3),
  authorizationKeyHex: z.string().refine((text) => /^(?:[0-9a-f]{2}){16,20}$/i.test(text), {
    error: "is 16 to 20 bytes in hexadecimal",
  }).optional().openapi({ description: "the password; profiles 1 and 2 show it" }),
  roots: z.array(pem("CERTIFICATE")).max(ROOTS_MAX).optional().openapi({
    description: "authorities to trust, PEM, one an item; none: the system's",
  }),
  clientCertificate: z.strictObject({ chain: pem("CERTIFICATE"), privateKey: pem("PRIVATE KEY") }).optional()
    .openapi({ description: "PEM, sub-CAs after the certificate, PKCS#8; profile 3 shows it" }),
}).superRefine(({ securityProfile, authorizationKeyHex, clientCertificate }, context) => {
  const isPassword = securityProfile === 1 || securityProfile === 2;
  if (isPassword && authorizationKeyHex === undefined) {
    context.addIssue(`profile ${securityProfile} shows a password: add authorizationKeyHex`);
  }
  if (securityProfile === 3 && clientCertificate === undefined) {
    context.addIssue("profile 3 shows a certificate: add clientCertificate");
  }
}).openapi("Security");

/** The same for the core. */
export function linkSecurityOf(
  { securityProfile, authorizationKeyHex, roots = [], clientCertificate }: z.infer<typeof AddedSecurity>,
): LinkSecurity {
  return {
    securityProfile: securityProfile as LinkSecurity["securityProfile"],
    roots,
    ...(authorizationKeyHex === undefined ? {} : { authorizationKey: authorizationKeyHex.toLowerCase() }),
    ...(clientCertificate === undefined ? {} : { clientCertificate }),
  };
}
