/**
 * `simulate` with the npm package `ocpp-rpc` as its Central System, in strict mode, which sends every Call that there
 * is: 19 of OCPP 1.6, 7 of its security extension, and sees only what the official JSON schemas allow.
 *
 * Files and certificates are real: a server for uploads and firmware, and an authority that signs.
 */
import assert from "node:assert/strict";
import { type Action, ACTIONS, maySend } from "../../src/ocpp/action.ts";
import { answerSigningRequest } from "../support/certificates.ts";
import { benchAuthorities, ConformanceBench } from "../support/conformance_bench.ts";
import { startProgram } from "../support/program.ts";
import { foreignServer, RpcCentralSystem } from "../support/rpc_server.ts";

/** Takes uploads and gives one firmware file. */
class FileServer implements AsyncDisposable {
  readonly uploads: string[] = [];
  readonly #server: Deno.HttpServer<Deno.NetAddr>;

  constructor(firmware: Uint8Array<ArrayBuffer>) {
    this.#server = Deno.serve({ hostname: "127.0.0.1", port: 0, onListen: () => {} }, async (request) => {
      if (request.method === "GET") {
        return request.url.endsWith("/firmware.bin")
          ? new Response(firmware)
          : new Response(null, { status: 404 });
      }
      await request.arrayBuffer();
      this.uploads.push(new URL(request.url).pathname);
      return new Response(null, { status: 201 });
    });
  }

  get url(): string {
    return `http://127.0.0.1:${this.#server.addr.port}`;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#server.shutdown();
  }
}

