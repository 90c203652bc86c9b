/**
 * A Central System that accepts everything, over a link that is secured as a test wants.
 */
import assert from "node:assert/strict";
// @ts-types="@types/ws"
import type { WebSocket } from "ws";
import { type LinkServer, linkServer, type LinkServerScript } from "./link_server.ts";
import { OfficialFrames } from "./official_frames.ts";

/** One that runs. */
export interface SecureCentralSystem extends LinkServer {
  /** The Calls of the Charge Point so far. */
  // deno-lint-ignore no-explicit-any -- tests look into payloads freely
  readonly calls: readonly { readonly action: string; readonly payload: any }[];
  /** Sends a Call over the newest link and gives its answer: the payload, or the whole CALLERROR. */
  call(action: string, payload: unknown): Promise<unknown>;
}

/** Starts it. Every frame of either side has to be official; one that is not ends the connection with 1011. */
export async function secureCentralSystem(script: LinkServerScript = {}): Promise<SecureCentralSystem> {
  const server = await linkServer(script);
  const calls: { action: string; payload: unknown }[] = [];
  const answers = new Map<string, unknown>();
  let latest: { socket: WebSocket; frames: OfficialFrames } | undefined;
  let transactionId = 0;
  const answerTo: Readonly<Record<string, () => unknown>> = {
    BootNotification: () => ({ status: "Accepted", currentTime: new Date().toISOString(), interval: 300 }),
    Heartbeat: () => ({ currentTime: new Date().toISOString() }),
    SignCertificate: () => ({ status: "Accepted" }),
    Authorize: () => ({ idTagInfo: { status: "Accepted" } }),
    StartTransaction: () => ({ idTagInfo: { status: "Accepted" }, transactionId: ++transactionId }),
  };
  server.onSocket((socket) => {
    const frames = new OfficialFrames();
    latest = { socket, frames };
    socket.on("message", (data) => {
      try {
        frames.assertOfficial("chargePoint", String(data));
        const frame = JSON.parse(String(data));
        const [type, uniqueId, action, payload] = frame;
        if (type !== 2) {
          answers.set(uniqueId, type === 3 ? action : frame);
          return;
        }
        calls.push({ action, payload });
        const answer = JSON.stringify([3, uniqueId, answerTo[action]?.() ?? {}]);
        frames.assertOfficial("centralSystem", answer);
        socket.send(answer);
      } catch (error) {
        socket.close(1011, String(error).slice(0, 100));
      }
    });
  });
  let asked = 0;
  const call = async (action: string, payload: unknown) => {
    assert.ok(latest !== undefined, "nobody is connected");
    const uniqueId = `central-${++asked}`;
    const text = JSON.stringify([2, uniqueId, action, payload]);
    latest.frames.assertOfficial("centralSystem", text);
    latest.socket.send(text);
    await server.until(() => answers.has(uniqueId), `the answer to ${action}`);
    return answers.get(uniqueId);
  };
  return Object.defineProperties({} as SecureCentralSystem, {
    ...Object.getOwnPropertyDescriptors(server),
    calls: { value: calls },
    call: { value: call },
  });
}
