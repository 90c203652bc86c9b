/**
 * A certificate is public: without its private key it opens nothing. No TLS library shows a certificate without its
 * key, so openssl is given a key with the public half of one pair and the private half of another.
 */
import assert from "node:assert/strict";
import { type Issued, makeClient, makeRoot } from "../support/certificates.ts";
import { needs } from "../support/needs.ts";
import { startSecuredServer } from "../support/secured_server.ts";

const everything = needs("net", "run", "read", "write", "env");

function hasOpenssl(): boolean {
  if (Deno.permissions.querySync({ name: "run" }).state !== "granted") return false;
  try {
    return new Deno.Command("openssl", { args: ["version"], stdout: "null", stderr: "null" }).outputSync()
      .success;
  } catch {
    return false;
  }
}

const isThere = hasOpenssl();
const definition = everything("a certificate without its private key is let in nowhere");

/** Runs openssl with what it is to read. */
async function openssl(args: readonly string[], input = new Uint8Array()): Promise<string> {
  const child = new Deno.Command("openssl", {
    args: [...args],
    stdin: "piped",
    stdout: "piped",
    stderr: "piped",
  })
    .spawn();
  const writer = child.stdin.getWriter();
  await writer.write(input).catch(() => {});
  await writer.close().catch(() => {});
  const { stdout, stderr } = await child.output();
  return new TextDecoder().decode(stdout) + new TextDecoder().decode(stderr);
}

/** A private key (PKCS#1) that says it is the one of `shown`, and signs with that of `own`. Spec: RFC 8017 A.1.2. */
async function forgedKey(shown: Issued, own: Issued, folder: string): Promise<string> {
  const numbersOf = async ({ keys }: Issued) =>
    await crypto.subtle.exportKey("jwk", keys.privateKey) as Record<string, string>;
  const [pretended, real] = [await numbersOf(shown), await numbersOf(own)];
  const hex = (base64: string) => `0x${Uint8Array.fromBase64(base64, { alphabet: "base64url" }).toHex()}`;
  const numbers = [
    ...["0", hex(pretended.n!), "65537"],
    ...["d", "p", "q", "dp", "dq", "qi"].map((name) => hex(real[name]!)),
  ];
  const lines = numbers.map((number, index) => `n${index}=INTEGER:${number}`);
  await Deno.writeTextFile(`${folder}/asn1`, `asn1=SEQUENCE:key\n[key]\n${lines.join("\n")}\n`);
  await openssl(["asn1parse", "-genconf", `${folder}/asn1`, "-noout", "-out", `${folder}/der`]);
  await openssl(["rsa", "-inform", "DER", "-in", `${folder}/der`, "-out", `${folder}/forged.key`]);
  return `${folder}/forged.key`;
}

Deno.test({
  name: isThere ? definition.name : `${definition.name} (needs openssl)`,
  ignore: definition.ignore || !isThere,
  async fn() {
    const folder = await Deno.makeTempDir({ prefix: "ocpp-stolen-" });
    try {
      const root = await makeRoot({ commonName: "Root" });
      const victim = await makeClient(root, { commonName: "CP001", keyType: "RSA" });
      const thief = await makeClient(root, { commonName: "CP002", keyType: "RSA" });
      await Deno.writeTextFile(`${folder}/victim.pem`, victim.chain);
      await Deno.writeTextFile(`${folder}/victim.key`, victim.privateKey);
      const forged = await forgedKey(victim, thief, folder);
      await using server = await startSecuredServer({
        tls: { clientRoots: [root.certificate] },
        admission: { securityProfile: 3 },
      });
      const answerTo = (key: string, version: string) =>
        openssl([
          ...["s_client", "-connect", `127.0.0.1:${server.tlsPort}`, version, "-quiet", "-ign_eof"],
          ...["-cert", `${folder}/victim.pem`, "-key", key],
        ], UPGRADE);
      for (const version of ["-tls1_2", "-tls1_3"]) {
        const answer = await answerTo(forged, version);
        // The server hangs up, with or without an alert that arrives before that.
        assert.match(answer, /alert decrypt error|unexpected eof/, answer);
        assert.doesNotMatch(answer, /HTTP/);
        assert.deepEqual(server.observer.of("connected"), []);
      }
      await server.observer.until(
        () => server.observer.of("refused").length > 0,
        "what the operator is told",
      );
      assert.match(
        server.observer.of("refused")[0]!.reason,
        /the peer does not have the key of the certificate/,
      );
      // The same with the right key gets in: what is refused is the key.
      assert.match(await answerTo(`${folder}/victim.key`, "-tls1_3"), /HTTP\/1\.1 101 /);
      assert.equal(server.observer.of("connected").length, 1);
    } finally {
      await Deno.remove(folder, { recursive: true });
    }
  },
});

/** An upgrade, and a close frame behind it, so that the connection ends. Spec: RFC 6455 §5.5.1. */
const UPGRADE = new Uint8Array([
  ...new TextEncoder().encode(
    [
      "GET /CP001 HTTP/1.1",
      "Host: localhost",
      "Connection: Upgrade",
      "Upgrade: websocket",
      "Sec-WebSocket-Version: 13",
      "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==",
      "Sec-WebSocket-Protocol: ocpp1.6",
    ].join("\r\n") + "\r\n\r\n",
  ),
  ...[0x88, 0x80, 0, 0, 0, 0],
]);
