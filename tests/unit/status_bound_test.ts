import assert from "node:assert/strict";
import { CONNECTORS_KEPT_MAX } from "../../src/central_system/status.ts";
import { MemoryCentralSystem } from "../support/memory_central_system.ts";

Deno.test("StatusNotification: of invented connectors so many are kept and all are answered", async () => {
  const system = new MemoryCentralSystem();
  const { handlers, sent } = await system.boot("CP001");
  const tell = async (connectorId: number, status: string) => {
    const payload = { connectorId, errorCode: "NoError", status };
    handlers.onText(JSON.stringify([2, `${connectorId}/${status}`, "StatusNotification", payload]));
    await system.host.turns.idle();
    assert.deepEqual(JSON.parse(sent.splice(0)[0]!), [3, `${connectorId}/${status}`, {}]);
  };
  for (let connectorId = 0; connectorId < CONNECTORS_KEPT_MAX + 50; connectorId++) {
    await tell(connectorId, "Available");
  }
  await tell(1, "Faulted");
  const connectors = system.store.chargePoint("CP001")!.connectors;
  assert.equal(connectors.size, CONNECTORS_KEPT_MAX);
  assert.equal(connectors.get(1)?.status, "Faulted");
});