Deno.test({
  ...foreignServer("simulate --idle at ocpp-rpc strict: every Call is answered, and what follows is valid"),
  async fn() {
    const firmware = await new ConformanceBench().firmware();
    await using files = new FileServer(firmware.bytes!);
    await using server = await RpcCentralSystem.start();
    await using program = startProgram([
      ...["simulate", server.url, "--idle", "--connectors", "2", "--speed", "10", "--serial", "SN-1"],
      ...["--set", "StopTxnSampledData=Energy.Active.Import.Register", "--set", "CpoName=Example CPO"],
    ]);
    await server.received("StatusNotification", ({ payload }) => payload.connectorId === 2);
    const sent = new Set<string>();
    const call = (action: string, payload: object) => {
      sent.add(action);
      return server.chargePoints.at(-1)!.call(action, payload);
    };
    const accepted = async (action: string, payload: object) => {
      const conf = await call(action, payload);
      assert.equal(conf.status, "Accepted", `${action} ${JSON.stringify(conf)}`);
      return conf;
    };
    const status = (connectorId: number, wanted: string, since = 0) =>
      server.until(
        () =>
          server.calls.slice(since).some(({ action, payload }) =>
            action === "StatusNotification" && payload.status === wanted &&
            payload.connectorId === connectorId
          ),
        () => `${wanted} of connector ${connectorId}`,
      );
    const inMinutes = (minutes: number) => new Date(Date.now() + minutes * 60_000 * 10).toISOString();

    // Core, settings and lists.
    assert.ok((await call("GetConfiguration", {})).configurationKey.length > 45);
    await accepted("ChangeConfiguration", { key: "MeterValueSampleInterval", value: "2" });
    await accepted("ClearCache", {});
    assert.equal((await call("DataTransfer", { vendorId: "foreign.example" })).status, "UnknownVendorId");
    assert.deepEqual(await call("GetLocalListVersion", {}), { listVersion: 0 });
    const listed = [{ idTag: "LISTED", idTagInfo: { status: "Accepted", parentIdTag: "GROUP" } }];
    await accepted("SendLocalList", {
      ...{ listVersion: 1, updateType: "Full", localAuthorizationList: listed },
    });
    assert.deepEqual(await call("GetLocalListVersion", {}), { listVersion: 1 });

    // Reservations and availability.
    let since = server.calls.length;
    const reservation = { connectorId: 2, idTag: "LISTED", reservationId: 7, expiryDate: inMinutes(10) };
    await accepted("ReserveNow", reservation);
    await status(2, "Reserved", since);
    since = server.calls.length;
    await accepted("CancelReservation", { reservationId: 7 });
    await status(2, "Available", since);
    await accepted("ChangeAvailability", { connectorId: 2, type: "Inoperative" });
    await status(2, "Unavailable", since);
    await accepted("ChangeAvailability", { connectorId: 2, type: "Operative" });

    // A transaction under a charging profile.
    await program.type("p");
    await status(1, "Preparing");
    const schedule = {
      chargingRateUnit: "A",
      chargingSchedulePeriod: [{ startPeriod: 0, limit: 10.5 }],
    };
    await accepted("RemoteStartTransaction", {
      connectorId: 1,
      idTag: "LISTED",
      chargingProfile: {
        ...{ chargingProfileId: 1, stackLevel: 0, chargingProfilePurpose: "TxProfile" },
        ...{ chargingProfileKind: "Relative", chargingSchedule: schedule },
      },
    });
    await status(1, "Charging");
    await accepted("SetChargingProfile", {
      connectorId: 0,
      csChargingProfiles: {
        ...{ chargingProfileId: 2, stackLevel: 0, chargingProfilePurpose: "ChargePointMaxProfile" },
        chargingProfileKind: "Absolute",
        chargingSchedule: { ...schedule, startSchedule: new Date(0).toISOString() },
      },
    });
    const composite = await accepted("GetCompositeSchedule", { connectorId: 1, duration: 60 });
    assert.equal(composite.chargingSchedule.chargingSchedulePeriod[0].limit, 10.5);
    await accepted("ClearChargingProfile", { id: 2 });
    await accepted("TriggerMessage", { requestedMessage: "MeterValues", connectorId: 1 });
    const triggered = await server.received(
      "MeterValues",
      ({ payload }) => payload.meterValue[0].sampledValue[0].context === "Trigger",
    );
    assert.equal(triggered.payload.transactionId, 1);
    assert.equal((await call("UnlockConnector", { connectorId: 1 })).status, "Unlocked");
    const stop = await server.received("StopTransaction");
    assert.equal(stop.payload.reason, "UnlockCommand");
    assert.equal((await call("RemoteStopTransaction", { transactionId: 1 })).status, "Rejected");
    since = server.calls.length;
    await program.type("u");
    await status(1, "Available", since);

    // Files.
    assert.ok((await call("GetDiagnostics", { location: `${files.url}/diagnostics/` })).fileName);
    await server.received("DiagnosticsStatusNotification", ({ payload }) => payload.status === "Uploaded");
    await accepted("GetLog", {
      ...{ logType: "SecurityLog", requestId: 9, log: { remoteLocation: `${files.url}/logs/` } },
    });
    await server.received("LogStatusNotification", ({ payload }) => payload.status === "Uploaded");
    assert.equal(files.uploads.length, 2);

    // Certificates.
    const { centralSystem, manufacturer } = await benchAuthorities();
    for (
      const [certificateType, { certificate }] of [
        ["CentralSystemRootCertificate", centralSystem],
        ["ManufacturerRootCertificate", manufacturer],
      ] as const
    ) await accepted("InstallCertificate", { certificateType, certificate });
    await accepted("ExtendedTriggerMessage", { requestedMessage: "SignChargePointCertificate" });
    const { payload: { csr } } = await server.received("SignCertificate");
    await accepted("CertificateSigned", { certificateChain: await answerSigningRequest(centralSystem, csr) });

    // Firmware, with a signature and without one.
    const { signingCertificate, signature } = firmware;
    const boots = () => server.of("BootNotification").length;
    const beforeSigned = boots();
    await accepted("SignedUpdateFirmware", {
      requestId: 11,
      firmware: {
        ...{ location: `${files.url}/firmware.bin`, retrieveDateTime: new Date().toISOString() },
        ...{ signingCertificate, signature },
      },
    });
    // An installation and a restart take real seconds, hence a wait for each stage.
    const signed = (status: string) =>
      server.received("SignedFirmwareStatusNotification", ({ payload }) => payload.status === status);
    await signed("Installing");
    await server.until(() => boots() > beforeSigned, "the boot of the new firmware");
    await signed("Installed");
    assert.equal(server.of("BootNotification").at(-1)!.payload.firmwareVersion, "2.0.0");
    const retrieveDate = new Date().toISOString();
    assert.deepEqual(await call("UpdateFirmware", { location: `${files.url}/missing`, retrieveDate }), {});
    await server.received("FirmwareStatusNotification", ({ payload }) => payload.status === "DownloadFailed");

    const ids = await accepted("GetInstalledCertificateIds", {
      certificateType: "ManufacturerRootCertificate",
    });
    const [certificateHashData] = ids.certificateHashData;
    await accepted("DeleteCertificate", { certificateHashData });
    const beforeReset = boots();
    await accepted("Reset", { type: "Hard" });
    await server.until(() => boots() > beforeReset, "the boot after the Reset");

    const all = (Object.keys(ACTIONS) as Action[]).filter((action) => maySend("centralSystem", action));
    assert.equal(all.length, 26);
    assert.deepEqual(all.filter((action) => !sent.has(action)), []);
    await program.type("q");
    const { code, stderr } = await program.ended;
    assert.equal(code, 0, stderr);
    assert.deepEqual(server.failures, []);
  },
});
