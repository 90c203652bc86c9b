/**
 * The README's recipes for reverse proxies, with the real ones: Charge Points with security profiles 2 and 3 come in
 * through them, and headers that a client makes up do not.
 */
import assert from "node:assert/strict";
import { onBothListeners } from "../support/both_listeners.ts";
import { makeClient } from "../support/certificates.ts";
import { deadPort } from "../support/link_server.ts";
import { RawWebSocket } from "../support/raw_websocket.ts";
import { basicOf, type TestServer } from "../support/server.ts";
import { testTls } from "../support/tls.ts";
import { within } from "../support/within.ts";

const PASSWORD = "sixteen byte pwd";

/** Where a proxy listens, what it forwards to, and the folder with its certificates. */
interface Places {
  readonly port: number;
  readonly upstream: number;
  readonly folder: string;
}

/** A proxy: its recipe with other places, the command that runs it, and what it says once it listens. */
interface Proxy {
  readonly configuration: (recipe: string, places: Places) => string;
  readonly args: (folder: string) => string[];
  readonly isUp: RegExp;
}

const PROXIES: Readonly<Record<"nginx" | "caddy", Proxy>> = {
  nginx: {
    configuration: (recipe, { port, upstream, folder }) => `
        daemon off; master_process off; pid ${folder}/pid; error_log stderr notice; events {}
        http {
          access_log off;
          ${
      ["client_body", "proxy", "fastcgi", "uwsgi", "scgi"].map((n) => `${n}_temp_path ${folder}/${n};`).join(
        " ",
      )
    }
          ${
      recipe.replace("listen 443", `listen 127.0.0.1:${port}`).replaceAll("/etc/ocpp", folder)
        .replace("127.0.0.1:9000", `127.0.0.1:${upstream}`)
    }
        }`,
    args: (folder) => ["-p", folder, "-c", `${folder}/configuration`, "-e", "stderr"],
    isUp: /OS: /,
  },
  caddy: {
    configuration: (recipe, { port, upstream, folder }) =>
      `{\n admin off\n auto_https off\n storage file_system ${folder}/caddy\n}\n` +
      recipe.replace("csms.test {", `https://localhost:${port} {\n\tbind 127.0.0.1`)
        .replaceAll("/etc/ocpp", folder).replace("127.0.0.1:9000", `127.0.0.1:${upstream}`),
    args: (folder) => ["run", "--config", `${folder}/configuration`, "--adapter", "caddyfile"],
    isUp: /serving initial configuration/,
  },
};

function isInstalled(program: string): boolean {
  if (Deno.permissions.querySync({ name: "run" }).state !== "granted") return false;
  try {
    const args = [program === "nginx" ? "-v" : "version"];
    return new Deno.Command(program, { args, stdout: "null", stderr: "null" }).outputSync().success;
  } catch {
    return false;
  }
}

/** Runs a proxy by the README's recipe until it is disposed of. */
async function running(name: "nginx" | "caddy", upstream: number) {
  const { configuration, args, isUp } = PROXIES[name];
  const readme = await Deno.readTextFile(new URL("../../README.md", import.meta.url));
  const recipe = readme.split(`<!-- ${name} -->`)[1]!.split("```")[1]!.replace(/^\w+\n/, "");
  const folder = await Deno.makeTempDir({ prefix: `ocpp-${name}-` });
  const { root, server } = await testTls();
  await Deno.writeTextFile(`${folder}/server.pem`, server.chain);
  await Deno.writeTextFile(`${folder}/server.key`, server.privateKey);
  await Deno.writeTextFile(`${folder}/root.pem`, root.certificate);
  const port = deadPort();
  await Deno.writeTextFile(`${folder}/configuration`, configuration(recipe, { port, upstream, folder }));
  const child = new Deno.Command(name, {
    args: args(folder),
    env: { HOME: folder, XDG_CONFIG_HOME: folder, XDG_DATA_HOME: folder },
    stdin: "null",
    stdout: "null",
    stderr: "piped",
  }).spawn();
  let said = "";
  const up = Promise.withResolvers<void>();
  const listening = (async () => {
    for await (const text of child.stderr.pipeThrough(new TextDecoderStream())) {
      said += text;
      if (isUp.test(said)) up.resolve();
    }
    up.reject(new Error(`${name} ended: ${said}`));
  })();
  await within(up.promise, `${name} to listen`);
  return {
    port,
    async [Symbol.asyncDispose]() {
      child.kill("SIGKILL");
      await Promise.all([child.status, listening]);
      await Deno.remove(folder, { recursive: true });
    },
  };
}

