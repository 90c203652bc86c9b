/**
 * Many Charge Points of one process, each with its own WebSocket, for figures about connecting.
 */

/** How one of them got on. Units: ms. */
export interface SwarmTimes {
  readonly connectMs: number;
  /** From sending to the answer, of each Call. */
  readonly answerMs: readonly number[];
}

/** What they do. */
export interface SwarmOptions {
  readonly port: number;
  readonly identities: readonly string[];
  /** HTTP Basic, by identity. */
  readonly authorization?: (identity: string) => string;
  /** Sent one after the other, each when the one before is answered. */
  readonly calls: readonly (readonly [action: string, payload: unknown])[];
  /** So many connect at once; without it: all. */
  readonly atOnce?: number;
  /** A connection that fails is tried again so often. */
  readonly retries?: number;
}

/** What came of it: who is open still, and everything that went wrong. */
export interface Swarm {
  readonly sockets: readonly WebSocket[];
  readonly times: readonly SwarmTimes[];
  readonly errors: readonly string[];
  close(): Promise<void>;
}

const RETRY_MS = 250;

/** Connects all of them and plays their Calls. */
export async function startSwarm(options: SwarmOptions): Promise<Swarm> {
  const { identities, atOnce = identities.length } = options;
  const sockets: WebSocket[] = [];
  const times: SwarmTimes[] = [];
  const errors: string[] = [];
  const left = identities.values();
  await Promise.all(Array.from({ length: atOnce }, async () => {
    for (const identity of left) {
      try {
        const { socket, ...one } = await play(identity, options);
        sockets.push(socket);
        times.push(one);
      } catch (error) {
        errors.push(`${identity}: ${(error as Error).message}`);
      }
    }
  }));
  return {
    sockets,
    times,
    errors,
    close: async () => {
      await Promise.all(sockets.map((socket) => closed(socket)));
    },
  };
}

async function play(
  identity: string,
  { port, authorization, calls, retries = 0 }: SwarmOptions,
): Promise<SwarmTimes & { readonly socket: WebSocket }> {
  const headers = authorization === undefined ? {} : { authorization: authorization(identity) };
  const url = `ws://127.0.0.1:${port}/${identity}`;
  const beganMs = performance.now();
  let socket = await open(url, headers);
  for (let tried = 0; socket === undefined && tried < retries; tried++) {
    await new Promise((resolve) => setTimeout(resolve, RETRY_MS));
    socket = await open(url, headers);
  }
  if (socket === undefined) throw new Error("cannot connect");
  const connectMs = performance.now() - beganMs;
  const answerMs: number[] = [];
  for (const [action, payload] of calls) {
    const sentMs = performance.now();
    const [type, , answer] = await call(socket, action, payload);
    answerMs.push(performance.now() - sentMs);
    if (type !== 3) throw new Error(`${action} was answered with ${answer}`);
    const { status } = answer as { readonly status?: string };
    if (status !== undefined && status !== "Accepted") throw new Error(`${action} was ${status}`);
  }
  return { socket, connectMs, answerMs };
}

async function open(url: string, headers: Record<string, string>): Promise<WebSocket | undefined> {
  const socket = new WebSocket(url, { protocols: ["ocpp1.6"], headers });
  const { promise, resolve } = Promise.withResolvers<boolean>();
  socket.onopen = () => resolve(true);
  socket.onerror = () => resolve(false);
  return await promise ? socket : undefined;
}

function call(socket: WebSocket, action: string, payload: unknown): Promise<readonly unknown[]> {
  const { promise, resolve, reject } = Promise.withResolvers<readonly unknown[]>();
  const uniqueId = crypto.randomUUID();
  socket.onmessage = ({ data }) => {
    const frame = JSON.parse(data as string);
    if (frame[0] !== 2 && frame[1] === uniqueId) resolve(frame);
  };
  socket.onclose = ({ code }) => reject(new Error(`closed with ${code} before the answer to ${action}`));
  socket.send(JSON.stringify([2, uniqueId, action, payload]));
  return promise;
}

function closed(socket: WebSocket): Promise<void> {
  return new Promise((resolve) => {
    if (socket.readyState === WebSocket.CLOSED) return resolve();
    socket.onclose = () => resolve();
    socket.close();
  });
}
