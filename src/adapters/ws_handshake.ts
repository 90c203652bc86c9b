/**
 * What every WebSocket client here does alike before a link is open: showing credentials, and reading why a server
 * answered in plain HTTP instead.
 */
import type { IncomingMessage } from "node:http";
import { explanationIn } from "./ws_failure.ts";

/** How much of an HTTP answer's body is read, and how long that may take. */
const BODY_BYTES_MAX = 4_096;
const BODY_MAX_MS = 2_000;

/** A password is bytes, which need not be text. */
export interface Credentials {
  readonly user: string;
  readonly password: Uint8Array;
}

/** Spec: OCPP-J 1.6 §6.2.1: the password is the key's bytes, whatever they are. */
export function basicHeader({ user, password }: Credentials): string {
  return `Basic ${new Uint8Array([...new TextEncoder().encode(`${user}:`), ...password]).toBase64()}`;
}

/** Tells, once, what an HTTP answer says to a person: one line, empty where it says nothing or repeats a secret. */
export function readExplanation(
  response: IncomingMessage,
  credentials: Credentials | undefined,
  tell: (explanation: string) => void,
): void {
  const parts: Uint8Array[] = [];
  let bytes = 0;
  let isTold = false;
  const finish = () => {
    clearTimeout(timer);
    if (isTold) return;
    isTold = true;
    const body = new TextDecoder().decode(new Uint8Array(parts.flatMap((part) => [...part])));
    tell(explanationIn(body, {
      contentType: response.headers["content-type"] ?? "",
      secrets: credentials === undefined
        ? []
        : [credentials.password.toBase64(), basicHeader(credentials), textOf(credentials.password)],
    }));
  };
  const timer = setTimeout(finish, BODY_MAX_MS);
  response.on("data", (part: Uint8Array) => {
    parts.push(part.subarray(0, BODY_BYTES_MAX - bytes));
    bytes += part.length;
    if (bytes >= BODY_BYTES_MAX) finish();
  });
  response.on("end", finish);
  response.on("error", finish);
}

function textOf(bytes: Uint8Array): string {
  return new TextDecoder().decode(bytes);
}
