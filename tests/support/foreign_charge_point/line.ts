/**
 * The device's connection: npm `ocpp-rpc` in strict mode, which checks every payload of both ends against the official
 * schemas. It connects anew by itself, and with what its security is then.
 */
import type { Action } from "../../../src/ocpp/action.ts";
import type { Conf, Req } from "../../../src/ocpp/registry.ts";
import { type Handlers, Refusal } from "./handler.ts";
import type { Life } from "./life.ts";

/** How it connects. `certificate` and `privateKey`, `roots`: PEM. */
export interface LineSecurity {
  /** Without the identity. */
  readonly endpoint: string;
  readonly password?: Uint8Array;
  readonly roots?: readonly string[];
  readonly certificate?: string;
  readonly privateKey?: string;
}

/** What the line tells, and what it asks for. */
export interface LineEvents {
  onUp(): void;
  /** A connection did not come to be. */
  onFailed(error: Error): void;
  /** Whether a Call may be answered at all. Spec: OCPP 1.6 §4.2: not while Rejected. */
  mayAnswer(): boolean;
  security(): LineSecurity;
}

type Client = InstanceType<(typeof import("ocpp-rpc"))["RPCClient"]>;

/** Units: milliseconds. */
const FIRST_WAIT_MS = 100;
const WAIT_MS_MAX = 1_000;
const CALL_TIMEOUT_MS = 30_000;

/** One device's. */
export class Line {
  readonly #identity: string;
  readonly #events: LineEvents;
  readonly #handlers: () => Handlers;
  readonly #writesLocalTime: boolean;
  /** Payloads of either side that broke a schema, and texts that were no frames. */
  readonly failures: string[] = [];
  #client: Client | undefined;
  #connecting: Client | undefined;
  #outstanding = 0;
  #restMs = 0;
  readonly #whenSettled: (() => void)[] = [];

  constructor(
    options: {
      readonly identity: string;
      readonly events: LineEvents;
      readonly handlers: () => Handlers;
      readonly writesLocalTime: boolean;
    },
  ) {
    this.#identity = options.identity;
    this.#events = options.events;
    this.#handlers = options.handlers;
    this.#writesLocalTime = options.writesLocalTime;
  }

  get isUp(): boolean {
    return this.#client !== undefined;
  }

