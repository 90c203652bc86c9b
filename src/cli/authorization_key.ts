/**
 * The password of a Charge Point, as `--password` or `--authorization-key-hex` gives it.
 */
import { UsageError } from "./exit_code.ts";

/** The options; both are secrets. */
export interface PasswordOptions {
  readonly password?: string | undefined;
  readonly authorizationKeyHex?: string | undefined;
}

/** The password in hexadecimal digits, upper case, where there is one. Errors: `UsageError` where there are two. */
export function authorizationKeyOf({ password, authorizationKeyHex }: PasswordOptions): string | undefined {
  if (password !== undefined && authorizationKeyHex !== undefined) {
    throw new UsageError("--password and --authorization-key-hex say the same thing: give one of them");
  }
  return password === undefined
    ? authorizationKeyHex?.toUpperCase()
    : new TextEncoder().encode(password).toHex().toUpperCase();
}

/** The password in each spelling that a text may have. */
export function secretsOf(
  authorizationKey: string | undefined,
  password?: string,
): readonly string[] {
  return [authorizationKey, authorizationKey?.toLowerCase(), password].filter((one) => one !== undefined);
}
