// The packed package: checked by publint and attw, installed in another folder,
// type-checked and run there.

import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { fileURLToPath } from "node:url";
import ts from "typescript";

const here = fileURLToPath(new URL("..", import.meta.url));
const bin = (name) => join(here, "node_modules/.bin", name);
const dir = mkdtempSync(join(tmpdir(), "vpnattach-"));
const run = (program, args, cwd = dir) => {
  try {
    return execFileSync(program, args, { cwd, encoding: "utf8", stdio: ["ignore", "pipe", "pipe"] });
  } catch (error) {
    throw new Error(`${program} ${args.join(" ")}: ${error.stdout}${error.stderr}`);
  }
};
let tarball;

before(() => {
  run("npm", ["pack", "--silent", "--pack-destination", dir], here);
  tarball = join(dir, readdirSync(dir).find((name) => name.endsWith(".tgz")));
});
after(() => rmSync(dir, { recursive: true }));

test("publint finds nothing", () => {
  assert.match(run(bin("publint"), ["--strict", tarball]), /All good!/);
});

test("attw finds the types from every kind of import", () => {
  // A CommonJS program takes this ES module with import(), hence the profile.
  const report = run(bin("attw"), [tarball, "--profile", "esm-only", "--exclude-entrypoints", "./vpnattach.wasm", "--no-emoji", "--no-color"]);
  assert.match(report, /ignored per resolution|No problems found/i);
});

const program = `
declare const console: { log(...all: unknown[]): void };
import { init, validate, buildRequest, transform, diff, sign, snippet, CoreError, type Change, type Finding, type FindingRuleId, type IkeConfig } from "vpnattach";

const ike: IkeConfig = { IkeVersion: "ikev2", IkePfs: "group14", IkeLifetime: 28800 };
const change: Change = { RegionId: "cn-hangzhou", VpnConnectionId: "vco-p0w5112fgnl2ihlmf0000", IkeConfig: ike, RemoteSubnet: ["10.0.0.0/99"] };
try {
  validate(change);
} catch (error) {
  if (!(error instanceof CoreError) || error.code !== "not-initialised") throw error;
}
await init();
const findings: Finding[] = validate(change, { peer: "aws" }).findings;
const wanted: FindingRuleId = "subnet-malformed";
const url: string | undefined = buildRequest({ ...change, RemoteSubnet: "10.0.0.0/8" }).request?.url;
const kind: string | undefined = transform('{"hello": 1}').results[0]?.kind;
console.log(findings.some((f) => f.rule === wanted), url?.startsWith("https://vpc.aliyuncs.com/?"), kind);

// Objects of any type are accepted, since the functions validate them.
interface Form { Nmae?: string; IkeConfig: { IkeVersion: string } }
const form = { RegionId: "cn-hangzhou", VpnConnectionId: "vco-p0w5112fgnl2ihlmf0000", IkeConfig: { IkeVersion: "ikev2" } };
const declared: Form = { IkeConfig: form.IkeConfig };
const record: Record<string, unknown> = { ...form };
const parsed: object = { ...form };
const key = { accessKeyId: "testid", accessKeySecret: "testsecret" };
const results = [
  validate(form), validate(declared), validate(record), validate(parsed), validate({ Nmae: "x" }), validate(form, { current: declared }),
  buildRequest(form), buildRequest(declared), diff(record, form), diff(parsed, declared), sign(form, key), sign(declared, key),
  snippet("curl", form), snippet("curl", declared),
];
results satisfies { findings: Finding[] }[];
transform(form, record), transform(declared, parsed);

// @ts-expect-error not a document
validate(5);
// @ts-expect-error not a document
buildRequest(undefined);
// @ts-expect-error not a document
diff(null, form);
// @ts-expect-error not a document
snippet("curl", true);
// @ts-expect-error not a document
sign(Symbol("x"), key);
// @ts-expect-error unknown option
validate(form, { Peer: "aws" });

// @ts-expect-error unknown group
({ IkePfs: "group3" }) satisfies IkeConfig;
// @ts-expect-error unknown parameter
({ RegionId: "x", VpnConnectionId: "y", Nmae: "z" }) satisfies Change;
// @ts-expect-error unknown check
"unknown-check" satisfies FindingRuleId;
`;

