/**
 * The HTTP API of `--control-port`: listens, and loads the API at the first request.
 */
import { getLogger } from "@logtape/logtape";
import { ListenError } from "../../adapters/listen_address.ts";
import { listenNatively } from "../../adapters/native_listener.ts";
import { systemClock } from "../../adapters/system_clock.ts";
import type { ApiEvent } from "../../http/charge_point/events.ts";
import { EventStreams } from "../../http/shared/event_stream.ts";
import type { HostEvent } from "../../runtime/charge_point_host.ts";
import { EventRing } from "../../runtime/event_ring.ts";
import { publicEvent } from "../../runtime/public_event.ts";
import type { ChargePointWish, Simulation } from "../../runtime/simulation.ts";
import { isLoopback, newToken } from "../api_access.ts";
import { CommandError } from "../exit_code.ts";
import { VERSION } from "../version.ts";

/** The options of the API. */
export interface ControlOptions {
  readonly controlPort?: number | undefined;
  readonly controlHost: string;
  readonly controlToken?: string | undefined;
  /** Wrong tokens that an address may present at once; absent: as by default. */
  readonly guessesMax?: number;
}

const LOG = getLogger(["ocpp", "http"]);

/** The API of one run; made before the run, so that it sees every event, and opened when there is something to see. */
export class Control {
  readonly #options: ControlOptions & { readonly controlPort: number };
  readonly #events = new EventRing<ApiEvent>({ run: newToken().replaceAll("-", "").slice(0, 8) });
  readonly #streams = new EventStreams();
  readonly #madeToken: string | undefined;

  constructor(options: ControlOptions & { readonly controlPort: number }) {
    this.#options = options;
    const wantsToken = options.controlToken === undefined && !isLoopback(options.controlHost);
    this.#madeToken = wantsToken ? newToken() : undefined;
  }

  /** A token that was made here and that nobody knows yet. */
  get madeToken(): string | undefined {
    return this.#madeToken;
  }

  observe(chargePoint: string, event: HostEvent, nowMs: number): void {
    this.#events.add(chargePoint, publicEvent(event), nowMs);
  }

  /** Listens. Errors: `CommandError` for a port that cannot be had. */
  open(
    simulation: Simulation,
    template: Omit<ChargePointWish, "identity">,
  ): { url: string; close(): Promise<void> } {
    const { controlHost: host, controlPort, controlToken } = this.#options;
    let app:
      | Promise<ReturnType<typeof import("../../http/charge_point/app.ts")["createControlApp"]>>
      | undefined;
    const loadApp = async () => {
      const { createControlApp } = await import("../../http/charge_point/app.ts");
      return createControlApp({
        simulation,
        template,
        events: this.#events,
        streams: this.#streams,
        nowMs: () => systemClock.nowMs(),
        token: controlToken ?? this.#madeToken,
        guessesMax: this.#options.guessesMax,
        onAccessRefused: (refusal) =>
          LOG.warning("refused a request from {remoteAddress}: {status} {reason}", { ...refusal }),
        isLoopback: isLoopback(host),
        version: VERSION,
      });
    };
    try {
      const listener = listenNatively({
        hostname: host,
        port: controlPort,
        pingIntervalSeconds: 0,
        optionNames: { port: "--control-port", host: "--control-host" },
      }, {
        onUpgrade: () => ({ granted: false, status: 404, text: "there are no WebSockets here" }),
        onRequest: async (request, remoteAddress) =>
          (await (app ??= loadApp())).fetch(request, { remoteAddress }),
      });
      return {
        url: `http://${host.includes(":") ? `[${host}]` : host}:${listener.port}/`,
        close: async () => {
          this.#streams.close();
          await listener.close();
        },
      };
    } catch (error) {
      if (error instanceof ListenError) {
        throw new CommandError(error.message, { cause: error.cause ?? error });
      }
      throw error;
    }
  }
}
