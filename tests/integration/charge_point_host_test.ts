import assert from "node:assert/strict";
import { NativeClient } from "../../src/adapters/native_client.ts";
import { systemClock } from "../../src/adapters/system_clock.ts";
import { STANDARD } from "../../src/charge_point/description.ts";
import { ChargePoint } from "../../src/charge_point/charge_point.ts";
import { Fleet } from "../../src/runtime/fleet.ts";
import { needs } from "../support/needs.ts";
import { scriptedServer } from "../support/scripted_server.ts";

const net = needs("net");

/** A fleet of one real Charge Point core over a real socket, which reconnects as soon as it may. */
function fleetOfOne(url: string): Fleet {
  const fleet = new Fleet({ clock: systemClock });
  fleet.add({
    chargePoint: new ChargePoint({
      identity: "CP001",
      description: { ...STANDARD, chargePointModel: "test" },
      speed: 1,
      validation: "strict",
      seed: 1,
      newUniqueId: () => crypto.randomUUID(),
    }),
    identity: "CP001",
    urls: { plain: url, tls: url },
    transport: new NativeClient({ validation: "strict" }),
    random: () => 0,
    observer: () => {},
  });
  return fleet;
}

Deno.test({
  ...net("a Charge Point whose link is closed mid-transaction comes back, boots no second time and stops it"),
  async fn() {
    await using server = scriptedServer();
    const called = (action: string) => server.calls.filter((call) => call.action === action);
    const fleet = fleetOfOne(server.url);
    const host = fleet.hosts[0]!;
    fleet.start();
    await server.until(() => called("StatusNotification").length === 2, "the statuses");
    host.input({ kind: "plugIn", connectorId: 1 }, { kind: "presentIdTag", idTag: "TAG001", connectorId: 1 });
    await server.until(() => called("StatusNotification").at(-1)?.payload.status === "Charging", "Charging");

    server.disconnect(1001, "going away");
    await server.until(() => server.connections === 0, "the close");
    host.input({ kind: "presentIdTag", idTag: "TAG001", connectorId: 1 }); // offline: kept for later
    await server.until(() => called("StopTransaction").length === 1, "the StopTransaction");
    assert.equal(called("StopTransaction")[0]!.payload.transactionId, 1);
    assert.equal(called("BootNotification").length, 1);

    await fleet.stop("done");
    assert.deepEqual(server.closes.at(-1), { code: 1000, reason: "done" });
  },
});
