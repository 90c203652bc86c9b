import assert from "node:assert/strict";
import { needs } from "../support/needs.ts";
import { FAULTS_TOLD_MAX } from "../../src/scenario/yaml_file.ts";
import { STANDARD } from "../../src/charge_point/description.ts";
import { VEHICLES } from "../../src/charge_point/energy/vehicle_description.ts";
import {
  configurationOf,
  describedBy,
  PRESET_DEFAULT,
  presetNamed,
  vehicleOf,
} from "../../src/scenario/described.ts";
import {
  DESCRIPTION_FILE_MAX_LENGTH,
  DescriptionFile,
  parseDescriptionFile,
  PRESET_NAMES,
  VEHICLE_NAMES,
  VehicleFile,
} from "../../src/scenario/description_file.ts";

function faultsOf(text: string): readonly string[] {
  const parsed = parseDescriptionFile(text, "cp.yaml");
  return parsed.ok ? [] : parsed.faults;
}

/** A file and everything that is said about it. */
const FAULTY: readonly (readonly [text: string, ...messages: string[]])[] = [
  ["connectors: 0", "cp.yaml:1:1: connectors is from 1 to 100, not 0"],
  ["connectors: two", 'cp.yaml:1:1: connectors is a number, not "two"'],
  ["connectors: 1.5", "cp.yaml:1:1: connectors is a whole number, not 1.5"],
  ["connectors: .inf", "cp.yaml:1:1: connectors is a number, not Infinity"],
  [
    "cable: loose\nsupply:\n  phases: 2\n  volts: 3\n  voltageV: 0",
    'cp.yaml:1:1: cable is fixed or detachable, not "loose"',
    "cp.yaml:3:3: supply.phases is 1 or 3, not 2",
    'cp.yaml:4:3: there is no field "volts"; allowed: phases, voltageV, maxCurrentA, dc',
    "cp.yaml:5:3: supply.voltageV is more than 0 and at most 1000, not 0",
  ],
  ["conectors: 3", 'cp.yaml:1:1: there is no field "conectors", did you mean connectors?'],
  ["cabel: fixed", 'cp.yaml:1:1: there is no field "cabel", did you mean cable?'],
  ["Supply: 3", 'cp.yaml:1:1: there is no field "Supply", did you mean supply?'],
  ["vendor: Acme", 'cp.yaml:1:1: there is no field "vendor", did you mean chargePointVendor?'],
  ["supply: 5", "cp.yaml:1:1: supply is a set of fields, not 5"],
  [
    "featureProfiles:\n  - Core\n  - Foo",
    "cp.yaml:3:5: featureProfiles[1] is Core, FirmwareManagement, LocalAuthListManagement, Reservation, " +
    'SmartCharging, RemoteTrigger or Security, not "Foo"',
  ],
  ["featureProfiles: Core", 'cp.yaml:1:1: featureProfiles is a list, not "Core"'],
  ["firmwareVersion: 1.0", "cp.yaml:1:1: firmwareVersion is a text, not 1; put it in quotes"],
  ['chargePointModel: ""', 'cp.yaml:1:1: chargePointModel has 1 to 20 characters, not ""'],
  [
    `chargePointModel: ${"x".repeat(200)}`,
    `cp.yaml:1:1: chargePointModel has 1 to 20 characters, not "${"x".repeat(40)}…"`,
  ],
  [
    "configuration:\n  AuthorizationKey: [secret]",
    "cp.yaml:2:3: configuration.AuthorizationKey is a text, or a number, or true or false, not a list of 1",
  ],
  ["lockJam: ~", "cp.yaml:1:1: lockJam is lock or unlock, not nothing"],
  [
    "preset: ac-7kw",
    'cp.yaml:1:1: preset is ac-3.7kw, ac-11kw, ac-22kw, dc-50kw or dc-150kw, not "ac-7kw"',
  ],
  [
    "vehicle: tank",
    "cp.yaml:1:1: vehicle is city-car, three-phase-22kw, compact, large, grand-tourer or plug-in-hybrid, " +
    'or a set of fields, not "tank"',
  ],
  [
    "vehicle:\n  preset: large\n  soc: 5\n  phases: 2",
    'cp.yaml:3:3: there is no field "soc", did you mean socAtArrivalPercent?',
    "cp.yaml:4:3: vehicle.phases is 1 or 3, not 2",
  ],
  [
    "vehicle: { dc: { nominalVoltageV: 400, curve: [{ socPercent: 50, powerW: 1 }, { socPercent: 9, powerW: 1 }] } }",
    "cp.yaml:1:40: vehicle.dc.curve: the points ascend by socPercent",
  ],
  [
    "supply: { dc: { maxPowerW: 5 } }",
    "cp.yaml:1:11: supply.dc.maxVoltageV is missing",
    "cp.yaml:1:11: supply.dc.maxCurrentA is missing",
    "cp.yaml:1:11: supply.dc.efficiency is missing",
  ],
  ["- connectors", "cp.yaml:1:1: the file is a set of fields, not a list of 1"],
  ["nonsense", 'cp.yaml:1:1: the file is a set of fields, not "nonsense"'],
  ["connectors: 1\nconnectors: 2", "cp.yaml:2:1: Map keys must be unique"],
  ["cable: 'fixed", "cp.yaml:1:14: Missing closing 'quote"],
  ["supply:\n\tphases: 3", "cp.yaml:2:1: Tabs are not allowed as indentation"],
  ["vehicle: *mine", "cp.yaml:1:1: Unresolved alias (the anchor must be set before the alias): mine"],
  ["cable: !!js/function 'x'", "cp.yaml:1:8: Unresolved tag: tag:yaml.org,2002:js/function"],
  [
    "connectors: 1\n---\nconnectors: 2",
    "cp.yaml:2:1: Source contains multiple documents; please use YAML.parseAllDocuments()",
  ],
  ['{"connectors": 2, "cable": }', "cp.yaml:1:19: cable is fixed or detachable, not nothing"],
];

