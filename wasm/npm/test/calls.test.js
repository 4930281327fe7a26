// What the functions return, and that none throws on any input.

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { before, test } from "node:test";
import * as vpn from "vpnattach";

const root = new URL("../../../", import.meta.url);
const read = (path) => readFileSync(new URL(path, root), "utf8");
const change = {
  RegionId: "cn-hangzhou", VpnConnectionId: "vco-p0w5112fgnl2ihlmf0000", LocalSubnet: "10.1.0.0/16", RemoteSubnet: ["10.2.0.0/16"],
  IkeConfig: { Psk: "9fK2aBq7Wz4LmX1cV8tR", IkeVersion: "ikev2", IkeLifetime: 28800 },
};
const current = read("shared/core/attachment/testdata/current/single.json");
const credentials = { accessKeyId: "testid", accessKeySecret: "testsecret" };

before(() => vpn.init());

test("validate finds what is wrong, in an object and in text", () => {
  const bad = { ...change, LocalSubnet: "10.0.0.0/99" };
  for (const document of [bad, JSON.stringify(bad)]) {
    const finding = vpn.validate(document).findings.find((f) => f.path.startsWith("LocalSubnet"));
    assert.equal(finding?.severity, "error");
  }
  assert.equal(vpn.validate("{").findings[0]?.rule, "json-invalid");
});

test("transform returns the events of an envelope as rules see them, when asked to", () => {
  const event = { Records: [{ eventSource: "aws:sqs", eventSourceARN: "arn:aws:sqs:r:1:q", messageId: "m", body: '{"kind": 1}' }] };
  assert.deepEqual(vpn.transform(event, null, { opened: true }).opened, [{ event: '{"kind": 1}', way: "arn:aws:sqs:r:1:q" }]);
  assert.equal(vpn.transform(event).opened, undefined);
});

test("fix mends what can be meant in one way, and keeps the layout of text", () => {
  const text = '{\n\t"region_id": "cn-hangzhou",\n\t"IkeConfig": { "IkeEncAlg":"AES-256" }\n}\n';
  const mended = vpn.fix(text);
  assert.equal(mended.change, '{\n\t"RegionId": "cn-hangzhou",\n\t"IkeConfig": { "IkeEncAlg":"aes256" }\n}\n');
  assert.deepEqual(mended.fixed.map((f) => f.path), ["region_id", "IkeConfig.IkeEncAlg"]);
  assert.ok(mended.findings.some((f) => f.rule === "missing-parameter"));
  assert.equal(JSON.parse(vpn.fix({ EnableDpd: "yes", EnableNatTraversal: "no" }, { path: "EnableDpd" }).change).EnableDpd, true);
  assert.equal(vpn.fix("[{'region_id': 'a',}]", { json: true }).change, '[{"region_id": "a"}]');
  assert.deepEqual({ ...vpn.fix("{"), findings: [] }, { change: "{", fixed: [], findings: [] });
  assert.equal(vpn.fix("{}", { peer: "acme" }).error.code, "input-invalid");
});

test("test runs the tests of a rule file", () => {
  const rules = JSON.parse(read("events/rules/netbox.json"));
  const files = Object.fromEntries(rules.tests.map((t) => t.event).filter((e) => typeof e === "string").map((file) => [file, read(`events/rules/${file}`)]));
  const { tests } = vpn.test(rules, files);
  assert.deepEqual(tests.map((t) => t.name), rules.tests.map((t) => t.name));
  assert.ok(tests.every((t) => t.passed), JSON.stringify(tests));
  const [{ passed, problems }] = vpn.test({ ...rules, tests: [{ name: "none", event: {}, want: [{ RegionId: "cn-hangzhou", VpnConnectionId: "vco-1" }] }] }).tests;
  assert.deepEqual([passed, problems[0].path], [false, "tests[0].want"]);
  assert.equal(vpn.test("{").error.code, "rules-invalid");
});

