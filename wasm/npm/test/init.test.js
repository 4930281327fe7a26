// Loading: once, again after a failure, from every kind of source, in a worker.

import assert from "node:assert/strict";
import { once } from "node:events";
import { readFile } from "node:fs/promises";
import { createServer } from "node:http";
import { after, before, test } from "node:test";
import { fileURLToPath } from "node:url";
import { Worker } from "node:worker_threads";
import { build } from "esbuild";

const file = new URL("../dist/vpnattach.wasm", import.meta.url);
const bytes = await readFile(file);
let copies = 0;

// Each import is a separate instance of the package, as on a new page. The name is the entry point.
const fresh = (host = "node") => import(`../dist/${host}.js?${copies++}`);

const server = createServer((request, response) => {
  const [path, type] = request.url.split("?");
  response.statusCode = path === "/vpnattach.wasm" ? 200 : 404;
  if (type !== undefined) response.setHeader("content-type", decodeURIComponent(type));
  response.end(response.statusCode === 200 ? bytes : "no such file");
});
let base;
before(async () => {
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  base = `http://127.0.0.1:${server.address().port}`;
});
after(() => server.close());

test("before init, a call says so", async () => {
  const vpn = await fresh();
  assert.throws(() => vpn.validate({}), { name: "CoreError", code: "not-initialised", message: /call init\(\)/ });
  const done = vpn.init();
  assert.throws(() => vpn.validate({}), { code: "not-initialised", message: /has not finished/ });
  await done;
  assert.ok(vpn.validate({}).findings.length > 0);
});

test("it loads once", async () => {
  const vpn = await fresh();
  const [one, two] = [vpn.init(), vpn.init()];
  assert.equal(one, two);
  await one;
  await vpn.init("http://127.0.0.1:1/never-asked");
});

test("a call during another one tries its own source when that one fails", async (t) => {
  const vpn = await fresh();
  const compile = t.mock.method(WebAssembly, "compile").mock;
  const bad = new Uint8Array(4);
  const worse = new URL("file:///no/such/file");
  const calls = [vpn.init(bad), vpn.init(bad), vpn.init(worse), vpn.init(bytes), vpn.init(), vpn.init(Promise.reject(new Error("not needed")))];
  const [first, second, third, ...rest] = await Promise.allSettled(calls);
  assert.match(first.reason.message, /the given source/);
  assert.equal(second.reason, first.reason);
  assert.match(third.reason.message, /no\/such\/file/);
  for (const { status } of rest) assert.equal(status, "fulfilled");
  assert.ok(vpn.version());
  assert.equal(compile.callCount(), 2, "bad and bytes, each once");
  await vpn.init(Promise.reject(new Error("not needed")));
});

test("each of two concurrent calls rejects with its own error", async () => {
  const vpn = await fresh();
  const [one, two] = [vpn.init(new URL("file:///no/one")), vpn.init(new URL("file:///no/two"))];
  await assert.rejects(one, /no\/one/);
  assert.throws(() => vpn.validate({}), { code: "not-initialised", message: /has not finished/ });
  await assert.rejects(two, /no\/two/);
  assert.throws(() => vpn.validate({}), { code: "not-initialised", message: /call init\(\)/ });
  await vpn.init();
});

for (const host of ["node", "index"]) {
  test(`${host}: every source`, async () => {
    const url = `${base}/vpnattach.wasm?application/wasm`;
    for (const source of [
      url, new URL(url), `${base}/vpnattach.wasm?text/plain`, `${base}/vpnattach.wasm?Application/WASM;x=y`, `${base}/vpnattach.wasm`,
      fetch(url), await fetch(url), bytes, bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.length), new WebAssembly.Module(bytes),
    ]) {
      const vpn = await fresh(host);
      await vpn.init(source);
      assert.ok(vpn.version());
    }
  });
}

for (const host of ["node", "index"]) {
  test(`${host}: a response with the type application/wasm is compiled while it arrives`, async (t) => {
    const ways = ["compileStreaming", "compile"].map((name) => t.mock.method(WebAssembly, name).mock);
    for (const [source, want] of [
      [`${base}/vpnattach.wasm?application/wasm`, [1, 0]], [await fetch(`${base}/vpnattach.wasm?application/wasm`), [1, 0]],
      [`${base}/vpnattach.wasm?text/plain`, [0, 1]], [`${base}/vpnattach.wasm`, [0, 1]], [bytes, [0, 1]],
    ]) {
      for (const way of ways) way.resetCalls();
      await (await fresh(host)).init(source);
      assert.deepEqual(ways.map((way) => way.callCount()), want, String(source));
    }
  });
}

