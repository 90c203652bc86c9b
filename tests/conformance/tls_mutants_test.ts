/**
 * Verdicts about TLS can be trusted: no Charge Point passes that is wrong in a frame, or whose link is not secured as it
 * should be. Over real sockets.
 */
import assert from "node:assert/strict";
import type { LinkSecurity } from "../../src/charge_point/job.ts";
import { CHARGE_POINT_CASES } from "../../src/conformance/registry.ts";
import { parseFrame } from "../../src/ocpp/frame.ts";
import { testedFor } from "../../src/runtime/tested_charge_point.ts";
import { makeClient } from "../support/certificates.ts";
import { benchAuthorities } from "../support/conformance_bench.ts";
import { type Mutant, mutantsOf } from "../support/conformance_mutants.ts";
import { resultText } from "../support/conformance_result.ts";
import { playOverSockets, type SocketPlayOptions } from "../support/conformance_sockets.ts";
import { overSockets } from "../support/server.ts";
import { OVER_SOCKETS } from "./over_sockets.ts";

/** What a peer that leaves something out costs. Units: seconds. */
const SETUP = { withinSeconds: 1, connectWithinSeconds: 3, operatorWithinSeconds: 1 };

const AT_ONCE = 16;

interface TlsMutant extends SocketPlayOptions {
  readonly caseId: string;
  readonly name: string;
}

async function withCertificate(
  right: LinkSecurity,
  subject: { readonly commonName: string; readonly organization: string },
): Promise<LinkSecurity> {
  const { centralSystem } = await benchAuthorities();
  const { chain, privateKey } = await makeClient(centralSystem, subject);
  return { ...right, clientCertificate: { chain, privateKey } };
}

/** Accepts a new security profile and goes on as before. */
function keepsItsProfile(text: string): string | undefined {
  const parsed = parseFrame(text);
  if (!parsed.ok || parsed.frame.kind !== "call" || parsed.frame.action !== "ChangeConfiguration") {
    return undefined;
  }
  const { uniqueId, payload } = parsed.frame;
  const isProfile = (payload as { readonly key: string }).key === "SecurityProfile";
  return isProfile ? JSON.stringify([3, uniqueId, { status: "Accepted" }]) : undefined;
}

const LINK_MUTANTS: readonly TlsMutant[] = [
  {
    ...{ caseId: "TC_078_CS", name: "trusts anybody" },
    secures: async (right) => {
      const { stranger } = await benchAuthorities();
      return { ...right, roots: [...right.roots, stranger.certificate] };
    },
  },
  { ...{ caseId: "TC_083_CS", name: "keeps its profile" }, ignores: keepsItsProfile },
  {
    ...{ caseId: "TC_083_CS", name: "does not take the root" },
    ignores: (text) => {
      const parsed = parseFrame(text);
      const isRoot = parsed.ok && parsed.frame.kind === "call" &&
        parsed.frame.action === "InstallCertificate";
      return isRoot ? JSON.stringify([3, parsed.frame.uniqueId, { status: "Accepted" }]) : undefined;
    },
  },
  {
    ...{ caseId: "TC_086_CS", name: "connects without TLS" },
    secures: (right) => Promise.resolve({ ...right, securityProfile: 1 }),
  },
  {
    ...{ caseId: "TC_087_CS", name: "shows no certificate" },
    secures: ({ clientCertificate: _, ...right }) => Promise.resolve(right),
  },
  {
    ...{ caseId: "TC_087_CS", name: "shows one without a serial number" },
    secures: (right) => withCertificate(right, { commonName: "", organization: "Conformance CPO" }),
  },
  {
    ...{ caseId: "TC_087_CS", name: "shows one with another serial number" },
    secures: (right) => withCertificate(right, { commonName: "SN-0002", organization: "Conformance CPO" }),
  },
  {
    ...{ caseId: "TC_087_CS", name: "shows one of nobody" },
    secures: (right) => withCertificate(right, { commonName: "SN-0001", organization: "" }),
  },
  {
    ...{ caseId: "TC_087_CS", name: "shows one of another operator" },
    secures: (right) => withCertificate(right, { commonName: "SN-0001", organization: "Somebody else" }),
  },
];

const caseOf = (id: string) => CHARGE_POINT_CASES.find((one) => one.id === id)!;

/** A frame without what is another one in every play: its uniqueId and times. */
function keyOf(text: string): string {
  const [messageType, , ...rest] = JSON.parse(text) as [number, string, ...unknown[]];
  return JSON.stringify([messageType, ...rest], (key, value) => key === "timestamp" ? undefined : value);
}

/** The same mutant in any other play: it spoils what has the same key. */
function inAnyPlay({ text, spoil }: Mutant): NonNullable<SocketPlayOptions["spoil"]> {
  const key = keyOf(text);
  const uniqueIdOf = (frame: string) => JSON.parse(frame)[1] as string;
  return (sent) =>
    keyOf(sent) !== key ? [{ text: sent }] : spoil(text).map((spoilt) => ({
      ...spoilt,
      text: spoilt.text.replace(uniqueIdOf(text), uniqueIdOf(sent)),
    }));
}

/** Every frame of a play that passes, but for those from before it, spoilt in each way. */
async function frameMutants(caseId: string): Promise<readonly TlsMutant[]> {
  const definition = caseOf(caseId);
  const result = await playOverSockets(definition);
  assert.equal(result.verdict, "PASS", resultText(result));
  const texts = result.frames.filter(({ from }) => from === "system").map(({ text }) => text)
    .filter((text) => !text.includes("StartupOfTheDevice")) // which may come at any time
    .slice(2 + testedFor(definition.needs).description.connectors);
  const mutants = texts.flatMap((text) => mutantsOf(text, undefined));
  // Which are words for people.
  return mutants.filter(({ name }) => name !== "tells a wrong techInfo in").map((mutant) => ({
    ...{ caseId, spoil: inAnyPlay(mutant) },
    name: `${mutant.name} ${mutant.text}`,
  }));
}

Deno.test({
  ...overSockets("no mutant of a Charge Point passes a case that is about TLS", "env"),
  async fn() {
    const frames = await Promise.all([...OVER_SOCKETS].map(frameMutants));
    const mutants = [...LINK_MUTANTS, ...frames.flat()];
    const survivors: string[] = [];
    const left = mutants.values();
    await Promise.all(Array.from({ length: AT_ONCE }, async () => {
      for (const { caseId, name, ...options } of left) {
        const { verdict } = await playOverSockets(caseOf(caseId), { setup: SETUP, ...options });
        if (verdict === "PASS") survivors.push(`${caseId} ${name}`);
      }
    }));
    console.log(`${mutants.length - survivors.length} of ${mutants.length} mutants caught`);
    assert.deepEqual(survivors, []);
  },
});
