// This file builds the page into a static folder that works from any path.
//
//   node build.mjs [--out ../../.build/site]
//
// It takes the module and its loader from the npm package, which is to be built before.

import { execFileSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { cpSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { basename, dirname, join, relative } from 'node:path'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { brotliCompressSync, gzipSync } from 'node:zlib'
import { build } from 'esbuild'
import { referencePages } from './reference.mjs'

const here = dirname(fileURLToPath(import.meta.url))
const root = join(here, '../..')
// As servers have the copies beside the files.
const zip = content => gzipSync(content, { level: 9 })
// Bytes of gzip, without the module: the whole page, and what its first paint needs.
const limits = { page: 230_000, 'first paint': 180_000 }

const { values } = parseArgs({ options: { out: { type: 'string', default: join(root, '.build/site') } } })

const source = JSON.parse(execFileSync('go', ['run', './wasm/generate', 'tables'], { cwd: root, maxBuffer: 1 << 26 }))
const cases = JSON.parse(readFileSync(join(root, 'shared/core/pipeline/testdata/cases.json'), 'utf8'))
const schema = JSON.parse(readFileSync(join(root, 'shared/core/rules/rules.schema.json'), 'utf8'))
const docs = properties => Object.fromEntries(Object.entries(properties).map(([name, p]) => [name, p.description ?? schema.$defs[p.$ref?.split('/').at(-1)]?.description ?? '']))
// An event comes with the rule file that the golden cases read it with.
const samples = source.events.map(event => {
  const own = cases.filter(c => c.event === `events/${event.name}.json`)
  const rules = own.length > 0 && own.every(c => c.rules || c.name === 'no-rules') && own.find(c => c.rules?.startsWith('events/rules/'))
  const file = rules && source.ruleFiles.find(f => rules.rules === `events/rules/${f.name}.json`)
  return file ? { ...event, rules: file.text } : event
})
// What the page shows of a parameter; the reference pages show the rest.
const without = (unread, value) => JSON.parse(JSON.stringify(value, (key, v) => (unread.includes(key) ? undefined : v)))
const tables = {
  parameters: without(['min', 'max', 'unit', 'apiCode'], source.core.parameters),
  peers: source.core.peers,
  languages: source.core.languages,
  rules: {
    keys: docs(schema.$defs.rule.properties),
    operators: docs(schema.$defs.condition.anyOf.find(c => c.type === 'object').properties),
    parameters: Object.keys(schema.$defs.with.properties),
  },
  events: samples.map(({ name, rules }) => ({ name, rules: rules !== undefined })),
  current: ['single', 'dual'].map(name => ({ name, text: readFileSync(join(root, `shared/emulator/testdata/describe-${name}.json`), 'utf8') })),
}

const module = readFileSync(join(here, '../npm/dist/vpnattach.wasm'))

// Written beside, and put in place as a whole: a server may be serving the folder.
const written = values.out + '.new'
rmSync(written, { recursive: true, force: true })
mkdirSync(join(written, 'reference'), { recursive: true })
// The core is a script of its own, which is small and so there first: the module comes while the browser reads the rest.
// The samples, and what the first paint does not need, come after it. A server that takes events has its own service.js.
const apart = {
  name: 'apart',
  setup: ({ onResolve }) => onResolve({ filter: /^\.\/(core|samples|late|service)$/ }, ({ path }) => ({ path: path + '.js', external: true })),
}
const bundle = (entries, plugins, more = {}) => build({
  entryPoints: entries.map(name => join(here, 'src', name)), outdir: values.out, absWorkingDir: here,
  bundle: true, minify: true, format: 'esm', target: ['es2022'], charset: 'utf8', legalComments: 'none', write: false, metafile: true,
  alias: { vpnattach: join(here, '../npm/dist/index.js') },
  define: { TABLES: JSON.stringify(tables), MODULE_SIZE: String(module.length) },
  plugins: [apart, ...plugins],
  ...more,
})
const first = await bundle(['core.ts', 'index.ts', 'style.css'], [])
const apartFromPage = await bundle(['worker.ts'], [])
const before = await bundle(['theme.js'], [], { format: 'iife' })
// What the first script has comes from there: the state is one for both.
const shared = {
  name: 'shared',
  setup: ({ onResolve, resolve }) => onResolve({ filter: /./ }, async ({ path, pluginData, ...rest }) => {
    if (rest.kind === 'entry-point' || pluginData === shared) return undefined
    const found = await resolve(path, { ...rest, pluginData: shared })
    return relative(here, found.path) in first.metafile.inputs ? { path: './index.js', external: true } : undefined
  }),
}
const late = await bundle(['late.ts', 'late.css'], [shared])
const { exports } = Object.values(first.metafile.outputs).find(o => o.entryPoint === 'src/index.ts')
const wanted = late.outputFiles.flatMap(f => [...f.text.matchAll(/import\s*\{([^}]*)\}\s*from\s*"\.\/index\.js"/g)]).flatMap(m => m[1].split(',').map(name => name.trim().split(' ')[0]))
const missing = wanted.filter(name => !exports.includes(name))
if (missing.length > 0) throw new Error(`shared.ts lacks ${missing.join(', ')}`)
const files = {
  ...Object.fromEntries([...first.outputFiles, ...late.outputFiles, ...apartFromPage.outputFiles, ...before.outputFiles].map(({ path, contents }) => [basename(path), contents])),
  'index.html': readFileSync(join(here, 'src/index.html')),
  'icon.svg': readFileSync(join(here, 'src/icon.svg')),
  'samples.js': `export const samples=${JSON.stringify(samples)}`,
  ...referencePages(source),
}
const list = { './': files['index.html'], 'vpnattach.wasm': module, ...files }
const hash = createHash('sha256')
for (const content of Object.values(list)) hash.update(content)
files['offline.js'] = readFileSync(join(here, 'src/offline.js'), 'utf8').replace('FILES', JSON.stringify(Object.keys(list))).replace('BUILD', hash.digest('base64'))
// A server that can sends what is compressed in place of the file itself.
writeFileSync(join(written, 'service.js'), 'export const service = undefined\n')
for (const [name, content] of Object.entries({ ...files, 'vpnattach.wasm': module })) {
  writeFileSync(join(written, name), content)
  if (/\.(html|js|css|wasm)$/.test(name)) writeFileSync(join(written, name + '.gz'), zip(content))
  if (/\.(html|js|css)$/.test(name)) writeFileSync(join(written, name + '.br'), brotliCompressSync(content))
}
cpSync(join(root, '.build/vpnattach.wasm.br'), join(written, 'vpnattach.wasm.br'))
// The packages of others that are in the scripts, and the licences of these and of the npm package's.
const inputs = [first, apartFromPage, late].flatMap(({ metafile }) => Object.keys(metafile.inputs))
const folders = new Set(inputs.flatMap(path => path.match(/^node_modules\/(@[^/]+\/)?[^/]+/)?.[0] ?? []))
writeFileSync(join(root, '.build/page-parts'), [...folders].sort().map(folder => `wasm/builder/${folder}\n`).join(''))
execFileSync('go', ['run', './functions/bundle/parts', '-licences', join(written, 'third-party-licences.txt'), 'page=wasip1/wasm:./wasm', 'page=npm:.build/package-parts', 'page=npm:.build/page-parts'], { cwd: root, stdio: 'inherit' })

rmSync(values.out, { recursive: true, force: true })
renameSync(written, values.out)

const kB = n => (n / 1000).toFixed(1) + ' kB'
const parts = { page: Object.keys(files).filter(name => !name.startsWith('reference/')), 'first paint': ['index.html', 'icon.svg', 'theme.js', 'style.css', 'core.js', 'index.js'] }
for (const [part, names] of Object.entries(parts)) {
  const size = compress => names.reduce((n, name) => n + compress(files[name]).length, 0)
  console.log(`${part}: ${kB(size(zip))} gzip, ${kB(size(brotliCompressSync))} brotli; limit ${kB(limits[part])} gzip`)
  if (size(zip) <= limits[part]) continue
  console.error(`the ${part} is larger than its limit`)
  process.exitCode = 1
}
