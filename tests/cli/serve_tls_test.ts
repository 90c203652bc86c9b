/**
 * `ocpp serve` with TLS and behind proxies: what it says when it starts, and when options or files will not do.
 */
import assert from "node:assert/strict";
import { makeClient, makeRoot, makeServer } from "../support/certificates.ts";
import { needs } from "../support/needs.ts";
import { type ProgramResult, runProgram, startProgram } from "../support/program.ts";

const program = needs("net", "run", "read", "write");

const PERMISSIONS = ["--allow-net", "--allow-read", "--allow-write", "--allow-env=OCPP_*", "--ignore-env"];
const IN_MEMORY = ["--host", "127.0.0.1", "--port", "0", "--database", ":memory:"];

const run = (...args: readonly string[]) =>
  runProgram(["serve", ...IN_MEMORY, ...args], { permissions: PERMISSIONS });

/** A folder with PEM files, gone afterwards; each under its name. */
async function withFiles(use: (path: (name: string) => string) => Promise<void>): Promise<void> {
  const folder = await Deno.makeTempDir({ prefix: "ocpp-serve-tls-" });
  const root = await makeRoot({ commonName: "Root" });
  const server = await makeServer(root, { commonName: "localhost" });
  const old = await makeServer(root, { commonName: "old", notAfterMs: Date.UTC(2021, 0, 1) });
  const early = await makeServer(root, { commonName: "early", notBeforeMs: Date.UTC(2048, 0, 1) });
  const oldRoot = await makeRoot({ commonName: "Old Root", notAfterMs: Date.UTC(2021, 0, 1) });
  const client = await makeClient(root, { commonName: "CP001" });
  const files = {
    "root.pem": root.certificate,
    "root.key": root.privateKey,
    "server.pem": server.chain,
    "server.key": server.privateKey,
    "old.pem": old.chain,
    "old.key": old.privateKey,
    "early.pem": early.chain,
    "early.key": early.privateKey,
    "oldroot.pem": oldRoot.certificate,
    "client.pem": client.chain,
    "damaged.pem": root.certificate.replace(/\n\w{8}/, "\nAAAAAAAA"),
    "nonsense.pem": "nonsense",
  };
  try {
    for (const [name, text] of Object.entries(files)) await Deno.writeTextFile(`${folder}/${name}`, text);
    await use((name) => `${folder}/${name}`);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

function assertLine({ code, stdout, stderr }: ProgramResult, expected: number, line: RegExp): void {
  assert.equal(code, expected, stderr);
  assert.match(stderr, line);
  assert.equal(stderr.split("\n").length, 2, stderr);
  assert.equal(stdout, "");
}

Deno.test({
  ...program("serve: options of TLS that do not go together are one line and exit code 2"),
  async fn() {
    const rows: readonly (readonly [args: readonly string[], line: RegExp])[] = [
      [["--tls-port", "9443"], /^ocpp: --tls-port alone is no TLS: add --tls-cert and --tls-key\n$/],
      [["--tls-cert", "a", "--tls-key", "b"], /^ocpp: --tls-cert and --tls-key alone .* add --tls-port\n$/],
      [["--client-ca", "a"], /^ocpp: --client-ca is of no use without TLS: /],
      [["--client-ca-key", "a"], /^ocpp: --client-ca-key needs its certificate too: /],
      [
        ["--port", "9443", "--tls-port", "9443", "--tls-cert", "a", "--tls-key", "b"],
        /^ocpp: .* are both 9443: /,
      ],
      [["--tls-port", "x"], /^ocpp: .*--tls-port.* 0 to 65535/],
      [["--trusted-proxy", "10.0.0.1/8"], /^ocpp: .*--trusted-proxy.*must look like 127\.0\.0\.1/],
      [["--trusted-proxy", "proxy.test"], /^ocpp: .*--trusted-proxy.*must look like 127\.0\.0\.1/],
    ];
    for (const [args, line] of rows) assertLine(await run(...args), 2, line);
  },
});

Deno.test({
  ...program("serve: a file of TLS that will not do is one line with its option, and exit code 1"),
  fn: () =>
    withFiles(async (path) => {
      const tls = (cert: string, key: string, ...more: string[]) => [
        ...["--tls-port", "0", "--tls-cert", path(cert), "--tls-key", path(key), ...more],
      ];
      const good = tls("server.pem", "server.key");
      const rows: readonly (readonly [args: readonly string[], line: RegExp])[] = [
        [
          tls("missing.pem", "server.key"),
          /^ocpp: cannot read .*missing\.pem \(--tls-cert\): there is no such/,
        ],
        [
          tls("server.pem", "missing.key"),
          /^ocpp: cannot read .*missing\.key \(--tls-key\): there is no such/,
        ],
        [tls("nonsense.pem", "server.key"), /\(--tls-cert\): it holds no certificate/],
        [tls("damaged.pem", "server.key"), /\(--tls-cert\): certificate 1 of 1 in it is damaged/],
        [tls("server.key", "server.key"), /\(--tls-cert\): it holds a private key and no certificate/],
        [tls("server.pem", "root.key"), /\(--tls-key\): the private key does not belong to the certificate/],
        [
          tls("old.pem", "old.key"),
          /\(--tls-cert\): the certificate of CN=old in it has expired at Jan {2}1/,
        ],
        [
          tls("early.pem", "early.key"),
          /\(--tls-cert\): the certificate of CN=early in it is not valid before/,
        ],
        [
          [...good, "--client-ca", path("client.pem")],
          /\(--client-ca\): .*CN=CP001 in it is no certificate auth/,
        ],
        [[...good, "--client-ca", path("oldroot.pem")], /\(--client-ca\): .*CN=Old Root in it has expired/],
        [
          [...good, "--client-ca", path("root.pem"), "--client-ca-key", path("server.key")],
          /\(--client-ca-key\): the private key does not belong/,
        ],
      ];
      for (const [args, line] of rows) {
        const result = await run(...args);
        assertLine(result, 1, line);
        assert.doesNotMatch(result.stderr, /[A-Za-z0-9+]{50}/, "nothing of a key");
      }
    }),
});

Deno.test({
  ...program("serve: a TLS port in use is one line that names --tls-port, and exit code 1"),
  fn: () =>
    withFiles(async (path) => {
      using taken = Deno.listen({ hostname: "127.0.0.1", port: 0 });
      const { port } = taken.addr;
      const files = ["--tls-cert", path("server.pem"), "--tls-key", path("server.key")];
      assertLine(
        await run("--tls-port", String(port), ...files),
        1,
        new RegExp(`^ocpp: cannot listen on 127.0.0.1:${port}: port ${port} is in use; .*with --tls-port\n$`),
      );
    }),
});

Deno.test({
  ...program("serve: the banner and the facts name both ports, and both work until Ctrl-C"),
  ignore: Deno.build.os === "windows" || program("").ignore,
  fn: () =>
    withFiles(async (path) => {
      const args = [
        ...["--tls-port", "0", "--tls-cert", path("server.pem"), "--tls-key", path("server.key")],
        ...["--client-ca", path("root.pem")],
      ];
      const start = (...more: string[]) =>
        startProgram(["serve", ...IN_MEMORY, ...args, ...more], { permissions: PERMISSIONS });
      await using shown = start();
      await shown.printed(/Try/);
      const [, plainUrl, tlsUrl] =
        /Charge Points +(ws:\/\/\S+)\/<identity>\n +with TLS +(wss:\/\/\S+)\/<identity>\n/.exec(
          shown.stdout(),
        )!;
      const apis = /API +(http:\S+) and (https:\S+)\n/.exec(shown.stdout())!.slice(1);
      assert.deepEqual(apis, [plainUrl, tlsUrl].map((url) => `${url!.replace(/^ws/, "http")}/`));
      using client = Deno.createHttpClient({ caCerts: [await Deno.readTextFile(path("root.pem"))] });
      for (const api of apis) {
        assert.equal(await (await fetch(`${api}healthz`, { client })).text(), '{"status":"ok"}');
      }
      shown.signal("SIGINT");
      assert.equal((await shown.ended).code, 0);

      await using told = start("--json");
      await told.printed(/"apiTls"/);
      const { listening, api, listeningTls, apiTls, listener } = JSON.parse(told.stdout().split("\n")[0]!);
      assert.match(listening, /^ws:/);
      assert.match(api, /^http:/);
      assert.match(listeningTls, /^wss:\/\/127\.0\.0\.1:\d+$/);
      assert.equal(apiTls, `${listeningTls.replace(/^wss/, "https")}/`);
      assert.equal(listener, "native");
    }),
});

Deno.test({
  ...program("serve: behind a trusted proxy the API wants a token and the listener is the hardened one"),
  async fn() {
    const args = [
      "serve",
      ...IN_MEMORY,
      "--trusted-proxy",
      "127.0.0.1",
      "--trusted-proxy",
      "fd00::/8",
      "--json",
    ];
    await using serve = startProgram(args, { permissions: PERMISSIONS });
    await serve.printed(/"listening"/);
    const { api, listener, apiToken } = JSON.parse(serve.stdout().split("\n")[0]!);
    assert.equal(listener, "hardened");
    const status = async (headers: Record<string, string>) => {
      const response = await fetch(`${api}api/v1/charge-points`, { headers });
      await response.body?.cancel();
      return response.status;
    };
    assert.equal(await status({}), 401);
    assert.equal(await status({ authorization: `Bearer ${apiToken}` }), 200);
  },
});