test("buildRequest is for display unless told to reveal", () => {
  const shown = vpn.buildRequest(change, { credentials });
  assert.match(shown.request.headers.authorization, /Signature=\*\*\*$/);
  assert.doesNotMatch(JSON.stringify(shown), new RegExp(change.IkeConfig.Psk));
  const signed = vpn.buildRequest(change, { credentials, reveal: true });
  assert.match(signed.request.headers.authorization, /Signature=[0-9a-f]{64}$/);
  const again = vpn.buildRequest(change, { credentials, reveal: true });
  assert.notEqual(again.request.headers["x-acs-signature-nonce"], signed.request.headers["x-acs-signature-nonce"]);
  assert.equal(again.request.clientToken, signed.request.clientToken);
});

test("transform explains which rules matched", () => {
  const done = vpn.transform(read("events/inventory-sites.json"), read("events/rules/sites-from-inventory.json"));
  assert.ok(done.results.length > 1);
  assert.equal(done.explanations[0][0].matched, true);
  const wrong = vpn.transform({}, { rules: [{}] });
  assert.equal(wrong.error.code, "rules-invalid");
  assert.ok(wrong.rules.length > 0);
  assert.deepEqual(wrong.results, []);
});

test("diff", () => {
  const { VpnConnectionId, RegionId } = change;
  const now = { ...JSON.parse(current), VpnConnectionId };
  const compared = vpn.diff(now, { RegionId, VpnConnectionId, Name: "another name" });
  assert.deepEqual(compared.differences.map((d) => [d.path, d.to]), [["Name", "another name"]]);
  assert.equal(compared.send.Name, "another name");
  assert.equal(vpn.diff({}, change).error.code, "current-invalid");
});

test("sign", () => {
  const options = { time: "2026-11-03T00:00:00Z", nonce: "n" };
  const signed = vpn.sign({ describe: { RegionId: "cn-hangzhou", VpnConnectionId: "vco-1" } }, credentials, options);
  assert.equal(signed.request.headers["x-acs-action"], "DescribeVpnConnection");
  assert.deepEqual(vpn.sign(change, credentials, options), vpn.sign(change, credentials, options));
  const refused = vpn.sign({ Nmae: "x" }, credentials, options);
  assert.equal(refused.error.code, "change-invalid");
  assert.ok(refused.findings.length > 0);
  assert.equal(vpn.sign(change, { accessKeyId: "", accessKeySecret: "" }).error.code, "not-signed");
});

test("it signs where there is no randomUUID, as on a page without HTTPS", (t) => {
  t.mock.method(crypto, "randomUUID", () => { throw new TypeError("crypto.randomUUID is not a function"); });
  const nonces = [vpn.sign(change, credentials), vpn.buildRequest(change, { credentials, reveal: true })]
    .map(({ request }) => request.headers["x-acs-signature-nonce"]);
  for (const nonce of nonces) assert.match(nonce, /^[0-9a-f]{32}$/);
  assert.notEqual(nonces[0], nonces[1]);
});

test("a host without randomness is not reported as bad input", (t) => {
  t.mock.method(crypto, "getRandomValues", () => { throw new Error("no entropy"); });
  assert.throws(() => vpn.sign(change, credentials), /^Error: no entropy$/);
});

