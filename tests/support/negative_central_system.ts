/**
 * Plays negative cases against our Central System over real sockets and in real time: whatever the case says goes on
 * the wire, binary messages too.
 */
// @ts-types="@types/ws"
import type { WebSocket } from "ws";
import { capabilitiesBeside } from "../../src/conformance/capabilities.ts";
import type { CaseDefinition } from "../../src/conformance/case.ts";
import { CaseRun } from "../../src/conformance/case_run.ts";
import type { CaseResult, RunEffect, RunInput } from "../../src/conformance/contract.ts";
import { createSession } from "../../src/conformance/session.ts";
import type { Validation } from "../../src/ocpp/repair.ts";
import { ALL_FEATURE_PROFILES } from "../../src/charge_point/description.ts";
import { OfficialFrames } from "./official_frames.ts";
import type { StartServer } from "./both_listeners.ts";
import type { TestServer } from "./server.ts";

/** In real time nobody waits longer than it takes: these pass only where something is wrong. Units: seconds. */
const SETUP = { withinSeconds: 5, connectWithinSeconds: 5, settleSeconds: 0, identity: "CP1" };

/** Plays a case to its end, against a Central System of its own, whose every frame is official. */
export async function playNegative(
  definition: CaseDefinition,
  start: StartServer,
  validation: Validation,
): Promise<CaseResult> {
  await using server: TestServer = await start({ admission: { validation } });
  return await playNegativeAt(definition, server.url, { isOfficial: true });
}

/** Plays a case to its end, against whatever listens there. */
export async function playNegativeAt(
  definition: CaseDefinition,
  url: string,
  { isOfficial }: { readonly isOfficial: boolean },
): Promise<CaseResult> {
  // `ws` reads the environment when it is imported, which needs a permission.
  // @ts-types="@types/ws"
  const { WebSocket } = await import("ws");
  const open = () => new WebSocket(`${url}/${SETUP.identity}`, ["ocpp1.6"]);
  return await new Play(definition, { open, isOfficial }).toItsEnd();
}

class Play {
  readonly #run: CaseRun;
  readonly #open: () => WebSocket;
  readonly #official: OfficialFrames | undefined;
  readonly #ended = Promise.withResolvers<CaseResult>();
  /** The ends of all connections. */
  readonly #gone: Promise<void>[] = [];
  #socket: WebSocket | undefined;
  #timer: ReturnType<typeof setTimeout> | undefined;

  constructor(
    definition: CaseDefinition,
    { open, isOfficial }: { readonly open: () => WebSocket; readonly isOfficial: boolean },
  ) {
    this.#open = open;
    this.#official = isOfficial ? new OfficialFrames() : undefined;
    this.#run = new CaseRun(definition, {
      capabilities: capabilitiesBeside({
        profiles: ALL_FEATURE_PROFILES,
        securityProfile: 0,
        offersNextSecurityProfile: true,
      }),
      session: createSession(),
      uniqueIdPrefix: "t",
      setup: SETUP,
    });
  }

  async toItsEnd(): Promise<CaseResult> {
    try {
      this.#input({ kind: "begin" });
      return await this.#ended.promise;
    } finally {
      clearTimeout(this.#timer);
      this.#socket?.terminate();
      await Promise.all(this.#gone);
    }
  }

  #input(input: RunInput): void {
    if (this.#run.result !== undefined) return;
    for (const effect of this.#run.handle(input, Date.now())) this.#carryOut(effect);
    clearTimeout(this.#timer);
    const deadlineMs = this.#run.deadlineMs();
    if (!Number.isFinite(deadlineMs)) return;
    this.#timer = setTimeout(() => this.#input({ kind: "deadline" }), Math.max(1, deadlineMs - Date.now()));
  }

  #carryOut(effect: RunEffect): void {
    switch (effect.kind) {
      case "send":
        this.#official?.letPass("chargePoint", effect.text);
        return this.#socket?.send(effect.text, { binary: effect.isBinary === true });
      case "closeLink":
        this.#socket?.close(1000, effect.reason);
        this.#socket = undefined;
        return;
      case "connect":
        return this.#connect();
      case "ended":
        return this.#ended.resolve(effect.result);
      case "step":
        return;
      default:
        this.#ended.reject(new Error(`a negative case wants ${effect.kind}`));
    }
  }

  /** Only the newest connection is of interest. */
  #connect(): void {
    const socket = this.#socket = this.#open();
    const gone = Promise.withResolvers<void>();
    this.#gone.push(gone.promise);
    const tell = (input: RunInput) => {
      if (this.#socket === socket) this.#input(input);
    };
    let isOpen = false;
    let cause = "";
    socket.on("error", (error) => cause = error.message);
    socket.on("open", () => {
      isOpen = true;
      tell({ kind: "linkUp", subprotocol: socket.protocol });
    });
    socket.on("message", (data) => {
      const text = String(data);
      try {
        this.#official?.assertOfficial("centralSystem", text);
      } catch (error) {
        this.#ended.reject(error);
      }
      tell({ kind: "frame", text });
    });
    socket.on("close", () => {
      gone.resolve();
      tell(isOpen ? { kind: "linkDown" } : { kind: "connectFailed", cause });
    });
  }
}