  /** Connects, again and again, for as long as the life lasts. */
  async keepOpen(life: Life): Promise<void> {
    let waitMs = FIRST_WAIT_MS;
    while (!life.isOver) {
      const connection = await this.#connect(life);
      if (connection !== undefined) {
        waitMs = FIRST_WAIT_MS;
        this.#events.onUp();
        await connection.closed;
      } else waitMs = Math.min(waitMs * 2, WAIT_MS_MAX);
      await life.sleep(Math.max(waitMs, this.#restMs));
      this.#restMs = 0;
    }
  }

  /** Sends a Call. Errors: rejects without a connection, when it ends, for a CALLERROR and when no answer comes. */
  async call<A extends Action>(action: A, payload: Req<A>): Promise<Conf<A>> {
    if (this.#client === undefined) throw new Error("there is no connection");
    this.#outstanding++;
    try {
      return await this.#client.call(action, this.#written(payload) as never) as Conf<A>;
    } finally {
      if (--this.#outstanding === 0) this.#whenSettled.splice(0).forEach((resolve) => resolve());
    }
  }

  /** Resolves when every Call has its answer. */
  settled(): Promise<void> {
    if (this.#outstanding === 0) return Promise.resolve();
    return new Promise((resolve) => this.#whenSettled.push(resolve));
  }

  /** Hangs up when what is under way is answered; connects anew where the life goes on, after so long. */
  async hangUp(restMs = 0): Promise<void> {
    this.#restMs = restMs;
    const client = this.#client;
    if (client === undefined) return;
    this.#client = undefined; // nothing more is sent
    await client.close({ code: 1000, reason: "the Charge Point hangs up", awaitPending: true });
  }

  /** Is gone at once, as without power. */
  async drop(): Promise<void> {
    const client = this.#client ?? this.#connecting;
    this.#client = undefined;
    await client?.close({ force: true });
  }

  /** `closed` resolves with the connection's end; `undefined` where none came to be. */
  async #connect(life: Life): Promise<{ readonly closed: Promise<void> } | undefined> {
    const { RPCClient } = await import("ocpp-rpc");
    const { endpoint, password, roots, certificate, privateKey } = this.#events.security();
    const isTls = endpoint.startsWith("wss:");
    const client = new RPCClient(
      {
        ...{ endpoint, identity: this.#identity, protocols: ["ocpp1.6"], strictMode: true },
        ...{ reconnect: false, pingIntervalMs: 0, callTimeoutMs: CALL_TIMEOUT_MS },
        ...(password === undefined ? {} : { password }),
        wsOpts: isTls
          ? {
            ca: roots ?? [],
            ...(certificate === undefined ? {} : { cert: certificate, key: privateKey }),
          }
          : {},
      } as unknown as ConstructorParameters<typeof RPCClient>[0],
    );
    const closed = new Promise<void>((resolve) => {
      client.on("close", () => {
        if (this.#client === client) this.#client = undefined;
        resolve();
      });
    });
    await this.#attach(client);
    this.#connecting = client;
    try {
      await client.connect();
    } catch (error) {
      if (!life.isOver) this.#events.onFailed(error as Error);
      return undefined;
    } finally {
      this.#connecting = undefined;
    }
    if (life.isOver) {
      await client.close({ force: true });
      return undefined;
    }
    this.#client = client;
    return { closed };
  }

  /** Times as this device writes them. */
  #written<T extends object>(payload: T): T {
    if (!this.#writesLocalTime) return payload;
    return JSON.parse(
      JSON.stringify(payload),
      (_key, value) => typeof value === "string" && UTC.test(value) ? inZone(value) : value,
    );
  }

  async #attach(client: Client): Promise<void> {
    const { createRPCError, NOREPLY } = await import("ocpp-rpc");
    client.on("strictValidationFailure", ({ method, error }: { method: string; error: Error }) => {
      this.failures.push(`${method}: ${error.message}`);
    });
    client.on("badMessage", ({ error }: { error: Error }) => {
      this.failures.push(`bad message: ${error.message}`);
    });
    const afterwards = new Map<string, () => void>();
    client.on("response", ({ outbound, payload }: { outbound: boolean; payload: [number, string] }) => {
      if (!outbound) return;
      const act = afterwards.get(payload[1]);
      afterwards.delete(payload[1]);
      // The text is sent right after this event.
      if (act !== undefined) queueMicrotask(act);
    });
    client.handle(async ({ messageId = "", method, params }) => {
      if (!this.#events.mayAnswer()) return NOREPLY;
      const handler = (this.#handlers() as Record<string, AnyHandler>)[method!];
      try {
        if (handler === undefined) throw new Refusal("NotImplemented");
        // What came before it is digested first: an answer takes its way through promises.
        await new Promise((resolve) => setTimeout(resolve, 0));
        const answer = await handler(params);
        if (answer.afterwards !== undefined) afterwards.set(messageId, answer.afterwards);
        return this.#written(answer.conf);
      } catch (error) {
        if (error instanceof Refusal) throw createRPCError(error.errorCode, "", {});
        this.failures.push(`${method}: ${error}`);
        throw error;
      }
    });
  }
}

const UTC = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/;
const ZONE_HOURS = 2;

/** The same instant by the clocks of another zone. */
function inZone(utc: string): string {
  const local = new Date(Date.parse(utc) + ZONE_HOURS * 3_600_000).toISOString();
  return local.replace("Z", `+0${ZONE_HOURS}:00`);
}

type AnyHandler = (req: unknown) => Promise<{ readonly conf: object; readonly afterwards?: () => void }>;
