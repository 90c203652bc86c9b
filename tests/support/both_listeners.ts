/**
 * Tests of transactions over real sockets, once on each listener, in virtual time.
 */
import { needs } from "./needs.ts";
import { startHardenedServer, startServer, type TestServer, type TestServerOptions } from "./server.ts";
import { VirtualClock } from "./virtual_clock.ts";

/** One Central System after the other on one database, in the same virtual time. */
export class Runs implements AsyncDisposable {
  readonly clock = new VirtualClock({ nowMs: Date.UTC(2026, 0, 1, 12) });
  readonly #listener: "native" | "hardened";
  readonly #options: TestServerOptions;
  readonly #directory: string;
  #server: TestServer | undefined;

  constructor(listener: "native" | "hardened", directory: string, options: TestServerOptions) {
    this.#listener = listener;
    this.#directory = directory;
    this.#options = options;
  }

  /** Where the database is. */
  get database(): string {
    return `${this.#directory}/test.db`;
  }

  /** Starts one; the one before is ended. */
  async start(options: TestServerOptions = {}): Promise<TestServer> {
    await this.end();
    const start = this.#listener === "native" ? startServer : startHardenedServer;
    const { database, clock } = this;
    return this.#server = await start({ database, clock, ...this.#options, ...options });
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

/** Declares a test for each listener. */
export function onBothListeners(
  name: string,
  fn: (runs: Runs) => Promise<void>,
  options: TestServerOptions = {},
): void {
  for (const listener of ["native", "hardened"] as const) {
    Deno.test({
      ...needs("net", "read", "write", "env")(`${name} (${listener} listener)`),
      sanitizeOps: true,
      sanitizeResources: true,
      async fn() {
        const directory = await Deno.makeTempDir({ prefix: "ocpp-both-" });
        try {
          await using runs = new Runs(listener, directory, options);
          await fn(runs);
        } finally {
          await Deno.remove(directory, { recursive: true });
        }
      },
    });
  }
}
