/**
 * The certificates that a tester shows as a Central System: in order, and spoilt while it listens.
 */
import assert from "node:assert/strict";
import { makeBenchRoot } from "../../src/adapters/bench_certificates.ts";
import { TesterCertificates } from "../../src/adapters/tester_certificates.ts";
import { WsClient } from "../../src/adapters/ws_client.ts";
import type { UpgradeRequest } from "../../src/runtime/listener.ts";
import { attempt } from "../support/link_attempt.ts";
import { overSockets } from "../support/server.ts";

const DAY_MS = 24 * 3_600_000;

Deno.test({
  ...overSockets("a tester's certificate is spoilt while it listens, and what is open stays open", "env"),
  async fn() {
    // Its listener reads the environment when it is imported, which needs a permission.
    const { listenForTls } = await import("../../src/adapters/tester_tls.ts");
    const nowMs = Date.now();
    const authority = await makeBenchRoot({
      ...{ organization: "CPO", keyType: "EC", nowMs },
      notAfterMs: nowMs + 365 * DAY_MS,
    });
    const certificates = new TesterCertificates({ ...authority, certificates: [authority.certificate] }, {
      hosts: { dnsNames: ["localhost"], addresses: [] },
      nowMs,
    });
    const upgrades: UpgradeRequest[] = [];
    const closed: number[] = [];
    const listener = await listenForTls({ hostname: "localhost", port: 0 }, certificates, {
      onUpgrade: (request) => {
        upgrades.push(request);
        return {
          granted: true,
          subprotocol: "ocpp1.6",
          open: () => ({
            onText: () => {},
            onBinary: () => {},
            onTooLarge: () => {},
            onClose: (code) => closed.push(code),
          }),
        };
      },
      onRequest: () => new Response(null, { status: 404 }),
    });
    const client = new WsClient({ validation: "strict" });
    const link = async () => ({
      pingIntervalSeconds: 0,
      tls: { roots: [certificates.root], clientCertificate: await certificates.client("SN-1") },
    });
    const url = `wss://localhost:${listener.port}/CP1`;
    const first = attempt(client, url, await link());
    await first.opened();
    const [shown] = upgrades;
    assert.deepEqual(shown?.tls, { clientCertificate: { commonName: "SN-1", organization: "CPO" } });
    assert.equal(shown?.agreedTls?.version, "TLSv1.3");
    const flaws = [
      ["untrusted", "certificateUntrusted"],
      ["wrongHost", "certificateWrongHost"],
      ["expired", "certificateOutdated"],
    ] as const;
    for (const [flaw, reason] of flaws) {
      await listener.show(flaw);
      assert.equal((await attempt(client, url, await link()).ended()).reason, reason, flaw);
    }
    await listener.show(undefined);
    const second = attempt(client, url, await link());
    await second.opened();
    assert.deepEqual([upgrades.length, closed], [2, []], "a spoilt certificate comes to no upgrade");
    first.giveUp();
    second.giveUp();
    await listener.close();
  },
});