/** The package `yaml` looks into the environment when it parses. */
const reading = needs("env");

for (const [text, ...messages] of FAULTY) {
  Deno.test({
    ...reading(`description file: ${JSON.stringify(text).slice(0, 60)} is told by its place`),
    fn: () => assert.deepEqual(faultsOf(text), messages),
  });
}

Deno.test({
  ...reading("description file: many faults are told, but not all of them"),
  fn() {
    const text = Array.from({ length: 50 }, (_, index) => `field${index}: 1`).join("\n");
    assert.equal(faultsOf(text).length, FAULTS_TOLD_MAX);
  },
});

Deno.test({
  ...reading("description file: what would fill memory is refused"),
  fn() {
    const bomb = ["a: &a [1,1,1,1,1,1,1,1,1]"];
    for (let at = 0; at < 12; at++) {
      const [name, below] = [String.fromCharCode(98 + at), String.fromCharCode(97 + at)];
      bomb.push(`${name}: &${name} [${Array(9).fill(`*${below}`).join(",")}]`);
    }
    assert.deepEqual(faultsOf(bomb.join("\n")), [
      "cp.yaml:1:1: Excessive alias count indicates a resource exhaustion attack",
    ]);
    assert.deepEqual(faultsOf("#".repeat(DESCRIPTION_FILE_MAX_LENGTH + 1)), [
      `cp.yaml: has more than ${DESCRIPTION_FILE_MAX_LENGTH} characters`,
    ]);
  },
});

Deno.test({
  ...reading("description file: an empty one says nothing, JSON with tabs is understood"),
  fn() {
    for (const text of ["", "# only a remark\n", "{}"]) {
      const parsed = parseDescriptionFile(text, "cp.yaml");
      assert.deepEqual(parsed.ok && parsed.file.fields, {});
    }
    const json = parseDescriptionFile(
      '{\n\t"connectors": 2,\n\t"supply": {\n\t\t"phases": 1\n\t}\n}',
      "cp.json",
    );
    assert.deepEqual(json.ok && json.file.fields, { connectors: 2, supply: { phases: 1 } });
  },
});

