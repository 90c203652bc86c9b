/**
 * Who may use an API that this program offers: on loopback everybody, elsewhere who has the token.
 */

const LOOPBACK: ReadonlySet<string> = new Set(["localhost", "127.0.0.1", "::1"]);

/** Whether only this machine reaches an address to listen on. */
export function isLoopback(host: string): boolean {
  return LOOPBACK.has(host);
}

/** A token that nobody guesses; it may stand in a URL. */
export function newToken(): string {
  const bytes = crypto.getRandomValues(new Uint8Array(24));
  return btoa(String.fromCharCode(...bytes)).replaceAll("+", "-").replaceAll("/", "_");
}
