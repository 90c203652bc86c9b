/**
 * `ocpp secure`: from no security to a password and a profile, step by step, and what it says when a step fails.
 */
import assert from "node:assert/strict";
import { secure, type SecureOptions } from "../../src/cli/secure/secure.ts";
import { CommandError, type ExitCode } from "../../src/cli/exit_code.ts";
import { styleFor } from "../../src/cli/terminal.ts";
import { basicOf, overSockets, startServer, type TestServer } from "../support/server.ts";
import { SocketClient } from "../support/socket_client.ts";

const KEY = "000102030405060708090A0B0C0D0E0FFFFFFFFF";

async function ocppSecure(server: TestServer, options: Partial<SecureOptions> = {}) {
  let stdout = "";
  const world = {
    readFile: () => "a root certificate",
    stdout: {
      isTerminal: false,
      style: styleFor({ colours: false }),
      columns: () => 120,
      write: (text: string) => void (stdout += text),
    },
  };
  const wanted = {
    ...{ server: server.api, identity: "CP1", keepPassword: false, reset: true, timeout: 10, json: false },
    ...options,
  };
  try {
    const code: ExitCode = await secure(wanted, world);
    return { code, stdout, stderr: "" };
  } catch (error) {
    if (!(error instanceof CommandError)) throw error;
    return { code: error.exitCode, stdout, stderr: error.message };
  }
}

function securing(name: string, fn: (server: TestServer, chargePoint: SocketClient) => Promise<void>): void {
  Deno.test({
    ...overSockets(`ocpp secure: ${name}`),
    async fn() {
      await using server = startServer();
      await using chargePoint = await server.connect("CP1");
      await chargePoint.boot();
      await fn(server, chargePoint);
    },
  });
}

/** Answers the next Call and gives its Action and payload. */
async function answer(chargePoint: SocketClient, payload: unknown): Promise<readonly unknown[]> {
  const call = await chargePoint.takeCall();
  chargePoint.answer(call, payload);
  return call.slice(2);
}

const ACCEPTED = { status: "Accepted" };

securing("a random password of 20 bytes, which is shown to nobody", async (server, chargePoint) => {
  const running = ocppSecure(server);
  const [action, payload] = await answer(chargePoint, ACCEPTED) as [string, { key: string; value: string }];
  assert.deepEqual([action, payload.key], ["ChangeConfiguration", "AuthorizationKey"]);
  assert.match(payload.value, /^[0-9A-F]{40}$/);
  const { code, stdout, stderr } = await running;
  assert.deepEqual([code, stderr], [0, ""]);
  assert.match(stdout, /^1\/1 AuthorizationKey +Accepted\n$/);
  assert.ok(!stdout.includes(payload.value));
  const url = `${server.url}/CP1`;
  const authorization = basicOf("CP1", Uint8Array.fromHex(payload.value));
  await using _again = await SocketClient.open(url, "ocpp1.6", { authorization });
});

securing("to profile 1 over a reset, until it is used", async (server, chargePoint) => {
  const running = ocppSecure(server, { profile: 1, authorizationKeyHex: KEY, json: true });
  assert.deepEqual(await answer(chargePoint, ACCEPTED), [
    "ChangeConfiguration",
    { key: "AuthorizationKey", value: KEY },
  ]);
  assert.deepEqual(await answer(chargePoint, { status: "RebootRequired" }), [
    "ChangeConfiguration",
    { key: "SecurityProfile", value: "1" },
  ]);
  assert.deepEqual(await answer(chargePoint, ACCEPTED), ["Reset", { type: "Hard" }]);
  await chargePoint.close();
  await using _again = await server.connectWith("CP1", Uint8Array.fromHex(KEY));
  const { code, stdout, stderr } = await running;
  assert.deepEqual([code, stderr], [0, ""]);
  assert.deepEqual(stdout.trim().split("\n").map((line) => JSON.parse(line)), [
    { chargePoint: "CP1", step: "AuthorizationKey", outcome: "Accepted" },
    { chargePoint: "CP1", step: "SecurityProfile", outcome: "RebootRequired" },
    { chargePoint: "CP1", step: "reset", outcome: "Accepted" },
    { chargePoint: "CP1", step: "first link on it", outcome: "security profile 1" },
  ]);
  assert.deepEqual(await ocppSecure(server, { profile: 1 }), {
    code: 2,
    stdout: "",
    stderr: "CP1 is on security profile 1 already, and none is ever lowered over OCPP",
  });
});

securing("one that connects anew by itself needs no reset", async (server, chargePoint) => {
  const running = ocppSecure(server, { profile: 1, authorizationKeyHex: KEY });
  await answer(chargePoint, ACCEPTED);
  await answer(chargePoint, ACCEPTED);
  await chargePoint.takeCall(); // the Reset, to which it does not answer any more
  await using _again = await server.connectWith("CP1", Uint8Array.fromHex(KEY));
  const { code, stdout, stderr } = await running;
  assert.deepEqual([code, stderr], [0, ""]);
  assert.match(stdout, /3\/4 reset +it left by itself\n4\/4 first link on it +security profile 1\n$/);
});

securing("a step that is refused ends it, and says where things stand", async (server, chargePoint) => {
  const refused = ocppSecure(server, { profile: 1 });
  await answer(chargePoint, { status: "Rejected" });
  const { code, stdout, stderr } = await refused;
  assert.equal(code, 1);
  assert.match(stdout, /^1\/4 AuthorizationKey +failed\n$/);
  assert.equal(stderr, "AuthorizationKey: it answered Rejected; its security profile is unchanged (0)");
});

securing("one that does not come back leaves its profile pending", async (server, chargePoint) => {
  const running = ocppSecure(server, { profile: 1, reset: false, timeout: 1 });
  await answer(chargePoint, ACCEPTED);
  await answer(chargePoint, ACCEPTED);
  const { code, stderr } = await running;
  assert.equal(code, 1);
  assert.match(
    stderr,
    /^first link on it: it has not connected on profile 1 within 1 s; security profile 1 is pending/,
  );
});

securing("what makes no sense is refused before anything is sent", async (server) => {
  const wrong: [Partial<SecureOptions>, RegExp][] = [
    [{ authorizationKeyHex: "00" }, /32 to 40 hexadecimal digits/],
    [{ keepPassword: true }, /nothing is left to do/],
    [{ keepPassword: true, profile: 1 }, /has no password to keep/],
    [{ keepPassword: true, profile: 1, authorizationKeyHex: KEY }, /exclude each other/],
    [{ profile: 1, root: "root.pem" }, /profiles 2 and 3/],
  ];
  for (const [options, what] of wrong) {
    const { code, stderr } = await ocppSecure(server, options);
    assert.equal(code, 2);
    assert.match(stderr, what);
  }
  const unknown = await ocppSecure(server, { identity: "CP2" });
  assert.deepEqual([unknown.code, unknown.stderr], [1, "no Charge Point CP2 is known"]);
});
