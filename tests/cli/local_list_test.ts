/**
 * `ocpp local-list` at a running `serve`, with a simulated Charge Point.
 */
import assert from "node:assert/strict";
import { CommandError } from "../../src/cli/exit_code.ts";
import { localList, type LocalListOptions } from "../../src/cli/local_list/local_list.ts";
import { styleFor } from "../../src/cli/terminal.ts";
import { overSockets, startServer, type TestServer } from "../support/server.ts";
import { Simulator } from "../support/simulator.ts";

/** How it ended and what it printed; the last line is the error's. */
async function run(
  { api: server }: TestServer,
  options: Partial<LocalListOptions> = {},
): Promise<{ code: number; lines: string[] }> {
  let text = "";
  const stdout = {
    isTerminal: false,
    style: styleFor({ colours: false }),
    columns: () => 120,
    write: (part: string) => text += part,
  };
  const usual = { server, identity: "CP1", show: false, full: false, json: false };
  try {
    const code = await localList({ ...usual, ...options }, { stdout });
    return { code, lines: text.trimEnd().split("\n") };
  } catch (error) {
    if (!(error instanceof CommandError)) throw error;
    return { code: error.exitCode, lines: [...text.split("\n").slice(0, -1), error.message] };
  }
}

function enter(server: TestServer, idTag: string) {
  const headers = { "content-type": "application/json" };
  return server.fetch(`/api/v1/id-tags/${idTag}`, { method: "PUT", headers, body: "{}" });
}

Deno.test({
  ...overSockets("ocpp local-list: sends what is missing, shows each Call, and says how it stands"),
  async fn() {
    await using server = startServer();
    await enter(server, "A");
    await enter(server, "B");
    await using running = new Simulator(server.url, {});
    await server.observer.until(() => server.observer.of("booted").length > 0, "the boot");
    assert.deepEqual(await run(server, { show: true }), {
      code: 1,
      lines: ["CP1  nothing is known of its list; 2 idTags belong into it"],
    });
    assert.deepEqual(await run(server), {
      code: 0,
      lines: [
        "GetLocalListVersion  version 0",
        "GetConfiguration",
        "SendLocalList  Full  version 1  2 entries  Accepted",
        "CP1  version 1 with 2 entries, in step with the idTags",
      ],
    });
    await enter(server, "C");
    assert.deepEqual((await run(server, { show: true })).lines, [
      "CP1  version 1 with 2 entries, of which the idTags differ in 1",
    ]);
    const full = await run(server, { full: true, maxLength: 2 });
    assert.deepEqual(full.lines.slice(1, 3), [
      "SendLocalList  Full  version 2  2 entries  Accepted",
      "SendLocalList  Differential  version 3  1 entry  Accepted",
    ]);
    const { code, lines: [line] } = await run(server, { json: true });
    assert.deepEqual([code, JSON.parse(line!).outcome], [0, "inStep"]);

    await running.input("CP1", { kind: "setConfiguration", key: "LocalAuthListEnabled", value: "false" });
    const { code: failed, lines } = await run(server);
    assert.equal(failed, 1);
    assert.deepEqual(lines.slice(0, 2), [
      "GetLocalListVersion  version -1",
      "CP1  says that it has no list",
    ]);
    assert.match(lines[2]!, /^cannot bring the list of CP1 up to the idTags: notSupported: version -1/);
    const gone = await run(server, { identity: "CP2" });
    assert.deepEqual([gone.code, gone.lines], [1, ["CP2 is not known here"]]);
  },
});
