// The package in a page and in a worker, bundled by what people bundle with and as
// README.md says, and then run in a browser.

import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { cpSync, mkdirSync, mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { fileURLToPath } from "node:url";
import { nodeResolve } from "@rollup/plugin-node-resolve";
import { importMetaAssets } from "@web/rollup-plugin-import-meta-assets";
import * as esbuild from "esbuild";
import { rollup } from "rollup";
import * as vite from "vite";
import webpack from "webpack";
import { launch, serve } from "../../builder/test/harness.mjs";

const here = fileURLToPath(new URL(".", import.meta.url));
const work = mkdtempSync(join(tmpdir(), "vpnattach-bundlers-"));
let browser;

before(async () => {
  execFileSync("npm", ["pack", "--silent", "--pack-destination", work], { cwd: join(here, "..") });
  execFileSync("tar", ["-xzf", readdirSync(work).find((name) => name.endsWith(".tgz"))], { cwd: work });
  browser = await launch();
});
after(async () => {
  await browser?.close();
  rmSync(work, { recursive: true });
});

/** Makes a project with the package installed. */
function made(name, settings = {}) {
  const project = join(work, name);
  cpSync(join(here, "app"), project, { recursive: true });
  cpSync(join(work, "package"), join(project, "node_modules/vpnattach"), { recursive: true });
  writeFileSync(join(project, "package.json"), JSON.stringify({ name: "app", private: true, type: "module", ...settings }));
  return project;
}

/** Has a project bundled into out/, and returns what the page says then. */
async function bundled(name, bundle, settings) {
  const project = made(name, settings);
  mkdirSync(join(project, "out"));
  await bundle(project, join(project, "out"));
  const server = await serve(join(project, "out"));
  try {
    return await said(server.url);
  } finally {
    await server.close();
  }
}

async function said(url) {
  const page = await browser.newPage();
  const errors = [];
  page.on("pageerror", (error) => errors.push(String(error)));
  await page.goto(url);
  await page.waitForFunction(() => document.title.startsWith("page"), null, { timeout: 60_000 }).catch((error) => assert.fail(`${error.message} ${errors}`));
  const title = await page.title();
  await page.close();
  return title;
}

const works = "page subnet-malformed, worker subnet-malformed";
const html = (project, out) => cpSync(join(project, "index.html"), join(out, "index.html"));

test("Vite", async () => {
  assert.equal(await bundled("vite", (root, outDir) => vite.build({ root, logLevel: "error", configFile: false, build: { outDir }, worker: { format: "es" } })), works);
});

test("Vite's server for development, which must not prebundle the package", async () => {
  const server = await vite.createServer({
    root: made("vite-server"), logLevel: "error", configFile: false, optimizeDeps: { exclude: ["vpnattach"] }, server: { host: "127.0.0.1", port: 0 },
  });
  try {
    await server.listen();
    assert.equal(await said(server.resolvedUrls.local[0]), works);
  } finally {
    await server.close();
  }
});

test("webpack", async () => {
  const answer = await bundled("webpack", async (context, path) => {
    const stats = await new Promise((resolve, reject) =>
      webpack({ context, mode: "production", entry: "./main.js", output: { path }, performance: false }).run((error, stats) => (error ? reject(error) : resolve(stats))));
    assert.equal(stats.hasErrors() || stats.hasWarnings(), false, stats.toString());
    html(context, path);
  });
  assert.equal(answer, works);
});

test("Rollup, with the plugin for import.meta, which copies a worker as it is", async () => {
  const bundle = async (project, dir) => {
    // The worker is an entry of its own, beside the page's.
    const built = await rollup({
      input: { main: join(project, "main.js"), worker: join(project, "worker.js") },
      plugins: [nodeResolve({ browser: true }), importMetaAssets({ include: "**/node_modules/vpnattach/**" })],
    });
    await built.write({ dir, entryFileNames: "[name].js" });
    await built.close();
    html(project, dir);
  };
  assert.equal(await bundled("rollup", bundle), works);
});

test("esbuild, which copies no .wasm and bundles no worker", async () => {
  const bundle = (copy) => async (project, outdir) => {
    await esbuild.build({ absWorkingDir: project, entryPoints: ["main.js", "worker.js"], bundle: true, format: "esm", outdir, logLevel: "error" });
    if (copy) cpSync(join(project, "node_modules/vpnattach/dist/vpnattach.wasm"), join(outdir, "vpnattach.wasm"));
    html(project, outdir);
  };
  assert.equal(await bundled("esbuild", bundle(true)), works);
  assert.match(await bundled("esbuild-without", bundle(false)), /page failed: .*HTTP status 404.*copy.*vpnattach\.wasm/);
});

for (const packageExports of [false, true]) {
  test(`Parcel ${packageExports ? "with" : "without"} packageExports`, async () => {
    const bundle = (project, out) =>
      execFileSync(join(here, "node_modules/.bin/parcel"), ["build", "index.html", "--dist-dir", out, "--no-cache", "--no-source-maps"], { cwd: project, stdio: "pipe" });
    assert.equal(await bundled(`parcel-${packageExports}`, bundle, { "@parcel/resolver-default": { packageExports } }), works);
  });
}

test("esbuild, with its loader for files", async () => {
  const bundle = async (project, outdir) => {
    const work = readFileSync(join(project, "work.js"), "utf8");
    writeFileSync(join(project, "work.js"), `import url from "vpnattach/vpnattach.wasm";\n${work.replace("init(source)", "init(url)")}`);
    await esbuild.build({ absWorkingDir: project, entryPoints: ["main.js", "worker.js"], bundle: true, format: "esm", outdir, logLevel: "error", loader: { ".wasm": "file" } });
    html(project, outdir);
  };
  assert.equal(await bundled("esbuild-loader", bundle), works);
});
