/**
 * `ocpp test charge-point` on one device after the other of each security profile, as users start it: authority and
 * certificates by `ocpp certs`, the device an `ocpp simulate` of its own.
 *
 * Each device plays several cases in a row, some of them twice, so that what a case has changed is seen to be back: its
 * password, its certificate, the roots that it trusts, and whom it connects to.
 */
import assert from "node:assert/strict";
import { unmetNeeds } from "../../src/conformance/capabilities.ts";
import { CHARGE_POINT_CASES } from "../../src/conformance/registry.ts";
import type { CaseReport } from "../../src/report/suite_report.ts";
import { capabilitiesOf, testedFor } from "../../src/runtime/tested_charge_point.ts";
import { deadPort } from "../support/link_server.ts";
import { needs } from "../support/needs.ts";
import { runProgram, startProgram } from "../support/program.ts";

const permissions = ["--allow-net", "--allow-read", "--allow-write", "--allow-env=OCPP_*", "--ignore-env"];

/** A password as people choose them; 16 bytes, so that a message may set it again. */
const PASSWORD = "bicycle-repairs!";

/**
 * What one device each plays, in this order; nothing about security is there to see that it still charges. A connection
 * that lasts ten seconds ends the device's back-off: after cases that break it come some that do not.
 */
const ROWS = {
  "passwords and TLS, twice": {
    repeat: 2,
    ids: ["TC_073", "TC_085", "TC_084", "TC_003", "TC_078", "TC_086", "TC_087", "TC_083"],
  },
  "certificates and logs, twice": {
    repeat: 2,
    ids: ["TC_074", "TC_075_1", "TC_075_2", "TC_076", "TC_077", "TC_079"],
  },
  "firmware, twice": { repeat: 2, ids: ["TC_080", "TC_081", "TC_019"] },
  "passwords and TLS, the other way round": {
    repeat: 1,
    ids: ["TC_087", "TC_086", "TC_078", "TC_012", "TC_084", "TC_085", "TC_073", "TC_074", "TC_083"],
  },
  "certificates and logs, the other way round": {
    repeat: 1,
    ids: [
      ...["TC_081", "TC_079", "TC_077", "TC_076", "TC_075_2", "TC_075_1", "TC_074"],
      ...["TC_073", "TC_086", "TC_019"],
    ],
  },
} as const;

type SecurityProfile = 1 | 2 | 3;

/** What is at hand for a device. */
interface Device {
  readonly securityProfile: SecurityProfile;
  readonly identity: string;
  /** The file of this name that `ocpp certs` has made. */
  readonly file: (name: string) => string;
}

/** How a device shows itself, for `ocpp simulate`. */
function shownBy({ securityProfile, identity, file }: Device): readonly string[] {
  const own = ["--cert", file(`client-${identity}.pem`), "--key", file(`client-${identity}.key`)];
  // With profile 1 nothing is trusted yet: what it needs, it is told.
  return [
    ...(securityProfile === 1 ? [] : ["--ca", file("root.pem")]),
    ...(securityProfile === 3 ? [...own, "--set", "CpoName=Test CPO"] : []),
  ];
}

/** Plays the cases on one device; gives what came of them, and all that was printed. */
async function play(
  device: Device,
  { ids, repeat }: { readonly ids: readonly string[]; readonly repeat: number },
): Promise<{ readonly reports: readonly CaseReport[]; readonly code: number; readonly printed: string }> {
  const { securityProfile, identity, file } = device;
  const env = securityProfile === 3 ? {} : { OCPP_PASSWORD: PASSWORD };
  const controlPort = deadPort();
  await using tester = startProgram([
    ...["test", "charge-point", "--identity", identity, "--security-profile", String(securityProfile)],
    ...["--port", "0", "--tls-port", "0", "--ca", file("root.pem"), "--ca-key", file("root.key")],
    ...[
      "--control",
      `http://localhost:${controlPort}`,
      "--json",
      "--timeout",
      "4",
      "--connect-timeout",
      "90",
    ],
    ...ids.flatMap((id) => ["--case", id]),
    ...["--repeat", String(repeat)],
  ], { permissions, env });
  await tester.printed(/waiting for \S+ at \S+\n/);
  const url = /waiting for \S+ at (wss?:\/\/\S+)\/\S+\n/.exec(tester.stderr())![1]!;
  if (securityProfile < 2) await tester.printed(/by TLS, [^:]+: wss/);
  const byTls = /by TLS, [^:]+: (wss:\/\/\S+)\/\S+\n/.exec(tester.stderr())?.[1];
  await using simulator = startProgram([
    ...["simulate", url, "--id", identity, "--serial", identity, "--idle", ...shownBy(device)],
    ...["--control-port", String(controlPort), ...(byTls === undefined ? [] : ["--tls-url", byTls])],
  ], { permissions, env });
  const { code, stdout, stderr } = await tester.ended;
  const reports = stdout.trim().split("\n").map((line) => JSON.parse(line) as CaseReport);
  return { reports, code, printed: `${stdout}${stderr}${simulator.stdout()}${simulator.stderr()}` };
}

