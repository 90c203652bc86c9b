/**
 * A Central System that accepts every boot and acknowledges everything else, for as many as come.
 */
import { callResultText, parseFrame } from "../../../src/ocpp/frame.ts";

const server = Deno.serve({ hostname: "127.0.0.1", port: 0, onListen: () => {} }, (request) => {
  const { socket, response } = Deno.upgradeWebSocket(request, { protocol: "ocpp1.6", idleTimeout: 0 });
  socket.onmessage = ({ data }) => {
    const parsed = parseFrame(data);
    if (!parsed.ok || parsed.frame.kind !== "call") return;
    const { uniqueId, action } = parsed.frame;
    socket.send(callResultText({ uniqueId, payload: answerTo(action) }));
  };
  return response;
});
console.log(`port ${server.addr.port}`);

function answerTo(action: string): unknown {
  const currentTime = new Date().toISOString();
  if (action === "BootNotification") return { status: "Accepted", currentTime, interval: 86_400 };
  return action === "Heartbeat" ? { currentTime } : {};
}
