/**
 * No secret reaches anybody who merely reads: the API, its events, metrics, the database file, an observer. Every
 * place where one can travel has its own canary.
 *
 * Spec: Security §A.
 */
import assert from "node:assert/strict";
import { jsonText } from "../../src/ocpp/json.ts";
import { onBothListeners } from "../support/both_listeners.ts";
import { Canaries, playCanaries, SHOWING_PATHS } from "../support/canaries.ts";
import { filesIn } from "../support/files_in.ts";

onBothListeners(
  "secrets: no canary is found in what can be read",
  async (start) => {
    const directory = await Deno.makeTempDir({ prefix: "ocpp-secrets-" });
    const canaries = new Canaries();
    const apiToken = canaries.at("the token of the API");
    const shown: string[] = [];
    let observed = "";
    try {
      {
        await using server = await start({ apiToken, database: `${directory}/ocpp.db` });
        const events = await collectEvents(`${server.api}/api/v1/events`, apiToken);
        const chargePoint = await server.connect("CP1");
        await chargePoint.boot();
        const ask = async (path: string, init: RequestInit = {}) => {
          const headers = { authorization: `Bearer ${apiToken}`, ...init.headers };
          const answer = await fetch(`${server.api}${path}`, { ...init, headers });
          const text = await answer.text();
          shown.push(jsonText([...answer.headers]), text);
          return text;
        };
        await playCanaries({ canaries, port: server.port, chargePoint, ask });
        for (const path of SHOWING_PATHS) {
          await ask(path);
          await ask(path, { headers: { accept: "application/x-ndjson" } });
        }
        // They are looked for where they are: what was exchanged is there, without them.
        const messages = await ask("/api/v1/charge-points/CP1/messages?limit=1000");
        assert.ok(messages.split("[redacted]").length > 60, messages);
        assert.match(await ask("/api/v1/charge-points/CP1/reports"), /BEGIN PRIVATE KEY-----\[redacted\]/);
        shown.push(await events.end());
        observed = server.observer.events.map((event) => jsonText(event)).join("\n");
        await chargePoint.close();
        const wire = jsonText(chargePoint.frames);
        assert.ok(canaries.leaksIn(wire).length >= 12, "on the wire they are whole");
      }
      assert.ok(canaries.count > 50);
      assert.deepEqual(canaries.leaksIn(shown.join("\n")), [], "in the API");
      assert.deepEqual(canaries.leaksIn(observed), [], "told to an observer");
      for (const { name, text } of await filesIn(directory)) {
        assert.deepEqual(canaries.leaksIn(text), [], `in the file ${name}`);
        assert.ok(name !== "ocpp.db" || text.includes("AuthorizationKey"), "the frame log is in the file");
      }
    } finally {
      await Deno.remove(directory, { recursive: true });
    }
  },
  "read",
  "write",
);

/** Reads a stream of events until it is told to end. */
async function collectEvents(url: string, token: string): Promise<{ end: () => Promise<string> }> {
  const abort = new AbortController();
  const headers = { authorization: `Bearer ${token}` };
  const response = await fetch(url, { headers, signal: abort.signal });
  assert.equal(response.status, 200);
  let text = "";
  const reading = (async () => {
    for await (const part of response.body!.pipeThrough(new TextDecoderStream())) text += part;
  })().catch(() => {}); // it is aborted in the end
  return {
    end: async () => {
      abort.abort();
      await reading;
      assert.match(text, /subprotocolCase/, "events of the last upgrades have come");
      return text;
    },
  };
}
