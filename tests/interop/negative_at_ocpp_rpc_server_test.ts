/**
 * Negative cases against a Central System that is not ours: the npm package `ocpp-rpc`, in strict mode. What it
 * refuses, and by which code, is its own; each case sends everything and ends by itself, with a verdict and its share.
 */
import assert from "node:assert/strict";
import type { CaseResult } from "../../src/conformance/contract.ts";
import { NEGATIVE_CENTRAL_SYSTEM_CASES } from "../../src/conformance/registry.ts";
import { resultText } from "../support/conformance_result.ts";
import { playNegativeAt } from "../support/negative_central_system.ts";
import { foreignServer, RpcCentralSystem } from "../support/rpc_server.ts";

/** What is not refused, by what came instead: codes of later versions, and what no schema has. */
const KNOWN = [
  /^CALLERROR OccurrenceConstraintViolation$/, // spelled as in OCPP 2.0.1
  /^CALLERROR (RpcFrameworkError|MessageTypeNotSupported)$/, // codes of OCPP 2.0.1
  /^CALLERROR (ProtocolError|InternalError)$/, // for Actions that it does not know
  /^CALLRESULT /, // what only the text forbids, a fifth element, binary messages, long uniqueIds
  /^the end of the connection$/, // after 10,000 brackets
  /^a text that is no frame \(tooLarge\)$/, // its CALLERROR repeats the message
];

async function played(id: string): Promise<CaseResult> {
  const definition = NEGATIVE_CENTRAL_SYSTEM_CASES.find((one) => one.id === id)!;
  await using server = await RpcCentralSystem.start();
  return await playNegativeAt(definition, server.url, { isOfficial: false });
}

for (const { id } of NEGATIVE_CENTRAL_SYSTEM_CASES) {
  Deno.test({
    ...foreignServer(`${id} at ocpp-rpc strict: a verdict, and the share that it refuses`),
    async fn() {
      const result = await played(id);
      const { share, verdict, remarks } = result;
      assert.ok(share !== undefined, resultText(result));
      assert.equal(verdict, share.refused === share.sent ? "PASS" : "FAIL", resultText(result));
      const wrong = remarks.map((remark) =>
        /^not refused: .*: came (.*); may be /.exec(remark)?.[1] ?? remark
      );
      assert.deepEqual(wrong.filter((came) => !KNOWN.some((known) => known.test(came))), []);
      assert.equal(share.sent - share.refused, wrong.length);
    },
  });
}

Deno.test({
  ...foreignServer(
    "NEG_Heartbeat_CSMS passes at ocpp-rpc strict, NEG_Authorize_CSMS fails by a spelling alone",
  ),
  async fn() {
    assert.equal((await played("NEG_Heartbeat_CSMS")).verdict, "PASS");
    const { verdict, share, failure } = await played("NEG_Authorize_CSMS");
    assert.equal(verdict, "FAIL");
    assert.deepEqual(share, { refused: 10, sent: 12 });
    assert.equal(
      failure?.came,
      "refused 10 of 12; not payload empty (CALLERROR OccurrenceConstraintViolation), " +
        "idTag missing (CALLERROR OccurrenceConstraintViolation)",
    );
  },
});
