import assert from "node:assert/strict";
import { CommandError, UsageError } from "../../src/cli/exit_code.ts";
import { securityOf, type SecurityOptions, securityProfileOf } from "../../src/cli/simulate/security.ts";
import { makeClient, makeRoot, privateKeyPem } from "../support/certificates.ts";
import { needs } from "../support/needs.ts";

const WS = "ws://csms.test/ocpp";
const WSS = "wss://csms.test/ocpp";

Deno.test("simulate: the security profile follows from the URL and from what there is to show", () => {
  const certificate = { cert: "client.pem", key: "client.key" };
  const rows: readonly (readonly [options: SecurityOptions, profile: number])[] = [
    [{ url: WS }, 0],
    [{ url: WSS }, 0],
    [{ url: WSS, ca: "root.pem" }, 0],
    [{ url: WS, password: "p" }, 1],
    [{ url: WS, authorizationKeyHex: "00".repeat(16) }, 1],
    [{ url: WSS, password: "p" }, 2],
    [{ url: WSS, authorizationKeyHex: "00".repeat(16), ca: "root.pem" }, 2],
    [{ url: WSS, ...certificate }, 3],
    // What a higher profile will need may be there from the start.
    [{ url: WS, tlsUrl: WSS, ca: "root.pem", ...certificate }, 0],
    [{ url: WS, tlsUrl: WSS, password: "p", ca: "root.pem", ...certificate }, 1],
  ];
  for (const [options, profile] of rows) {
    assert.equal(securityProfileOf(options), profile, JSON.stringify(options));
  }
});

Deno.test("simulate: options of security that contradict each other are wrong usage", () => {
  const certificate = { cert: "client.pem", key: "client.key" };
  const rows: readonly (readonly [options: SecurityOptions, line: RegExp])[] = [
    [{ url: WS, password: "p", authorizationKeyHex: "00".repeat(16) }, /: give one of them$/],
    [{ url: WSS, cert: "client.pem" }, /^--cert needs its private key too: add --key <file>$/],
    [{ url: WSS, key: "client.key" }, /^--key needs its certificate too: add --cert <file>$/],
    [
      { url: WS, ca: "root.pem" },
      /^--ca is of no use without TLS: connect to wss:\/\/, or say with --tls-url/,
    ],
    [{ url: WS, ...certificate }, /^--cert is of no use without TLS/],
    [{ url: WSS, password: "p", ...certificate }, /: give --password or --cert, not both$/],
    [{ url: WS, tlsUrl: WS }, /^--tls-url is where TLS is spoken: let it begin with wss:\/\/$/],
    [{ url: WSS, tlsUrl: WSS }, /: leave --tls-url out/],
  ];
  for (const [options, line] of rows) {
    assert.throws(
      () => securityProfileOf(options),
      (error) => error instanceof UsageError && line.test(error.message),
      JSON.stringify(options),
    );
  }
});

Deno.test("simulate: passwords are the bytes of their text, the TLS URL is the URL with wss", async () => {
  assert.deepEqual(await securityOf({ url: WS, password: "pä" }), {
    urls: { plain: WS, tls: WSS },
    security: { securityProfile: 1, authorizationKey: "70c3a4", roots: [] },
  });
  assert.deepEqual(
    await securityOf({ url: WS, authorizationKeyHex: "FF".repeat(16), tlsUrl: "wss://other.test" }),
    {
      urls: { plain: WS, tls: "wss://other.test" },
      security: { securityProfile: 1, authorizationKey: "ff".repeat(16), roots: [] },
    },
  );
});

const files = needs("read", "write");

/** Writes files into a folder that is gone afterwards. */
async function folder() {
  const path = await Deno.makeTempDir({ prefix: "ocpp-pem-" });
  return {
    async write(name: string, text: string) {
      await Deno.writeTextFile(`${path}/${name}`, text);
      return `${path}/${name}`;
    },
    [Symbol.asyncDispose]: () => Deno.remove(path, { recursive: true }),
  };
}

Deno.test({
  ...files("simulate: PEM files may hold several certificates, with prose between, and keys of any form"),
  async fn() {
    await using at = await folder();
    const root = await makeRoot({ commonName: "Root" });
    const other = await makeRoot({ commonName: "Other Root" });
    const client = await makeClient(root, { commonName: "CP-1", organization: "CPO" });
    const windows = client.privateKey.replaceAll("\n", "\r\n");
    const { security } = await securityOf({
      url: WSS,
      ca: await at.write("roots.pem", `# ours\n${root.certificate}\n# theirs\n${other.certificate}`),
      cert: await at.write("client.pem", `subject=CP-1\n${client.chain}`),
      key: await at.write("client.key", windows),
    });
    assert.deepEqual(security, {
      securityProfile: 3,
      roots: [root.certificate, other.certificate],
      clientCertificate: { chain: client.chain, privateKey: client.privateKey },
    });
  },
});

Deno.test({
  ...files("simulate: a PEM file that will not do is named, with what is wrong with it"),
  async fn() {
    await using at = await folder();
    const root = await makeRoot({ commonName: "Root" });
    const ca = await at.write("root.pem", root.certificate);
    const key = await at.write("root.key", await privateKeyPem(root.keys));
    const client = await makeClient(root, { commonName: "CP-1" });
    const cert = await at.write("client.pem", client.chain);
    const nothing = await at.write("nothing.pem", "to whom it may concern");
    const wrap = (kind: string) => `-----BEGIN ${kind}-----\nAAAA\n-----END ${kind}-----\n`;
    const damaged = await at.write("damaged.pem", root.certificate + wrap("CERTIFICATE"));
    const damagedKey = await at.write("damaged.key", wrap("PRIVATE KEY"));
    const encrypted = await at.write("encrypted.key", wrap("ENCRYPTED PRIVATE KEY"));
    const missing = `${ca}.missing`;
    const rows: readonly (readonly [options: Partial<SecurityOptions>, line: string])[] = [
      [{ ca: missing }, `cannot read ${missing} (--ca): there is no such file`],
      [
        { ca: nothing },
        `cannot use ${nothing} (--ca): it holds no certificate; a PEM file has -----BEGIN CERTIFICATE----- in it`,
      ],
      [{ ca: key }, `cannot use ${key} (--ca): it holds a private key and no certificate`],
      [{ ca: damaged }, `cannot use ${damaged} (--ca): certificate 2 of 2 in it is damaged`],
      [
        { cert, key: cert },
        `cannot use ${cert} (--key): it holds no private key; a PEM file has -----BEGIN PRIVATE KEY----- in it`,
      ],
      [{ cert, key }, `cannot use ${key} (--key): the private key does not belong to the certificate`],
      [
        { cert, key: damagedKey },
        `cannot use ${damagedKey} (--key): the private key in it is damaged, or of an unknown kind`,
      ],
      [
        { cert, key: encrypted },
        `cannot use ${encrypted} (--key): the key is encrypted; decrypt it with ` +
        '"openssl pkey -in <file> -out <new file>"',
      ],
    ];
    for (const [options, line] of rows) {
      await assert.rejects(
        () => securityOf({ url: WSS, ...options }),
        (error) => error instanceof CommandError && error.message === line,
        line,
      );
    }
  },
});
