// Builds the package into dist/: the module from Go, the code with esbuild, the types
// with tsc. Prints the sizes, and fails when the module is larger than its budget.

import { execFileSync } from "node:child_process";
import { copyFileSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { brotliCompressSync, constants } from "node:zlib";
import { build } from "esbuild";

const budget = 1_100_000; // bytes of the module, brotli
process.chdir(fileURLToPath(new URL(".", import.meta.url)));

rmSync("dist", { recursive: true, force: true });
mkdirSync("dist");

execFileSync("go", ["run", "./wasm/build", "wasm/npm/dist/vpnattach.wasm"], { cwd: "../..", stdio: "inherit" });

const { metafile } = await build({
  entryPoints: ["src/index.ts", "src/node.ts"],
  outdir: "dist",
  bundle: true,
  minify: true,
  sourcemap: false,
  format: "esm",
  target: "es2022",
  external: ["node:*"],
  metafile: true,
  legalComments: "inline",
  banner: { js: "// vpnattach, with @bjorn3/browser_wasi_shim (MIT or Apache-2.0)" },
});
execFileSync("node_modules/.bin/tsc", ["-p", "."], { stdio: "inherit" });
// Internal types, which refer to web types and which no program can import.
for (const name of ["core", "init", "load", "node"]) rmSync(`dist/${name}.d.ts`);
copyFileSync("../../LICENSE", "LICENSE");

// The packages of others that are in the code, and the licences of these and of the module's.
mkdirSync("../../.build", { recursive: true });
const folders = new Set(Object.keys(metafile.inputs).flatMap((path) => path.match(/^node_modules\/(@[^/]+\/)?[^/]+/)?.[0] ?? []));
writeFileSync("../../.build/package-parts", [...folders].sort().map((folder) => `wasm/npm/${folder}\n`).join(""));
const parts = ["package=wasip1/wasm:./wasm", "package=npm:.build/package-parts"];
execFileSync("go", ["run", "./functions/bundle/parts", "-licences", "wasm/npm/dist/third-party-licences.txt", ...parts], { cwd: "../..", stdio: "inherit" });

let failed = false;
for (const name of ["vpnattach.wasm", "index.js", "node.js"]) {
  const bytes = readFileSync(`dist/${name}`);
  const compressed = brotliCompressSync(bytes, {
    params: { [constants.BROTLI_PARAM_QUALITY]: 11, [constants.BROTLI_PARAM_LGWIN]: 24, [constants.BROTLI_PARAM_SIZE_HINT]: bytes.length },
  });
  console.log(`${name.padEnd(15)} ${String(bytes.length).padStart(9)} bytes ${String(compressed.length).padStart(8)} brotli`);
  if (name !== "vpnattach.wasm") continue;
  failed = compressed.length > budget;
  // For servers that send it as it is; the page puts it beside the module.
  writeFileSync("../../.build/vpnattach.wasm.br", compressed);
}
if (failed) {
  console.error(`vpnattach.wasm is larger than its budget of ${budget} bytes, brotli`);
  process.exitCode = 1;
}
