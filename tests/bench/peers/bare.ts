/**
 * The bare limit: a `Deno.serve` WebSocket that answers a constant without looking at what came. The text is as
 * long as a real Heartbeat answer, and every client takes it for the answer to its Call.
 */
const ANSWER = '[3,"0d7cd1a0-1f0b-4b6e-9d7e-000000000000",{"currentTime":"2026-01-01T00:00:00.000Z"}]';

const server = Deno.serve({ hostname: "127.0.0.1", port: 0, onListen: () => {} }, (request) => {
  const { socket, response } = Deno.upgradeWebSocket(request, { protocol: "ocpp1.6" });
  socket.onmessage = () => socket.send(ANSWER);
  return response;
});
console.log(`port ${server.addr.port}`);
