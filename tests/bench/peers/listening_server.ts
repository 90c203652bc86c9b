/**
 * A listener, with `ocpp serve` on it or with nothing that does more than acknowledge; another port beside it tells the
 * memory of the process. Argument: `bare-native`, `bare-hardened`, `serve-native`, `serve-hardened`; and a folder for its database.
 */
import { listenHardened } from "../../../src/adapters/hardened_listener.ts";
import { listenNatively } from "../../../src/adapters/native_listener.ts";
import { startCentralSystem, startHardenedCentralSystem } from "../../../src/cli/serve/central_system.ts";
import { FrameView } from "../../../src/cli/serve/frame_view.ts";
import { LoggingObserver } from "../../../src/cli/serve/logging_observer.ts";
import { styleFor } from "../../../src/cli/terminal.ts";
import type { ListenerHandlers } from "../../../src/runtime/listener.ts";
import type { Connection } from "../../../src/runtime/transport.ts";
import { leastMemory } from "./memory_report.ts";

const [kind = "", folder = "."] = Deno.args;
const isHardened = kind.endsWith("hardened");
const ADDRESS = { hostname: "127.0.0.1", port: 0, pingIntervalSeconds: 60 };

/** Answers every Call with the same text. */
class Bare implements ListenerHandlers {
  onUpgrade() {
    return {
      granted: true as const,
      subprotocol: "ocpp1.6",
      open: (connection: Connection) => ({
        onText: (text: string) => {
          const [, uniqueId] = JSON.parse(text);
          connection.send(JSON.stringify([3, uniqueId, {}]));
        },
        onBinary: () => {},
        onTooLarge: () => {},
        onClose: () => {},
      }),
    };
  }

  onRequest() {
    return new Response(null, { status: 404 });
  }
}

async function bare(): Promise<number> {
  const handlers = new Bare();
  const listener = isHardened
    ? await listenHardened(ADDRESS, handlers)
    : await listenNatively(ADDRESS, handlers);
  return listener.port;
}

/** What it shows goes nowhere. */
async function serve(): Promise<number> {
  const output = {
    isTerminal: false,
    style: styleFor({ colours: false }),
    columns: () => 120,
    write: () => {},
  };
  const running = await (isHardened ? startHardenedCentralSystem : startCentralSystem)({
    host: "127.0.0.1",
    port: 0,
    database: `${folder}/idle.db`,
    settings: {
      ...{ heartbeatIntervalSeconds: 300, bootStatus: "Accepted", bootIntervalSeconds: 60 },
      authorization: "open",
    },
    admission: {
      ...{ registration: "open", validation: "tolerant", allowOrigins: [], callTimeoutMs: 30_000 },
      securityProfile: 0,
      maxFrameRate: 0,
    },
    pingIntervalSeconds: 60,
    apiToken: undefined,
    observer: new LoggingObserver(new FrameView(output, { json: false })),
    version: "bench",
  });
  return running.listener.port;
}

const beside = Deno.serve({ hostname: "127.0.0.1", port: 0, onListen: () => {} }, async () => {
  return new Response(String((await leastMemory()).residentBytes));
});
console.log(`ports ${await (kind.startsWith("serve") ? serve() : bare())} ${beside.addr.port}`);