Deno.test({
  ...reading("description file: `at` gives the place of a field, or of what it would belong to"),
  fn() {
    const parsed = parseDescriptionFile("cable: fixed\nconfiguration:\n  HeartbeatInterval: 5\n", "cp.yaml");
    assert.ok(parsed.ok);
    assert.equal(parsed.file.at(["configuration", "HeartbeatInterval"]), "cp.yaml:3:3");
    assert.equal(parsed.file.at(["configuration", "Other"]), "cp.yaml:2:1");
  },
});

Deno.test({
  ...reading("describedBy: what a file does not name is as in the preset, down to the single field"),
  fn() {
    const described = describedBy(STANDARD, {
      connectors: 2,
      cable: "fixed",
      supply: { maxCurrentA: 16 },
      vehicle: { socAtArrivalPercent: 10 },
      chargePointLimit: { maxCurrentA: 20 },
      featureProfiles: ["SmartCharging", "SmartCharging"],
    });
    assert.deepEqual(described, {
      ...STANDARD,
      connectors: 2,
      cable: "fixed",
      supply: { ...STANDARD.supply, maxCurrentA: 16 },
      vehicle: { ...STANDARD.vehicle, socAtArrivalPercent: 10 },
      chargePointLimit: { maxCurrentA: 20 },
      featureProfiles: ["Core", "SmartCharging"],
    });
    assert.deepEqual(describedBy(STANDARD, {}), STANDARD);
    assert.deepEqual(
      describedBy(described, { chargePointLimit: { maxPowerW: 9_000 } }).chargePointLimit,
      { maxCurrentA: 20, maxPowerW: 9_000 },
    );
  },
});

Deno.test({
  ...reading("describedBy: serial number and configuration are no part of the description"),
  fn() {
    const fields = { chargePointSerialNumber: "S1", configuration: { HeartbeatInterval: 60, CpoName: "x" } };
    assert.deepEqual(describedBy(STANDARD, fields), STANDARD);
    assert.deepEqual(configurationOf(fields), { HeartbeatInterval: "60", CpoName: "x" });
  },
});

Deno.test({
  ...reading("vehicleOf: a class, a class with other fields, or the usual EV with other fields"),
  fn() {
    const usual = STANDARD.vehicle;
    assert.equal(vehicleOf("large", usual), VEHICLES.large);
    assert.deepEqual(vehicleOf({ preset: "large", socAtArrivalPercent: 5 }, usual), {
      ...VEHICLES.large,
      socAtArrivalPercent: 5,
    });
    assert.deepEqual(vehicleOf({ phases: 1 }, usual), { ...usual, phases: 1 });
  },
});

Deno.test({
  ...reading("presets: each can be written as a file, each EV too, and the default is what STANDARD is"),
  fn() {
    assert.deepEqual(presetNamed(PRESET_DEFAULT), STANDARD);
    for (const name of PRESET_NAMES) {
      const description = presetNamed(name);
      const parsed = parseDescriptionFile(JSON.stringify(description), "cp.json");
      assert.ok(parsed.ok, name);
      assert.deepEqual(parsed.file.fields, DescriptionFile.parse(description));
      assert.deepEqual(describedBy({ ...STANDARD, connectors: 9 }, parsed.file.fields), description);
    }
    for (const name of VEHICLE_NAMES) assert.deepEqual(VehicleFile.parse(VEHICLES[name]), VEHICLES[name]);
  },
});

Deno.test({
  ...needs("read")("description file: the README names every field"),
  async fn() {
    const readme = await Deno.readTextFile("README.md");
    const section = readme.split("Every field, each as in the preset")[1]?.split("###")[0] ?? "";
    const named = [...section.matchAll(/`(\w+)`/g)].map(([, name]) => name);
    assert.deepEqual(Object.keys(DescriptionFile.shape).filter((field) => !named.includes(field)), []);
  },
});
