/**
 * Tests over real sockets, once on each listener of `ocpp serve`: what is promised holds on both.
 */
import type { Need } from "./needs.ts";
import {
  overSockets,
  startHardenedServer,
  startServer,
  type TestServer,
  type TestServerOptions,
} from "./server.ts";
import { VirtualClock } from "./virtual_clock.ts";

/** Which of them a test is on. */
export type ListenerKind = "native" | "hardened";

/** Starts a Central System on the listener that the test is about. */
export type StartServer = (options?: TestServerOptions) => Promise<TestServer>;

/**
 * Defines a test twice, on the native listener and on the hardened one, whose `ws` reads the environment when it is
 * imported.
 */
export function onBothListeners(
  name: string,
  fn: (start: StartServer, listener: ListenerKind) => Promise<void>,
  ...more: readonly Need[]
): void {
  const native: StartServer = (options) => Promise.resolve(startServer(options));
  Deno.test({ ...overSockets(`${name} [native]`, ...more), fn: () => fn(native, "native") });
  Deno.test({
    ...overSockets(`${name} [hardened]`, "env", ...more),
    fn: () => fn(startHardenedServer, "hardened"),
  });
}

/** One Central System after the other on one database, in the same virtual time. */
export class Runs implements AsyncDisposable {
  readonly clock = new VirtualClock({ nowMs: Date.UTC(2026, 0, 1, 12) });
  readonly #start: StartServer;
  readonly #directory: string;
  #server: TestServer | undefined;

  constructor(start: StartServer, directory: string) {
    this.#start = start;
    this.#directory = directory;
  }

  /** Where the database is. */
  get database(): string {
    return `${this.#directory}/test.db`;
  }

  /** Starts one; the one before is ended. */
  async start(options: TestServerOptions = {}): Promise<TestServer> {
    await this.end();
    const { database, clock } = this;
    return this.#server = await this.#start({ database, clock, ...options });
  }

  async end(): Promise<void> {
    await this.#server?.[Symbol.asyncDispose]();
    this.#server = undefined;
  }

  /** The time as text, some time ago. */
  at(agoMs = 0): string {
    return new Date(this.clock.nowMs() - agoMs).toISOString();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.end();
  }
}

/** As `onBothListeners`, for what is to hold from one run of the program to the next. */
export function runsOnBothListeners(name: string, fn: (runs: Runs) => Promise<void>): void {
  onBothListeners(
    name,
    async (start) => {
      const directory = await Deno.makeTempDir({ prefix: "ocpp-runs-" });
      try {
        await using runs = new Runs(start, directory);
        await fn(runs);
      } finally {
        await Deno.remove(directory, { recursive: true });
      }
    },
    "read",
    "write",
  );
}
