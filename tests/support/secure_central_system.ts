/**
 * A Central System that accepts everything, over a link that is secured as a test wants.
 */
import { type LinkServer, linkServer, type LinkServerScript } from "./link_server.ts";
import { OfficialFrames } from "./official_frames.ts";

/** Starts it. Every frame of either side has to be official; one that is not ends the connection with 1011. */
export async function secureCentralSystem(script: LinkServerScript = {}): Promise<LinkServer> {
  const server = await linkServer(script);
  let transactionId = 0;
  const answerTo: Readonly<Record<string, () => unknown>> = {
    BootNotification: () => ({ status: "Accepted", currentTime: new Date().toISOString(), interval: 300 }),
    Heartbeat: () => ({ currentTime: new Date().toISOString() }),
    Authorize: () => ({ idTagInfo: { status: "Accepted" } }),
    StartTransaction: () => ({ idTagInfo: { status: "Accepted" }, transactionId: ++transactionId }),
  };
  server.onSocket((socket) => {
    const frames = new OfficialFrames();
    socket.on("message", (data) => {
      try {
        frames.assertOfficial("chargePoint", String(data));
        const [type, uniqueId, action] = JSON.parse(String(data));
        if (type !== 2) return;
        const answer = JSON.stringify([3, uniqueId, answerTo[action]?.() ?? {}]);
        frames.assertOfficial("centralSystem", answer);
        socket.send(answer);
      } catch (error) {
        socket.close(1011, String(error).slice(0, 100));
      }
    });
  });
  return server;
}
