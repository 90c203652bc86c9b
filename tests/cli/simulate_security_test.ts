/**
 * `ocpp simulate` with security profiles: whom it trusts, what it shows, and what it says when that is refused.
 */
import assert from "node:assert/strict";
import { type Issued, makeClient, makeRoot, makeServer } from "../support/certificates.ts";
import { deadPort, linkServer, type LinkServerScript } from "../support/link_server.ts";
import { needs } from "../support/needs.ts";
import { type ProgramOptions, runProgram } from "../support/program.ts";
import { secureCentralSystem } from "../support/secure_central_system.ts";

const program = needs("net", "run", "read", "write", "env");

/** What the task grants. */
const PERMISSIONS = ["--allow-net", "--allow-read", "--allow-env=OCPP_*", "--ignore-env"];
const QUICK = ["--speed", "100", "--duration", "50", "--interval", "25"];
const SECRET = "a secret word 17"; // 16 bytes

function simulate(args: readonly string[], env: ProgramOptions["env"] = {}) {
  return runProgram(["simulate", ...args], { permissions: PERMISSIONS, env });
}

/** A folder with PEM files, gone afterwards. */
async function pemFiles() {
  const folder = await Deno.makeTempDir({ prefix: "ocpp-pem-" });
  const root = await makeRoot({ commonName: "Operator Root" });
  const server = await makeServer(root, { commonName: "localhost" });
  const client = await makeClient(root, { commonName: "CP-SERIAL-1", organization: "CPO" });
  const write = async (name: string, text: string) => {
    await Deno.writeTextFile(`${folder}/${name}`, text);
    return `${folder}/${name}`;
  };
  return {
    root,
    server,
    client,
    write,
    ca: await write("root.pem", root.certificate),
    cert: await write("client.pem", client.chain),
    key: await write("client.key", client.privateKey),
    [Symbol.asyncDispose]: () => Deno.remove(folder, { recursive: true }),
  };
}

function tlsOf({ chain, privateKey }: Issued) {
  return { chain, privateKey };
}

Deno.test({
  ...program("simulate: profile 1 shows the password of the environment, and tells it nobody"),
  async fn() {
    await using server = await secureCentralSystem();
    const { code, stdout, stderr } = await simulate([server.url, "--id", "AL1000", "--json", ...QUICK], {
      OCPP_PASSWORD: SECRET,
    });
    assert.equal(code, 0, stderr);
    assert.equal(server.upgrades[0]!.authorization, `Basic ${btoa(`AL1000:${SECRET}`)}`);
    assert.equal(JSON.parse(stdout.split("\n")[0]!).securityProfile, 1);
    for (const secret of [SECRET, btoa(SECRET).slice(4, -4), new TextEncoder().encode(SECRET).toHex()]) {
      assert.equal(`${stdout}${stderr}`.includes(secret), false, secret);
    }
  },
});

Deno.test({
  ...program("simulate: --authorization-key-hex shows bytes that are no text (OCPP-J §6.2.1)"),
  async fn() {
    await using server = await secureCentralSystem();
    const key = "0001020304050607FFFFFFFFFFFFFFFFFFFFFFFF";
    const { code, stderr } = await simulate([
      ...[server.url, "--id", "AL1000", "--authorization-key-hex", key],
      ...QUICK,
    ]);
    assert.equal(code, 0, stderr);
    assert.equal(server.upgrades[0]!.authorization, "Basic QUwxMDAwOgABAgMEBQYH////////////////");
  },
});

Deno.test({
  ...program("simulate: profile 2 trusts --ca and shows the password"),
  async fn() {
    await using files = await pemFiles();
    await using server = await secureCentralSystem({ tls: tlsOf(files.server) });
    const { code, stdout, stderr } = await simulate([server.url, "--ca", files.ca, ...QUICK], {
      OCPP_PASSWORD: SECRET,
    });
    assert.equal(code, 0, stderr);
    assert.match(stdout, /security profile 2/);
    assert.equal(server.upgrades[0]!.authorization, `Basic ${btoa(`CP001:${SECRET}`)}`);
  },
});