/** In what order they are to be played, and on what profile: what changes a device for good comes last, each on the next. */
function expected(
  { ids, repeat }: { readonly ids: readonly string[]; readonly repeat: number },
  first: SecurityProfile,
): readonly (readonly [id: string, verdict: string, because: string])[] {
  const named = ids.map((id) => CHARGE_POINT_CASES.find((one) => one.id === `${id}_CS`)!);
  const all = Array.from({ length: repeat }, () => named).flat();
  const last = all.filter(({ isForGood }) => isForGood);
  let securityProfile: number = first;
  return [...all.filter(({ isForGood }) => !isForGood), ...last].map(({ id, needs, isForGood }) => {
    const played = testedFor({}, securityProfile as SecurityProfile);
    const because = unmetNeeds(needs, capabilitiesOf(played)).join("; ");
    if (because === "" && isForGood) securityProfile++;
    return [id, because === "" ? "PASS" : "NOT APPLICABLE", because] as const;
  });
}

for (const securityProfile of [1, 2, 3] as const) {
  Deno.test({
    ...needs("net", "run", "read", "write")(
      `ocpp test charge-point: every security case passes on one device of security profile ${securityProfile}, ` +
        "twice and in another order",
    ),
    async fn() {
      const folder = await Deno.makeTempDir({ prefix: "ocpp-charge-point-security-" });
      try {
        const file = (name: string) => `${folder}/${name}`;
        const rows = Object.entries(ROWS).map(([name, row], index) => ({
          ...{ name, row },
          device: { securityProfile, identity: `CP${securityProfile}-${index}`, file },
        }));
        const serials = rows.flatMap(({ device }) => ["--serial", device.identity]);
        // Elliptic keys are made at once; RSA ones take seconds.
        const certs = ["certs", "--dir", folder, "--key-type", "ec", ...serials];
        assert.equal((await runProgram(certs, { permissions })).code, 0);
        await Promise.all(rows.map(async ({ name, row, device }) => {
          const { reports, code, printed } = await play(device, row);
          const told = reports.map(({ id, verdict, failure, remarks }) =>
            JSON.stringify({ id, verdict, failure, remarks })
          ).join("\n");
          assert.deepEqual(
            reports.map(({ id, verdict, failure }) => [
              id,
              verdict,
              verdict === "NOT APPLICABLE" ? failure?.expected : "",
            ]),
            expected(row, securityProfile),
            `${name}: ${told}\n${printed.slice(-2_000)}`,
          );
          assert.equal(code, 0, told);
          // Whatever was changed is back, but for what no message brings back: that is told.
          for (const { id, verdict, remarks } of reports) {
            const isRaised = id === "TC_083_CS" && verdict === "PASS";
            assert.equal(remarks.length, isRaised ? 1 : 0, told);
            if (isRaised) assert.match(remarks[0]!, /no message lowers it/);
          }
          for (const secret of [PASSWORD, new TextEncoder().encode(PASSWORD).toHex()]) {
            assert.equal(printed.toLowerCase().includes(secret), false, `${name} tells the password`);
          }
        }));
      } finally {
        await Deno.remove(folder, { recursive: true });
      }
    },
  });
}
