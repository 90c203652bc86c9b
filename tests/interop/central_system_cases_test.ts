/**
 * Compliance cases for Central Systems against one that is not ours: a server made of `ocpp-rpc`, which checks every
 * payload of both ends against the official schemas.
 *
 * It knows no security extension and no TLS, so that the cases of the six feature profiles are played. Its operator is
 * the test: it calls what a case wants called, and says of idTags what a case has entered.
 */
import assert from "node:assert/strict";
import { systemClock } from "../../src/adapters/system_clock.ts";
import { TesterClient } from "../../src/adapters/tester_client.ts";
import { planned } from "../../src/cli/test/central_system_plan.ts";
import { CENTRAL_SYSTEM_CASES } from "../../src/conformance/registry.ts";
import { createSession } from "../../src/conformance/session.ts";
import { CasePlayer } from "../../src/runtime/case_player.ts";
import type { OperatorOutcome, OperatorRequest, TestOperator } from "../../src/runtime/test_operator.ts";
import { ConformanceBench } from "../support/conformance_bench.ts";
import { foreignServer, RpcCentralSystem } from "../support/rpc_server.ts";
import { ALL_FEATURE_PROFILES } from "../../src/charge_point/description.ts";

/** Security extension: its schemas are not among those of the package. */
const FOREIGN_CASES = CENTRAL_SYSTEM_CASES.filter(({ profile }) => profile !== "Security");

/** What the scripted server says of idTags; `Invalid` where nobody has entered one. */
class IdTags {
  readonly #infos = new Map<string, { status: string; parentIdTag?: string }>();

  enter(idTag: string, status: string, parentIdTag?: string): void {
    this.#infos.set(idTag, { status, ...(parentIdTag === undefined ? {} : { parentIdTag }) });
  }

  info(idTag: string): object {
    return this.#infos.get(idTag) ?? { status: "Invalid" };
  }
}

/** Has the foreign server send Calls, and says what idTags are worth. */
class RpcOperator implements TestOperator {
  readonly #server: RpcCentralSystem;
  readonly #idTags: IdTags;

  constructor(server: RpcCentralSystem, idTags: IdTags) {
    this.#server = server;
    this.#idTags = idTags;
  }

  async do({ identity, action }: OperatorRequest): Promise<OperatorOutcome> {
    if (action.kind === "setIdTag") this.#idTags.enter(action.idTag, action.status, action.parentIdTag);
    else if (action.kind === "sendCall") {
      const chargePoint = this.#server.chargePoints.findLast((one) => one.identity === identity);
      // What it is answered is of no interest here, nor that the connection may end before.
      await chargePoint?.call(action.action, action.payload as object).catch(() => {});
    }
    return { kind: "done" };
  }

  close(): Promise<void> {
    return Promise.resolve();
  }
}

Deno.test({
  ...foreignServer("every case of a feature profile is passed by a Central System made of ocpp-rpc"),
  async fn() {
    const idTags = new IdTags();
    let transactionId = 0;
    const info = ({ payload: { idTag } }: { readonly payload: { readonly idTag?: string } }) => (
      idTag === undefined ? {} : { idTagInfo: idTags.info(idTag) }
    );
    await using server = await RpcCentralSystem.start({
      BootNotification: () => ({ status: "Accepted", currentTime: new Date().toISOString(), interval: 1 }),
      Authorize: info,
      StartTransaction: (call) => ({ transactionId: ++transactionId, ...info(call) }),
      StopTransaction: info,
    });
    const link = new TesterClient({ urls: { plain: server.url }, roots: [], certificates: {} });
    const player = new CasePlayer({
      ...{
        clock: systemClock,
        link,
        operator: new RpcOperator(server, idTags),
        bench: new ConformanceBench(),
      },
      session: createSession(),
      uniqueIdPrefix: "t",
    });
    const others: string[] = [];
    for (const definition of FOREIGN_CASES) {
      const one = planned(definition, {
        profiles: ALL_FEATURE_PROFILES,
        securityProfiles: [0],
        isOneForEachCase: true,
        setup: {
          identity: "CP",
          withinSeconds: 5,
          operatorWithinSeconds: 5,
          settleSeconds: 0,
          quietSeconds: 0.05,
        },
      });
      for (const idTag of [one.setup.idTag, one.setup.otherIdTag]) idTags.enter(idTag, "Accepted");
      const { result: { id, verdict, failure } } = await player.play(one);
      if (verdict !== "PASS") others.push(`${id} ${verdict}: ${failure?.expected}; ${failure?.came}`);
    }
    await link.stop();
    console.log(
      `${FOREIGN_CASES.length - others.length} of ${FOREIGN_CASES.length} cases passed by a foreign peer`,
    );
    assert.deepEqual(others, []);
    assert.deepEqual(server.failures, []);
  },
});