/** Two records that insist on their profile. */
async function register(server: TestServer): Promise<void> {
  for (
    const [identity, record] of [
      ["CP2", { registration: "Accepted", securityProfile: 2, password: PASSWORD }],
      ["CP3", { registration: "Accepted", securityProfile: 3 }],
    ] as const
  ) {
    const { status } = await server.fetch(`/api/v1/charge-points/${identity}`, {
      method: "PUT",
      headers: { "content-type": "application/json", authorization: "Bearer t0ken" },
      body: JSON.stringify(record),
    });
    assert.equal(status, 201);
  }
}

async function play(server: TestServer, port: number): Promise<void> {
  const { root } = await testTls();
  const own = await makeClient(root, { commonName: "CP3", organization: "CPO" });
  const others = await makeClient(root, { commonName: "CP4", organization: "CPO" });
  const upgrade = async (
    identity: string,
    headers: Record<string, string>,
    client?: { chain: string; privateKey: string },
  ) => {
    const shown = client === undefined ? {} : { cert: client.chain, key: client.privateKey };
    using socket = await RawWebSocket.request({
      port,
      hostname: "localhost", // Caddy wants the name that it has a certificate for
      path: `/${identity}`,
      headers: { "sec-websocket-protocol": "ocpp1.6", ...headers },
      tls: { caCerts: [root.certificate], ...shown },
    });
    return socket.status;
  };
  assert.equal(await upgrade("CP2", { authorization: basicOf("CP2", PASSWORD) }), 101);
  assert.equal(await upgrade("CP3", {}, own), 101);
  assert.equal(await upgrade("CP3", {}, others), 401);
  assert.equal(await upgrade("CP3", {}), 401);
  const madeUp = {
    "x-ssl-client-verify": "SUCCESS",
    "x-ssl-client-cert": encodeURIComponent(own.certificate),
    "x-forwarded-for": "192.0.2.66",
    "x-forwarded-proto": "http",
  };
  assert.equal(await upgrade("CP3", madeUp), 401);
  // Once more with the name of the header in another case, and twice.
  assert.equal(await upgrade("CP3", { "X-Ssl-Client-Verify": "SUCCESS", ...madeUp }), 401);
  assert.equal(await upgrade("CP2", { ...madeUp, authorization: basicOf("CP2", PASSWORD) }), 101);
  const addresses = server.observer.of("connected").map(({ remoteAddress }) => remoteAddress);
  assert.deepEqual(new Set(addresses), new Set(["127.0.0.1"]), "not what a client made up");
  assert.match(server.observer.of("refused")[0]!.reason, /is for "CP4", not for "CP3"/);

  using http = Deno.createHttpClient({ caCerts: [root.certificate] });
  const status = async (headers: Record<string, string>) => {
    const url = `https://localhost:${port}/api/v1/charge-points`;
    const response = await fetch(url, { client: http, headers });
    await response.body?.cancel();
    return response.status;
  };
  const authorization = "Bearer t0ken";
  assert.equal(await status({}), 401);
  assert.equal(await status({ authorization, origin: `https://localhost:${port}` }), 200);
  assert.equal(await status({ authorization, origin: "https://elsewhere.test" }), 403);
}

for (const name of ["nginx", "caddy"] as const) {
  const title = `${name}: the README's recipe, profiles 2 and 3, made-up headers`;
  if (!isInstalled(name)) {
    Deno.test({ name: `${title} (needs ${name})`, ignore: true, fn() {} });
    continue;
  }
  onBothListeners(
    title,
    async (start) => {
      await using server = await start({ trustedProxies: ["127.0.0.1"], apiToken: "t0ken" });
      await register(server);
      await using proxy = await running(name, server.port);
      await play(server, proxy.port);
    },
    "run",
    "read",
    "write",
    "env",
  );
}
