import assert from "node:assert/strict";
import { needs } from "../support/needs.ts";
import { runProgram } from "../support/program.ts";
import { scriptedServer } from "../support/scripted_server.ts";

const program = needs("net", "run", "read", "write");
const PERMISSIONS = ["--allow-net", "--allow-read", "--allow-env=OCPP_*", "--ignore-env"];

/** The files of one test, by name; gone at its end. */
async function files(texts: Readonly<Record<string, string>>) {
  const folder = await Deno.makeTempDir();
  for (const [name, text] of Object.entries(texts)) await Deno.writeTextFile(`${folder}/${name}`, text);
  return { folder, [Symbol.asyncDispose]: () => Deno.remove(folder, { recursive: true }) };
}

Deno.test({
  ...program("simulate: --charge-point says what it is, options count more"),
  async fn() {
    await using server = scriptedServer({
      answers: { Authorize: () => ({ idTagInfo: { status: "Invalid" } }) },
    });
    await using described = await files({
      "mine.yaml": `
        # as on the type plate
        chargePointVendor: Acme
        chargePointModel: Twin
        chargePointSerialNumber: S-1
        meterType: MID
        connectors: 2
        configuration:
          CpoName: Example`,
    });
    await runProgram([
      ...["simulate", server.url, "--charge-point", `${described.folder}/mine.yaml`],
      ...["--model", "Twin 2", "--speed", "20"],
    ], { permissions: PERMISSIONS });
    assert.deepEqual(server.calls[0]!.payload, {
      chargePointVendor: "Acme",
      chargePointModel: "Twin 2",
      chargePointSerialNumber: "S-1",
      meterType: "MID",
    });
    const connectorIds = server.calls.filter(({ action }) => action === "StatusNotification")
      .map(({ payload }) => payload.connectorId);
    assert.deepEqual([...new Set(connectorIds)], [0, 1, 2]);
  },
});

Deno.test({
  ...program("simulate: a file that will not do is one line with its place, and the exit code 2"),
  async fn() {
    await using bad = await files({
      "field.yaml": "connectors: 2\nsupply:\n  volts: 230\n  phases: 2",
      "broken.json": '{ "connectors": 2',
      "key.yaml": "configuration:\n  HeartbeatInterval: 60\n  Heartbeat: 60",
      "value.yaml": "connectors: 1\nconfiguration: { ConnectorPhaseRotation: 2.RST }",
    });
    const run = async (name: string, permissions = PERMISSIONS) => {
      const { code, stderr } = await runProgram(
        ["simulate", "--charge-point", `${bad.folder}/${name}`],
        { permissions },
      );
      return [code, stderr.replaceAll(`${bad.folder}/`, "")];
    };
    assert.deepEqual(
      await Promise.all([
        run("field.yaml"),
        run("broken.json"),
        run("key.yaml"),
        run("value.yaml"),
        run("none.yaml"),
        run("", PERMISSIONS),
        run("field.yaml", ["--allow-net", "--allow-env=OCPP_*"]),
      ]),
      [
        [
          2,
          'ocpp: field.yaml:3:3: there is no field "volts"; allowed: phases, voltageV, maxCurrentA, dc (and 1 more)\n',
        ],
        [
          2,
          "ocpp: broken.json:1:18: Flow map must end with a }\n",
        ],
        [2, "ocpp: key.yaml:3:3: there is no configuration key Heartbeat\n"],
        [
          2,
          'ocpp: value.yaml:2:18: ConnectorPhaseRotation has "2.RST"; an item is like 1.RST\n',
        ],
        [1, "ocpp: cannot read none.yaml (--charge-point): there is no such file\n"],
        [1, "ocpp: cannot read  (--charge-point): it is a directory\n"],
        [
          1,
          "ocpp: cannot read field.yaml (--charge-point): this program may not read files; run it with --allow-read\n",
        ],
      ],
    );
  },
});

Deno.test({
  ...program("simulate: a secret that will not do is not repeated"),
  async fn() {
    await using bad = await files({
      "key.yaml": "configuration: { AuthorizationKey: hunter2 }",
      "list.yaml": "configuration: { AuthorizationKey: [hunter2] }",
    });
    const run = async (...args: string[]) => {
      const { code, stderr } = await runProgram(["simulate", ...args], { permissions: PERMISSIONS });
      assert.ok(!stderr.includes("hunter2"), stderr);
      assert.equal(code, 2);
    };
    await run("--set", "AuthorizationKey=hunter2");
    await run("--charge-point", `${bad.folder}/key.yaml`);
    await run("--charge-point", `${bad.folder}/list.yaml`);
  },
});

Deno.test({
  ...program("simulate: --preset lies below the file, and --list-presets tells all of them"),
  async fn() {
    await using server = scriptedServer({
      answers: { Authorize: () => ({ idTagInfo: { status: "Invalid" } }) },
    });
    await using described = await files({ "mine.yaml": "preset: ac-11kw\nmeterType: MID" });
    const file = `${described.folder}/mine.yaml`;
    const run = (...args: string[]) =>
      runProgram(["simulate", server.url, "--speed", "20", ...args], { permissions: PERMISSIONS });
    await run("--preset", "dc-50kw");
    await run("--charge-point", file);
    await run("--charge-point", file, "--preset", "dc-150kw");
    const boots = server.calls.filter(({ action }) => action === "BootNotification");
    assert.deepEqual(boots.map(({ payload }) => [payload.chargePointModel, payload.meterType]), [
      ["DC-50kW", undefined],
      ["AC-11kW", "MID"],
      ["DC-150kW", "MID"],
    ]);
    const { code, stdout, stderr } = await run("--list-presets");
    assert.deepEqual([code, stderr], [0, ""]);
    assert.match(stdout, /\n {2}ac-11kw +3 × 230 V, 16 A +AC 11 kW +detachable +compact\n/);
    assert.match(stdout, /\n {2}dc-150kw .* DC 150 kW, up to 920 V and 400 A +fixed +large\n/);
    assert.match(stdout, /\n {2}plug-in-hybrid +12 kWh +15 % +1 × 6 to 16 A +none\n/);
  },
});