const sources = `
import { init, type Source } from "vpnattach";

declare const bytes: Uint8Array;
declare const response: Response;
export const all: Source[] = ["/x.wasm", new URL("http://localhost/x.wasm"), fetch("/x.wasm"), response, bytes, bytes.buffer as ArrayBuffer];
export const load = async () => init(await fetch("/x.wasm"));

// @ts-expect-error not a source
init(42);
// @ts-expect-error not a source
init({ path: "/x.wasm" });
`;

test("installed elsewhere, a program type-checks and runs", () => {
  writeFileSync(join(dir, "package.json"), `{"private": true, "type": "module"}`);
  run("npm", ["install", "--offline", "--no-audit", "--no-fund", tarball]);
  writeFileSync(join(dir, "program.ts"), program);
  // As in a project for browsers, one for Node, one with the types of neither, and one of old.
  const typeRoots = [join(here, "node_modules/@types")];
  for (const host of [{ lib: ["es2022", "dom"], types: [] }, { lib: ["es2022"], types: ["node"], typeRoots }, { lib: ["es2022"], types: [] }, { lib: ["es2018"], types: [] }]) {
    for (const [module, moduleResolution] of [["NodeNext", "NodeNext"], ["ESNext", "Bundler"]]) {
      writeFileSync(join(dir, "sources.ts"), host.lib.length + host.types.length > 1 ? sources : "export {};");
      const compilerOptions = { strict: true, target: "es2022", ...host, module, moduleResolution };
      writeFileSync(join(dir, "tsconfig.json"), JSON.stringify({ compilerOptions, files: ["program.ts", "sources.ts"] }));
      run(bin("tsc"), []);
    }
  }
  assert.equal(run("node", ["program.js"]), "true true payload\n");
});

test("editors complete a change while it is typed", () => {
  const file = join(dir, "editor.ts");
  let version = 0;
  let text;
  const service = ts.createLanguageService({
    ...ts.sys,
    useCaseSensitiveFileNames: () => ts.sys.useCaseSensitiveFileNames,
    getCompilationSettings: () => ({ strict: true, target: ts.ScriptTarget.ES2022, module: ts.ModuleKind.NodeNext, types: [] }),
    getScriptFileNames: () => [file],
    getScriptVersion: (name) => (name === file ? String(version) : ""),
    getScriptSnapshot: (name) => ts.ScriptSnapshot.fromString(name === file ? text : ts.sys.readFile(name)),
    getCurrentDirectory: () => dir,
    getDefaultLibFileName: ts.getDefaultLibFilePath,
  });
  // The cursor is at |.
  const offered = (written) => {
    const [before, after] = `import { validate, buildRequest, diff, snippet } from "vpnattach";\n${written}`.split("|");
    [text, version] = [before + after, version + 1];
    return service.getCompletionsAtPosition(file, before.length, {})?.entries.map((entry) => entry.name) ?? [];
  };
  for (const begun of ["validate(", "buildRequest(", "diff({}, ", 'snippet("curl", ']) {
    const within = (rest) => offered(`${begun}{ RegionId: "x", ${rest}`);
    assert.ok(within("| })").includes("TunnelOptionsSpecification"), begun);
    assert.ok(within("IkeConfig: { | } })").includes("IkeVersion"), begun);
    assert.ok(within('IkeConfig: { IkeVersion: "|" } })').includes("ikev2"), begun);
    assert.ok(within("TunnelOptionsSpecification: [{ TunnelIkeConfig: { | } }] })").includes("IkePfs"), begun);
  }
});

test("bundled for a browser, it has no external imports", () => {
  run(bin("esbuild"), ["./program.ts", "--bundle", "--format=esm", "--platform=browser", "--outfile=bundle.js"]);
  const bundle = readFileSync(join(dir, "bundle.js"), "utf8");
  assert.doesNotMatch(bundle, /from "|require\(|\beval\(|new Function/);
});
