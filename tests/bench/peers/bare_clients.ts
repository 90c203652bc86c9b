/**
 * The bare limit of a client: WebSockets that are open and do nothing. Arguments: port, how many.
 */
import { reportMemory } from "./memory_report.ts";

const [port, count] = Deno.args;
/** So many connect at once. */
const WAVE = 50;
const sockets: WebSocket[] = [];

for (let first = 0; first < Number(count); first += WAVE) {
  const wave = Array.from({ length: WAVE }, (_, index) => open(first + index));
  sockets.push(...await Promise.all(wave));
}
await reportMemory(() => sockets.every(({ readyState }) => readyState === WebSocket.OPEN));

function open(index: number): Promise<WebSocket> {
  const socket = new WebSocket(`ws://127.0.0.1:${port}/BARE-${index}`, "ocpp1.6");
  return new Promise((resolve, reject) => {
    socket.onopen = () => resolve(socket);
    socket.onerror = (event) => reject(event);
  });
}
