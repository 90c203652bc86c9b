/**
 * What both listeners say about where they listen, and why they cannot.
 */

/** Where to listen. */
export interface ListenAddress {
  /** `localhost` means both loopback addresses, as far as the machine has them. */
  readonly hostname: string;
  /** 0: any free port, the same on each address. */
  readonly port: number;
  /** What the options are called that chose these; absent: `--port` and `--host`. */
  readonly optionNames?: { readonly port: string; readonly host: string };
}

/** The address cannot be listened on; the message says why and what to do. */
export class ListenError extends Error {
  override readonly name = "ListenError";
}

/** The addresses that a name stands for, the one that has to be there first. */
export function hostnamesOf(hostname: string): readonly string[] {
  return hostname === "localhost" ? ["127.0.0.1", "::1"] : [hostname];
}

/** E.g. `127.0.0.1:9000`, `[::1]:9000`. */
export function addressText({ hostname, port }: { hostname: string; port: number }): string {
  return hostname.includes(":") ? `[${hostname}]:${port}` : `${hostname}:${port}`;
}

/** Whether somebody else listens there. */
export function isPortTaken(cause: unknown): boolean {
  return codeOf(cause) === "EADDRINUSE";
}

/** The error for an address that could not be had. */
export function listenErrorOf(cause: unknown, address: ListenAddress): ListenError {
  const { hostname, port } = address;
  return new ListenError(`cannot listen on ${hostname}:${port}: ${reasonOf(cause, address)}`, { cause });
}

function reasonOf(cause: unknown, { port, optionNames }: ListenAddress): string {
  const names = optionNames ?? { port: "--port", host: "--host" };
  switch (codeOf(cause)) {
    case "EADDRINUSE": {
      const who = optionNames === undefined ? " (another `ocpp serve`?)" : "";
      return `port ${port} is in use${who}; stop what uses it or choose another with ${names.port}`;
    }
    case "EADDRNOTAVAIL":
    case "EINVAL": // what `node:net` makes of the same
      return `this machine has no such address; check ${names.host}`;
    case "EACCES":
      return `the system does not allow port ${port}; choose one above 1023 with ${names.port}`;
    case "ENOTFOUND":
      return `this name is unknown; check ${names.host}`;
    default:
      return cause instanceof Error ? cause.message : String(cause);
  }
}

/** Errors of `Deno` and of `node:` modules, by one name. */
function codeOf(cause: unknown): string | undefined {
  if (cause instanceof Deno.errors.AddrInUse) return "EADDRINUSE";
  if (cause instanceof Deno.errors.AddrNotAvailable) return "EADDRNOTAVAIL";
  if (cause instanceof Deno.errors.PermissionDenied) return "EACCES";
  if (cause instanceof Error && cause.message.includes("lookup address")) return "ENOTFOUND";
  return (cause as { code?: string } | null)?.code;
}