Deno.test({
  ...program("simulate: profile 3 shows its certificate and no password"),
  async fn() {
    await using files = await pemFiles();
    const { root, server: issued, ca, cert, key } = files;
    await using server = await secureCentralSystem({
      tls: { ...tlsOf(issued), clientRoots: [root.certificate] },
    });
    const { code, stdout, stderr } = await simulate([
      ...[server.url, "--ca", ca, "--cert", cert, "--key", key],
      ...QUICK,
    ]);
    assert.equal(code, 0, stderr);
    assert.match(stdout, /security profile 3/);
    assert.deepEqual(server.upgrades, [
      { path: "/CP001", authorization: undefined, clientName: "CP-SERIAL-1" },
    ]);
  },
});

/** What a failing attempt says on its last line. */
async function complaint(script: LinkServerScript, args: readonly string[], env: ProgramOptions["env"] = {}) {
  await using server = await linkServer(script);
  const { code, stderr } = await simulate([server.url, "--connect-timeout", "0.3", ...args], env);
  assert.equal(code, 1, stderr);
  assert.equal(stderr.includes(SECRET), false);
  return stderr.trim().split("\n").at(-1)!.replace(server.url, "URL");
}

Deno.test({
  ...program("simulate: each failure of security says in one line what to do"),
  async fn() {
    await using files = await pemFiles();
    const { root, server, ca } = files;
    const tls = tlsOf(server);
    const outdated = await makeServer(root, { commonName: "localhost", notAfterMs: Date.now() - 1_000 });
    const elsewhere = await makeServer(root, { commonName: "csms.test", dnsNames: ["csms.test"], ips: [] });
    assert.equal(
      await complaint({ tls }, []),
      "ocpp: cannot connect to URL/CP001: the server's certificate is of an unknown issuer; " +
        "name the root certificate with --ca, if you trust it",
    );
    assert.equal(
      await complaint({ tls: tlsOf(outdated) }, ["--ca", ca]),
      "ocpp: cannot connect to URL/CP001: the server's certificate has expired; " +
        "renew the Central System's certificate, or set this machine's clock",
    );
    assert.equal(
      await complaint({ tls: tlsOf(elsewhere) }, ["--ca", ca]),
      "ocpp: cannot connect to URL/CP001: the server's certificate is for another host (DNS:csms.test); " +
        "use the host name in the certificate, or let the certificate name this host",
    );
    assert.equal(
      await complaint({ tls: { ...tls, clientRoots: [root.certificate] } }, ["--ca", ca]),
      "ocpp: cannot connect to URL/CP001: the server wants a client certificate; " +
        "show a certificate that it accepts with --cert and --key",
    );
    assert.equal(
      await complaint({ http: { status: 401, body: "no such password\n" } }, [], { OCPP_PASSWORD: SECRET }),
      "ocpp: cannot connect to URL/CP001: the server answered HTTP 401: no such password; " +
        'it wants credentials, or other ones, for "CP001": give them with --password',
    );
  },
});

Deno.test({
  ...program("simulate: wrong options and files end it at once, with one line and without the secret"),
  async fn() {
    await using files = await pemFiles();
    const tls = `wss://localhost:${deadPort()}`;
    const rows: readonly (readonly [args: readonly string[], code: number, line: RegExp])[] = [
      [[tls, "--password", SECRET, "--authorization-key-hex", "00".repeat(16)], 2, /give one of them$/],
      [[tls, "--authorization-key-hex", `${SECRET}zz`], 2, /32 to 40 digits/],
      [[tls, "--password", SECRET.repeat(5)], 2, /1 to 64 bytes; this one has 80$/],
      [[tls, "--password", SECRET, "--ca", files.key], 1, /it holds a private key and no certificate$/],
    ];
    for (const [args, expected, line] of rows) {
      const { code, stdout, stderr } = await simulate(args);
      assert.equal(code, expected, `${args}: ${stderr}`);
      assert.match(stderr, /^ocpp: [^\n]*\n$/);
      assert.match(stderr.trim(), line);
      assert.equal(`${stdout}${stderr}`.includes(SECRET), false, stderr);
    }
  },
});
