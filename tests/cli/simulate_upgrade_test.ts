/**
 * `ocpp simulate` from a password to a certificate of its own, as a Central System asks for it: every link is real.
 */
import assert from "node:assert/strict";
import { answerSigningRequest, makeRoot, makeServer } from "../support/certificates.ts";
import { needs } from "../support/needs.ts";
import { startProgram } from "../support/program.ts";
import { secureCentralSystem } from "../support/secure_central_system.ts";

const program = needs("net", "run", "read", "write", "env");
const PERMISSIONS = ["--allow-net", "--allow-read", "--allow-env=OCPP_*", "--ignore-env"];
const OLD_KEY = "000102030405060708090a0b0c0d0e0f";
const NEW_KEY = "fffefdfcfbfaf9f8f7f6f5f4f3f2f1f0";
const ACCEPTED = { status: "Accepted" };

function basic(key: string): string {
  const password = String.fromCharCode(...Uint8Array.fromHex(key));
  return `Basic ${btoa(`CP001:${password}`)}`;
}

Deno.test({
  ...program("TC_073, TC_083, TC_074: a new password, then TLS, then a certificate that it asked for"),
  async fn() {
    const root = await makeRoot({ commonName: "Operator Root" });
    const issued = await makeServer(root, { commonName: "localhost" });
    await using plain = await secureCentralSystem();
    await using secure = await secureCentralSystem({
      tls: {
        chain: issued.chain,
        privateKey: issued.privateKey,
        clientRoots: [root.certificate],
        isClientOptional: true,
      },
    });
    await using running = startProgram([
      ...["simulate", plain.url, "--tls-url", secure.url, "--idle", "--serial", "SN-7"],
      ...["--authorization-key-hex", OLD_KEY, "--set", "CpoName=Operator"],
    ], { permissions: PERMISSIONS });
    await plain.until(() => plain.calls.some(({ action }) => action === "StatusNotification"), "a boot");
    const set = (key: string, value: string) => ({ key, value });

    assert.deepEqual(await plain.call("ChangeConfiguration", set("AuthorizationKey", NEW_KEY)), ACCEPTED);
    await plain.until(() => plain.sockets.length === 2, "a link with the new password");
    assert.deepEqual(plain.upgrades.map(({ authorization }) => authorization), [
      basic(OLD_KEY),
      basic(NEW_KEY),
    ]);

    const certificateType = "CentralSystemRootCertificate";
    const install = { certificateType, certificate: root.certificate };
    const rejected = { status: "Rejected" };
    assert.deepEqual(await plain.call("ChangeConfiguration", set("SecurityProfile", "2")), rejected);
    assert.deepEqual(await plain.call("InstallCertificate", install), ACCEPTED);
    assert.deepEqual(await plain.call("ChangeConfiguration", set("SecurityProfile", "2")), ACCEPTED);
    await secure.until(() => secure.sockets.length === 1, "a link with TLS");
    assert.equal(secure.upgrades[0]!.authorization, basic(NEW_KEY));

    const trigger = { requestedMessage: "SignChargePointCertificate" };
    assert.deepEqual(await secure.call("ExtendedTriggerMessage", trigger), ACCEPTED);
    const request = () => secure.calls.find(({ action }) => action === "SignCertificate");
    await secure.until(() => request() !== undefined, "SignCertificate");
    const certificateChain = await answerSigningRequest(root, request()!.payload.csr);
    assert.deepEqual(await secure.call("CertificateSigned", { certificateChain }), ACCEPTED);
    assert.deepEqual(await secure.call("ChangeConfiguration", set("SecurityProfile", "3")), ACCEPTED);
    await secure.until(() => secure.sockets.length === 2, "a link with its certificate");
    assert.deepEqual(secure.upgrades[1], {
      path: "/CP001",
      authorization: undefined,
      clientName: "SN-7",
    });
    // No reconnect is a boot.
    const boots = [...plain.calls, ...secure.calls].filter(({ action }) => action === "BootNotification");
    assert.equal(boots.length, 1);
    running.signal("SIGINT");
    const { stdout, stderr } = await running.ended;
    for (const secret of [OLD_KEY, NEW_KEY, "PRIVATE KEY"]) {
      assert.equal(`${stdout}${stderr}`.includes(secret), false, secret);
    }
  },
});
