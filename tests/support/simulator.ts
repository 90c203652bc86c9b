/**
 * Simulated Charge Points with their API on a free port, as `ocpp simulate --control-port` has them.
 */
import { NativeClient } from "../../src/adapters/native_client.ts";
import { systemClock } from "../../src/adapters/system_clock.ts";
import { STANDARD } from "../../src/charge_point/description.ts";
import { NO_SECURITY } from "../../src/charge_point/job.ts";
import { Control } from "../../src/cli/simulate/control.ts";
import type { Jobs } from "../../src/runtime/jobs.ts";
import { Simulation } from "../../src/runtime/simulation.ts";
import type { ClientTransport } from "../../src/runtime/transport.ts";
import type { ApiAnswer } from "./server.ts";
import { Happenings, within } from "./within.ts";

/** What a test wants otherwise. */
export interface SimulatorOptions {
  readonly identities?: readonly string[];
  readonly token?: string;
  readonly guessesMax?: number;
  readonly chargePointsMax?: number;
  readonly configuration?: Readonly<Record<string, string>>;
  /** Who does what takes long; without, each job fails at once. */
  readonly jobs?: Jobs;
  /** Instead of the native client, which knows no roots and no client certificates. */
  readonly transport?: ClientTransport;
}

/** An event as it came. */
export interface SeenEvent {
  readonly id: string;
  readonly name: string;
  // deno-lint-ignore no-explicit-any -- tests look into events freely
  readonly data: any;
}

/** Charge Points and their API. */
export class Simulator implements AsyncDisposable {
  readonly simulation: Simulation;
  readonly control: Control;
  readonly api: string;
  readonly #token: string | undefined;
  readonly #close: () => Promise<void>;

  /** `url`: the Central System. */
  constructor(
    url: string,
    { identities = ["CP1"], token, guessesMax, chargePointsMax, configuration, jobs, transport }:
      SimulatorOptions,
  ) {
    this.#token = token;
    this.control = new Control({
      ...{ controlPort: 0, controlHost: "127.0.0.1", controlToken: token },
      ...(guessesMax === undefined ? {} : { guessesMax }),
    });
    this.simulation = new Simulation({
      clock: systemClock,
      transport: transport ?? new NativeClient({ validation: "strict" }),
      seed: 1,
      speed: 1,
      validation: "strict",
      newUniqueId: () => crypto.randomUUID(),
      observe: (chargePoint, event, nowMs) => this.control.observe(chargePoint, event, nowMs),
      ...(chargePointsMax === undefined ? {} : { chargePointsMax }),
      ...(jobs === undefined ? {} : { jobs }),
    });
    const urls = { plain: url, tls: url.replace(/^ws:/, "wss:") };
    const template = {
      description: STANDARD,
      configuration: configuration ?? {},
      security: NO_SECURITY,
      urls,
    };
    for (const identity of identities) this.simulation.add({ identity, ...template });
    this.simulation.start({ spacingMs: 0 });
    const api = this.control.open(this.simulation, template);
    this.api = api.url.replace(/\/$/, "");
    this.#close = api.close;
  }

  /** Asks the API; `body` is sent as JSON, a text as it is. */
  async ask(
    method: string,
    path: string,
    body?: unknown,
    headers: Readonly<Record<string, string>> = {},
  ): Promise<ApiAnswer> {
    const response = await fetch(`${this.api}${path}`, {
      method,
      headers: {
        ...this.#authorization(),
        ...(body === undefined ? {} : { "content-type": "application/json" }),
        ...headers,
      },
      ...(body === undefined ? {} : { body: typeof body === "string" ? body : JSON.stringify(body) }),
    });
    const text = await response.text();
    const isJson = /json/.test(response.headers.get("content-type") ?? "");
    return { status: response.status, headers: response.headers, body: isJson ? JSON.parse(text) : text };
  }

  /** Lets something happen to a Charge Point. */
  input(identity: string, input: Readonly<Record<string, unknown>>): Promise<ApiAnswer> {
    return this.ask("POST", `/api/v1/charge-points/${encodeURIComponent(identity)}/inputs`, input);
  }

  /** Reads server-sent events. */
  async watch(path = "/api/v1/events", lastEventId?: string): Promise<EventReader> {
    const abort = new AbortController();
    const response = await fetch(`${this.api}${path}`, {
      headers: {
        ...this.#authorization(),
        ...(lastEventId === undefined ? {} : { "last-event-id": lastEventId }),
      },
      signal: abort.signal,
    });
    return new EventReader(response, abort);
  }

  #authorization(): Record<string, string> {
    return this.#token === undefined ? {} : { authorization: `Bearer ${this.#token}` };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await within(this.#close(), "the end of the API");
    await within(this.simulation.stop("done"), "the end of the Charge Points");
  }
}

/** Server-sent events as they come. */
export class EventReader implements AsyncDisposable {
  readonly response: Response;
  readonly events: SeenEvent[] = [];
  isEnded = false;
  readonly #abort: AbortController;
  readonly #happenings = new Happenings();
  readonly #reading: Promise<void>;

  constructor(response: Response, abort: AbortController) {
    this.response = response;
    this.#abort = abort;
    this.#reading = this.#read();
  }

  /** Resolves with the first event that holds, of those to come or there already. */
  async until(holds: (event: SeenEvent) => boolean, what: string): Promise<SeenEvent> {
    await this.#happenings.until(() => this.events.some(holds), what);
    return this.events.find(holds)!;
  }

  /** Resolves when the other side has ended the stream. */
  ended(): Promise<void> {
    return this.#happenings.until(() => this.isEnded, "the end of the events");
  }

  async #read(): Promise<void> {
    let rest = "";
    try {
      for await (const text of this.response.body!.pipeThrough(new TextDecoderStream())) {
        const blocks = `${rest}${text}`.split("\n\n");
        rest = blocks.pop()!;
        for (const block of blocks) this.#take(block);
        this.#happenings.happened();
      }
    } catch { /* aborted by the test */ }
    this.isEnded = true;
    this.#happenings.happened();
  }

  #take(block: string): void {
    const fields = new Map(
      block.split("\n").map((line) => {
        const colon = line.indexOf(": ");
        return [line.slice(0, colon), line.slice(colon + 2)] as const;
      }),
    );
    const data = fields.get("data");
    if (data === undefined) return;
    this.events.push({
      id: fields.get("id") ?? "",
      name: fields.get("event") ?? "message",
      data: JSON.parse(data),
    });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#abort.abort();
    await this.#reading;
  }
}
