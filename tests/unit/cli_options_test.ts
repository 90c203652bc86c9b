import assert from "node:assert/strict";
import { MAX_FRAME_RATE, maxFrameRateOf } from "../../src/cli/serve/serve.ts";
import { Command } from "@commander-js/extra-typings";
import {
  bearerToken,
  decimalNumber,
  environmentName,
  heedNegativeFlags,
  keyValue,
  option,
  origins,
  wholeNumber,
} from "../../src/cli/options.ts";
import { centralSystemUrl, identitiesOf } from "../../src/cli/simulate/command.ts";

Deno.test("environmentName: an option's environment variable is its name in capitals after OCPP_", () => {
  assert.equal(environmentName("heartbeat-interval"), "OCPP_HEARTBEAT_INTERVAL");
});

Deno.test("wholeNumber, decimalNumber: what is no number or out of range is refused with the range", () => {
  assert.equal(wholeNumber({ min: 0, max: 10 })(" 7 "), 7);
  assert.equal(decimalNumber({ min: 0, max: 10 })("0.5"), 0.5);
  for (const text of ["", " ", "x", "1.5", "11", "-1", "1e1", "Infinity", "NaN"]) {
    assert.throws(() => wholeNumber({ min: 0, max: 10 })(text), /a whole number from 0 to 10/, text);
  }
  for (const text of ["", "x", "10.1", "-0.1", "Infinity"]) {
    assert.throws(() => decimalNumber({ min: 0, max: 10 })(text), /a number from 0 to 10/, text);
  }
});

Deno.test("bearerToken: what no header can carry is refused, and not quoted", () => {
  assert.equal(bearerToken("abc-._~+/1=="), "abc-._~+/1==");
  for (const text of ["", " ", "geheim geheim", "geheim\n", "gehé"]) {
    assert.throws(
      () => bearerToken(text),
      ({ message }: Error) => /letters, digits/.test(message) && !message.includes("geh"),
    );
  }
});

Deno.test("origins: scheme, host and port, nothing behind them", () => {
  assert.deepEqual(origins("http://localhost:8080", ["https://tool.test"]), [
    "https://tool.test",
    "http://localhost:8080",
  ]);
  for (const text of ["", "tool.test", "https://tool.test/", "https://tool.test/a", "https://TOOL.test"]) {
    assert.throws(() => origins(text, []), /must look like https:\/\/example.com/, text);
  }
});

Deno.test("keyValue: collects pairs, of an environment variable one a line; values may hold =", () => {
  assert.deepEqual(keyValue("B=2=3", { A: "1" }), { A: "1", B: "2=3" });
  assert.deepEqual(keyValue("A=1\nB=\n", undefined), { A: "1", B: "" });
  assert.throws(() => keyValue("=1", undefined), /Key=Value/);
});

Deno.test("heedNegativeFlags: a flag's environment variable may say no", () => {
  for (
    const [text, expected] of [["0", undefined], ["false", undefined], ["1", true], ["yes", true]] as const
  ) {
    const command = new Command().addOption(option("--json", ""));
    command.setOptionValueWithSource("json", true, "env");
    heedNegativeFlags(command, () => text);
    assert.equal(command.opts().json, expected);
  }
});

Deno.test("centralSystemUrl: keeps the path and drops the slash at its end", () => {
  assert.equal(centralSystemUrl("ws://localhost:9000"), "ws://localhost:9000");
  assert.equal(centralSystemUrl("wss://central.test/ocpp/16/"), "wss://central.test/ocpp/16");
});

Deno.test("centralSystemUrl: what cannot carry an identity is refused", () => {
  for (const text of ["", "localhost", "http://a", "ws://a?b=1", "ws://a#b", "ws://a:b@c", "ws://"]) {
    assert.throws(() => centralSystemUrl(text), { name: "UsageError" }, text);
  }
});

Deno.test("identitiesOf: with a count the id is a prefix", () => {
  assert.deepEqual(identitiesOf({ count: 1 }), ["CP001"]);
  assert.deepEqual(identitiesOf({ id: "X", count: 1 }), ["X"]);
  assert.deepEqual(identitiesOf({ count: 2 }), ["CP-00001", "CP-00002"]);
  assert.deepEqual(identitiesOf({ id: "X", count: 1_000 }).at(-1), "X-01000");
});

Deno.test("--max-frame-rate: without it none on loopback and 50 elsewhere; what is given holds everywhere", () => {
  assert.equal(MAX_FRAME_RATE, 50);
  for (const host of ["localhost", "127.0.0.1", "::1"]) assert.equal(maxFrameRateOf({ host }), 0);
  for (const host of ["0.0.0.0", "::", "192.0.2.1"]) assert.equal(maxFrameRateOf({ host }), MAX_FRAME_RATE);
  for (const host of ["localhost", "0.0.0.0"]) {
    for (const maxFrameRate of [0, 7]) assert.equal(maxFrameRateOf({ host, maxFrameRate }), maxFrameRate);
  }
});