for (const [name, options] of [
  ["a classic script", { format: "iife", globalName: "vpn", footer: { js: "export const { init, version } = vpn;" } }],
  ["CommonJS", { format: "cjs", banner: { js: "const module = {};" }, footer: { js: "export const { init, version } = module.exports;" } }],
  ["a data: URL", { format: "esm" }],
]) {
  test(`bundled as ${name}, it needs the module's URL`, async () => {
    const entry = new URL("../dist/index.js", import.meta.url);
    const { outputFiles: [bundle] } = await build({
      entryPoints: [fileURLToPath(entry)], bundle: true, write: false, logLevel: "silent", ...options,
    });
    const vpn = await import(`data:text/javascript;base64,${Buffer.from(bundle.contents).toString("base64")}`);
    await assert.rejects(vpn.init(), { name: "CoreError", code: "load-failed", message: /pass the URL of vpnattach\.wasm to init\(\)/ });
    await vpn.init(`${base}/vpnattach.wasm`);
    assert.ok(vpn.version());
  });
}

test("a failure names its cause, and the next init tries again", async () => {
  const vpn = await fresh();
  const empty = new Uint8Array([0, 97, 115, 109, 1, 0, 0, 0]);
  for (const [source, message] of [
    [`${base}/elsewhere.wasm`, /elsewhere\.wasm: HTTP status 404/],
    ["http://127.0.0.1:1/", /could not be loaded from http:\/\/127\.0\.0\.1:1/],
    [new URL("file:///no/such/file"), /no\/such\/file/],
    ["no URL", /./], [new Uint8Array(4), /the given source/], [empty, /does not export input/], [42, /./],
    [new Blob([bytes]), /the given source: .*buffer/i], [await fetch(`${base}/elsewhere.wasm`), /elsewhere\.wasm: HTTP status 404/],
    [{ then: (_, fail) => fail(new Error("cut off")) }, /the given source: cut off/],
    [{ then: (_, fail) => fail(Object.create(null)) }, /the given source: unknown error/],
  ]) {
    await assert.rejects(vpn.init(source), (error) => {
      assert.equal(error.name, "CoreError");
      assert.equal(error.code, "load-failed");
      assert.match(error.message, message);
      return true;
    });
    assert.throws(() => vpn.validate({}), { code: "not-initialised" });
  }
  await vpn.init();
  assert.ok(vpn.version());
});

test("a module that stops can be restarted", async (t) => {
  const vpn = await fresh();
  await vpn.init();
  t.mock.method(TextEncoder.prototype, "encodeInto", () => { throw new WebAssembly.RuntimeError("unreachable"); }, { times: 1 });
  assert.throws(() => vpn.raw("validate", "{}"), { name: "CoreError", code: "stopped" });
  assert.throws(() => vpn.validate({}), { name: "CoreError", code: "stopped", message: /call init\(\)/ });
  await vpn.init();
  assert.ok(vpn.validate({}).findings.length > 0);
  t.diagnostic("restarted");
});

test("the result is not left in memory", async (t) => {
  let instance;
  const { instantiate } = WebAssembly;
  t.mock.method(WebAssembly, "instantiate", async (...args) => (instance = await instantiate(...args)));
  const vpn = await fresh();
  await vpn.init();
  const key = "9fK2aBq7Wz4LmX1cV8tR";
  const change = { RegionId: "cn-hangzhou", VpnConnectionId: "vco-1", IkeConfig: { Psk: key } };
  const result = vpn.raw("build", JSON.stringify({ change, reveal: true }));
  assert.ok(result.includes(key));
  const { memory, output } = instance.exports;
  assert.ok(Buffer.from(memory.buffer, output(), result.length).every((byte) => byte === 0));
});

test("in a worker", async () => {
  const worker = new Worker(
    `import("${new URL("../dist/node.js", import.meta.url)}").then(async (vpn) => {
      await vpn.init();
      require("node:worker_threads").parentPort.postMessage(vpn.validate({ Nmae: 1 }).findings.length);
    });`,
    { eval: true },
  );
  const [count] = await once(worker, "message");
  assert.ok(count > 0);
  await worker.terminate();
});