test("undefined options count as absent", () => {
  const none = Object.fromEntries(["time", "nonce", "signature", "endpoint"].map((name) => [name, undefined]));
  const reveal = { credentials, reveal: true };
  assert.ok(vpn.sign(change, credentials, none).request);
  assert.ok(vpn.buildRequest(change, { ...none, ...reveal, current: undefined, peer: undefined }).request);
  assert.ok(vpn.transform(change, undefined, { ...none, ...reveal }).results[0].request);
  assert.ok(vpn.snippet("curl", change, { ...none, ...reveal, accountId: undefined }).text);
  const hidden = { credentials: undefined, reveal: undefined };
  assert.deepEqual(vpn.buildRequest(change, hidden), vpn.buildRequest(change));
  assert.deepEqual(vpn.validate(change, { current: undefined, peer: undefined }), vpn.validate(change));
  assert.deepEqual(vpn.diff(current, change, { peer: undefined, reveal: undefined }), vpn.diff(current, change));
  const rules = { version: 1, rules: [] };
  for (const given of [rules, read("events/rules/sites-from-inventory.json")]) {
    const event = read("events/inventory-sites.json");
    assert.deepEqual(vpn.transform(event, given, { explain: undefined }), vpn.transform(event, given));
  }
});

test("no option replaces an argument", () => {
  const other = { ...change, Name: "other" };
  const own = { change: other, event: other, rules: {}, current: "{}", parameters: other, language: "go", action: "DescribeVpnConnection", redact: false };
  const pick = (...names) => Object.fromEntries(names.map((name) => [name, own[name]]));
  const fixed = { time: "2026-11-03T00:00:00Z", nonce: "n" };
  assert.deepEqual(vpn.validate(change, pick("change")), vpn.validate(change));
  assert.deepEqual(vpn.buildRequest(change, pick("change", "redact")), vpn.buildRequest(change));
  assert.deepEqual(vpn.transform(change, null, pick("event", "rules", "redact")), vpn.transform(change));
  assert.deepEqual(vpn.diff(current, change, pick("current", "change")), vpn.diff(current, change));
  assert.deepEqual(vpn.snippet("curl", change, pick("language", "change")), vpn.snippet("curl", change));
  const signed = vpn.sign(change, credentials, fixed);
  assert.deepEqual(vpn.sign(change, credentials, { ...fixed, ...pick("parameters", "action"), credentials: {} }), signed);
  assert.equal(vpn.sign(change, undefined, { ...fixed, credentials }).error.code, "not-signed");
});

test("a misspelt option is reported as one", () => {
  for (const result of [
    vpn.validate(change, { Peer: "aws" }), vpn.buildRequest(change, { Peer: "aws" }), vpn.transform(change, null, { Peer: "aws" }),
    vpn.diff(current, change, { Peer: "aws" }), vpn.sign(change, credentials, { Peer: "aws" }), vpn.snippet("go", change, { Peer: "aws" }),
  ]) {
    assert.deepEqual(result.error, { code: "input-invalid", path: "Peer", message: "unknown option" });
  }
});

test("raw reports an unknown function and input that is not a string, and still works after that", () => {
  for (const name of ["nope", "input", "output", "_initialize", "memory", "", undefined, null, 5, Symbol("x"), {}]) {
    assert.deepEqual(JSON.parse(vpn.raw(name, "{}")).error, { code: "input-invalid", path: "name", message: "unknown function; known functions: validate, fix, build, transform, test, diff, sign, snippet, parameters, version" });
  }
  for (const input of [5, undefined, null, {}, [], new String("{}"), Symbol("x"), 1n]) {
    assert.deepEqual(JSON.parse(vpn.raw("validate", input)).error, { code: "input-invalid", path: "input", message: "the input is not a string" });
  }
  assert.equal(vpn.raw("version", ""), JSON.stringify(vpn.version()));
});

test("an input that is too large is refused, and results are as many as asked for", () => {
  const large = "a".repeat(2 ** 25);
  for (const { error } of [vpn.validate(large), vpn.transform({ large }), vpn.fix(change, { path: large }), JSON.parse(vpn.raw("validate", large + "a"))]) {
    assert.equal(error.code, "too-large");
  }
  const { results, leftOut } = vpn.transform([change, change, change], null, { limit: 1 });
  assert.deepEqual([results.length, leftOut], [1, 2]);
  assert.equal(vpn.transform([change, change]).leftOut, undefined);
  assert.equal(vpn.transform(change, null, { limit: -1 }).error.path, "limit");
});

