import assert from "node:assert/strict";
import { needs } from "../support/needs.ts";
import { OfficialFrames } from "../support/official_frames.ts";

const STATUS = '{"connectorId":1,"errorCode":"NoError","status":"Available"}';

Deno.test("OfficialFrames: a Call, its CallResult and a CallError that keep to the schemas", () => {
  const frames = new OfficialFrames();
  frames.assertOfficial("chargePoint", `[2,"1","StatusNotification",${STATUS}]`);
  frames.assertOfficial("centralSystem", '[2,"1","Reset",{"type":"Soft"}]'); // ids are each end's own
  frames.assertOfficial("chargePoint", '[3,"1",{"status":"Accepted"}]');
  frames.assertOfficial("centralSystem", '[3,"1",{}]');
  frames.assertOfficial("centralSystem", '[4,"2","OccurenceConstraintViolation","",{}]');
  frames.assertOfficial("centralSystem", '[3,"nobody asked",{"whatever":1}]');
});

for (
  const [sender, text] of [
    ["chargePoint", "no JSON"],
    ["chargePoint", "{}"],
    ["chargePoint", '[5,"1",{}]'],
    ["chargePoint", '[2,1,"Heartbeat",{}]'],
    ["chargePoint", '[2,"1","Heartbeat"]'],
    ["chargePoint", '[2,"1","Heartbeat",{"extra":1}]'],
    ["chargePoint", '[2,"1","Nonsense",{}]'],
    ["chargePoint", '[2,"1","Authorize",{"idTag":"longer than 20 characters"}]'],
    ["chargePoint", '[2,"1","SecurityEventNotification",{"type":"x","timestamp":"2026-01-01T12:00:00"}]'],
    ["centralSystem", '[3,"asked",{}]'],
    ["centralSystem", '[4,"1","OccurrenceConstraintViolation","",{}]'],
    ["centralSystem", '[4,"1","GenericError",""]'],
  ] as const
) {
  Deno.test(`OfficialFrames: ${text} of the ${sender} is told`, () => {
    const frames = new OfficialFrames();
    frames.letPass("chargePoint", '[2,"asked","Heartbeat",{"broken":true}]');
    assert.throws(() => frames.assertOfficial(sender, text));
  });
}

/** Tests that put texts on a wire by themselves, and why nobody has to look at them. */
const SENDS_BY_ITSELF: Readonly<Record<string, string>> = {
  "cli/simulate_jobs_test.ts": "through the scripted server, which looks",
  "cli/simulate_test.ts": "through the scripted server, which looks",
  "conformance/security_restoration_test.ts": "steps of a case, on no wire at all",
  "integration/behaviour_test.ts": "a status, to Calls that are spoilt on purpose",
  "integration/client_contract_test.ts": "the transport below the frames",
  "integration/connection_test.ts": "a pong",
  "integration/fuzz_test.ts": "spoilt on purpose",
  "integration/listener_contract_test.ts": "the transport below the frames",
  "integration/login_test.ts": "requests of a browser, no frames",
  "integration/shutdown_test.ts": "a close frame",
  "integration/simulate_crash_test.ts": "through the scripted server, which looks",
  "integration/ws_client_test.ts": "the transport below the frames",
  "property/local_list_test.ts": "a device in memory, no wire",
  "unit/case_player_test.ts": "steps of a case, on no wire at all",
  "unit/conformance_bounds_test.ts": "steps of a case, on no wire at all",
  "unit/conformance_lost_link_test.ts": "steps of a case, on no wire at all",
  "unit/conformance_run_test.ts": "steps of a case, on no wire at all",
  "unit/event_ring_test.ts": "events of an API, no frames",
  "unit/tester_entrance_test.ts": "a link in memory, no wire",
  "unit/suite_runner_test.ts": "steps of a case, on no wire at all",
};

Deno.test({
  ...needs("read")("every test sends its frames through tests/support, where they are looked at"),
  fn() {
    const found = [...testFiles("")].filter((path) => {
      const text = Deno.readTextFileSync(new URL(`../${path}`, import.meta.url));
      return /\.send\(|new WebSocket\(|upgradeWebSocket\(|new RPC(Client|Server)\(/.test(text);
    });
    assert.deepEqual(found.sort(), Object.keys(SENDS_BY_ITSELF).sort());
  },
});

function* testFiles(folder: string): Generator<string> {
  for (const { name, isDirectory } of Deno.readDirSync(new URL(`../${folder}`, import.meta.url))) {
    const path = `${folder}${name}`;
    if (isDirectory && path !== "support" && path !== "bench") yield* testFiles(`${path}/`);
    else if (name.endsWith("_test.ts")) yield path;
  }
}