test("every snippet, redacted and revealed", () => {
  const key = change.IkeConfig.Psk;
  for (const { name } of vpn.languages()) {
    const hidden = vpn.snippet(name, change);
    assert.ok(hidden.text.length > 50, name);
    assert.ok(!hidden.text.includes(key), `${name} shows the key`);
    assert.ok(vpn.snippet(name, change, { reveal: true, credentials }).text.length > 50, name);
  }
  assert.equal(vpn.snippet("curl", change, { reveal: true }).error.code, "not-signed");
  assert.equal(vpn.snippet("cobol", change).error.path, "language");
});

test("the tables", () => {
  assert.equal(vpn.parameters().find((p) => p.name === "VpnConnectionId").required, true);
  assert.ok(vpn.parameters().find((p) => p.name === "IkeConfig").fields.find((f) => f.name === "Psk").secret);
  assert.ok(vpn.findingRules().some((r) => r.id === "psk-short"));
  assert.ok(vpn.peers().some((p) => p.name === "aws"));
  assert.equal(vpn.version(), JSON.parse(read("wasm/npm/package.json")).version);
});

test("the tables are read-only", () => {
  const tables = [vpn.parameters(), vpn.findingRules(), vpn.peers(), vpn.languages()];
  const before = JSON.stringify(tables);
  for (const table of tables) {
    assert.throws(() => table.pop(), TypeError);
    assert.throws(() => (table[0].name = "x"), TypeError);
  }
  const { fields } = vpn.parameters().find((p) => p.fields);
  assert.throws(() => fields.pop(), TypeError);
  assert.throws(() => fields.find((f) => f.enum).enum.sort(), TypeError);
  assert.equal(JSON.stringify([vpn.parameters(), vpn.findingRules(), vpn.peers(), vpn.languages()]), before);
});

test("text of any kind is passed unchanged", () => {
  for (const Name of ["", "it's \"x\" \\ \u2028", "中文 😀", "\ud800", "a".repeat(200_000)]) {
    const built = vpn.buildRequest({ ...change, Name }, { reveal: true });
    assert.equal(built.change.Name, Name.toWellFormed?.() ?? Name.replace(/[\ud800-\udfff]/gu, "\ufffd"));
  }
});

test("no input throws", () => {
  const circular = {};
  circular.self = circular;
  const deep = "[".repeat(1_000_000);
  const fail = (error) => () => { throw error; };
  const traps = ["has", "get", "ownKeys", "getPrototypeOf"];
  const hostile = [new Error("no"), Object.create(null)].map((error) => new Proxy({}, Object.fromEntries(traps.map((trap) => [trap, fail(error)]))));
  for (const bad of [
    undefined, null, 0, true, "", "{", [], {}, 1n, circular, deep, () => 1, Symbol("x"), new Date(NaN),
    ...hostile, { toJSON: () => undefined }, { get describe() { throw new Error("no"); } },
  ]) {
    for (const result of [
      vpn.validate(bad), vpn.validate("{}", { current: bad }), vpn.validate("{}", { peer: bad }), vpn.validate("{}", bad),
      vpn.buildRequest(bad), vpn.buildRequest(change, { credentials: bad, reveal: true }), vpn.buildRequest(change, { time: bad }),
      vpn.transform(bad), vpn.transform(bad, bad), vpn.transform({}, bad), vpn.diff(bad, bad), vpn.diff(current, bad),
      vpn.sign(bad, credentials), vpn.sign(change, bad), vpn.sign({ describe: bad }, credentials), vpn.snippet(bad, bad), vpn.snippet("curl", bad),
    ]) {
      assert.equal(typeof result, "object");
      assert.ok(Array.isArray(result.findings ?? result.results));
    }
  }
  assert.deepEqual(vpn.validate(change), vpn.validate(JSON.stringify(change)));
});
