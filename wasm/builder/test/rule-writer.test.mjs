// This file tests the rules that write themselves, in node: what each gives is run through the core.

import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { after, test } from 'node:test'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { build } from 'esbuild'
import { init } from '../../npm/dist/node.js'

const here = dirname(fileURLToPath(import.meta.url))
const root = join(here, '../../..')
const source = JSON.parse(execFileSync('go', ['run', './wasm/generate', 'tables'], { cwd: root, maxBuffer: 1 << 26 }))
const { $defs } = JSON.parse(readFileSync(join(root, 'shared/core/rules/rules.schema.json'), 'utf8'))
const dir = mkdtempSync(join(tmpdir(), 'rule-writer-'))
after(() => rmSync(dir, { recursive: true }))
const npm = pathToFileURL(join(root, 'wasm/npm/dist/node.js')).href
await build({
  stdin: { contents: "export * from './rule-writer'; export { opened, transform } from './core'", resolveDir: join(here, '../src') },
  bundle: true, platform: 'node', mainFields: ['module', 'main'], format: 'esm', outfile: join(dir, 'rule-writer.mjs'), external: ['./samples'],
  define: { TABLES: JSON.stringify({ parameters: source.core.parameters, rules: { keys: $defs.rule.properties, operators: {}, parameters: Object.keys($defs.with.properties) }, current: [] }) },
  plugins: [{ name: 'npm', setup: ({ onResolve }) => onResolve({ filter: /^vpnattach$/ }, () => ({ path: npm, external: true })) }],
})
await init()
const { addMapping, addRule, fitsOf, gjsonPath, leavesOf, opened, ruleFor, stepsOf, transform } = await import(join(dir, 'rule-writer.mjs'))

const id = 'vco-p0w5112fgnl2ihlmf0000'
const other = 'vco-p0w5112fgnl2ihlmf0001'
const changesOf = (event, rules) => {
  const { results, error } = transform(JSON.stringify(event), rules, {})
  assert.equal(error, undefined, JSON.stringify(error))
  return results.map(r => r.change)
}

/** The rule file for the event, with the value at each path mapped to the parameter. */
function rulesFor(event, mapped = [], via = '') {
  let rules = addRule('', ruleFor(event, via, []))
  for (const [path, parameter] of mapped) {
    const { each, from } = JSON.parse(rules).rules[0]
    const fit = fitsOf(event, path, each, Object.keys(from)).find(f => f.parameter === parameter)
    assert.ok(fit, `${parameter} is not offered for ${gjsonPath(path, event)}`)
    rules = addMapping(rules, 0, fit, event)
  }
  return rules
}

for (const [name, event, mapped, want, again] of [
  ['names that mean something in a path', { kind: 'k', 'vpn.data': { 'id|of': id, 'a#b?': 'x', 'region\\': 'eu-central-1' }, $: { '@net*': '10.0.0.0/8' } }, [[['$', '@net*'], 'RemoteSubnet'], [['vpn.data', 'a#b?'], 'Name']], [{ RegionId: 'eu-central-1', VpnConnectionId: id, Name: 'x', RemoteSubnet: '10.0.0.0/8' }]],
  ['names in other scripts', { kind: 'k', größe: { 'verbindung ✓': id, region: 'eu-central-1', 网络: '10.0.0.0/8' } }, [[['größe', '网络'], 'RemoteSubnet']], [{ RegionId: 'eu-central-1', VpnConnectionId: id, RemoteSubnet: '10.0.0.0/8' }]],
  [
    'a list of sites under a name with a dot, longer the next time', { kind: 'k', 'the.sites': [{ 'v.id': id, region: 'eu-central-1', nets: [{ prefix: '10.0.0.0/8' }] }] }, [[['the.sites', 0, 'nets', 0, 'prefix'], 'RemoteSubnet']],
    [{ RegionId: 'eu-central-1', VpnConnectionId: id, RemoteSubnet: '10.0.0.0/8' }],
    [{ kind: 'k', 'the.sites': [{ 'v.id': other, region: 'eu-central-1', nets: [{ prefix: '10.1.0.0/16' }, { prefix: '10.2.0.0/16' }] }, { 'v.id': id, region: 'eu-central-1', nets: [{ prefix: '10.3.0.0/16' }] }] },
      [{ RegionId: 'eu-central-1', VpnConnectionId: other, RemoteSubnet: '10.1.0.0/16,10.2.0.0/16' }, { RegionId: 'eu-central-1', VpnConnectionId: id, RemoteSubnet: '10.3.0.0/16' }]],
  ],
  [
    'a list of ids, with another number the next time', { kind: 'k', region: 'eu-central-1', ids: [id], name: 'x' }, [[['name'], 'Name']], [{ RegionId: 'eu-central-1', VpnConnectionId: id, Name: 'x' }],
    [{ kind: 'k', region: 'eu-central-1', ids: [other, id], name: 'y' }, [{ RegionId: 'eu-central-1', VpnConnectionId: other, Name: 'y' }, { RegionId: 'eu-central-1', VpnConnectionId: id, Name: 'y' }]],
  ],
  ['JSON in a string', { kind: 'k', payload: JSON.stringify({ id, region: 'eu-central-1', sites: [{ net: '10.0.0.0/16' }, { net: '10.1.0.0/16' }], name: 'x' }) }, [[['payload', 'sites', 0, 'net'], 'RemoteSubnet'], [['payload', 'name'], 'Name']], [{ RegionId: 'eu-central-1', VpnConnectionId: id, Name: 'x', RemoteSubnet: '10.0.0.0/16,10.1.0.0/16' }]],
  ['a list in JSON in a string', { kind: 'k', payload: JSON.stringify([{ id, region: 'eu-central-1', net: '["10.0.0.0/16"]' }, { id: other, region: 'eu-central-1', net: '["10.1.0.0/16"]' }]) }, [[['payload', 0, 'net', 0], 'RemoteSubnet']], [{ RegionId: 'eu-central-1', VpnConnectionId: id, RemoteSubnet: '10.0.0.0/16' }, { RegionId: 'eu-central-1', VpnConnectionId: other, RemoteSubnet: '10.1.0.0/16' }]],
  ['an event of EventBridge, which is from another region', { version: '0', id: 'e', 'detail-type': 'VPN', source: 's', time: '2026-11-02T09:30:00Z', region: 'us-east-1', detail: { awsRegion: 'us-east-1', vpn: id, site: { region: 'eu-central-1' }, asn: 4200000000 } }, [[['detail', 'asn'], 'BgpConfig.LocalAsn']], [{ RegionId: 'eu-central-1', VpnConnectionId: id, BgpConfig: { LocalAsn: 4200000000 } }]],
  ['numbers and the words of other tools', { kind: 'k', vpn: id, region: 'eu-central-1', ike: { version: 2, encryption: 'AES-256-CBC', dh: 14, lifetime: '28800' } }, [[['ike', 'version'], 'IkeConfig.IkeVersion'], [['ike', 'encryption'], 'IkeConfig.IkeEncAlg'], [['ike', 'dh'], 'IkeConfig.IkePfs'], [['ike', 'lifetime'], 'IkeConfig.IkeLifetime']], [{ RegionId: 'eu-central-1', VpnConnectionId: id, IkeConfig: { IkeVersion: 'ikev2', IkeEncAlg: 'aes256', IkePfs: 'group14', IkeLifetime: 28800 } }]],
]) {
  test(`the rule for ${name} gives the change`, () => {
    const rules = rulesFor(event, mapped)
    assert.deepEqual(changesOf(event, rules), want)
    if (again) assert.deepEqual(changesOf(again[0], rules), again[1])
  })
}

test('a rule takes the event that it is written for, and not one of another kind', () => {
  const alert = { version: '4', groupKey: '{}', status: 'firing', receiver: 'w', groupLabels: { alertname: 'TunnelDown' }, commonLabels: { vpn: id, region: 'eu-central-1' }, alerts: [{ status: 'firing' }] }
  const samples = readdirSync(join(root, 'events')).filter(f => f.endsWith('.json')).flatMap(f => opened(readFileSync(join(root, 'events', f), 'utf8'))).filter(o => o.event)
  for (const text of [JSON.stringify(alert), '{"a": {"b": {"c": 1}}, "list": [{"x": 1}], "n": null}', ...samples.map(o => o.event)]) {
    const event = JSON.parse(text)
    const rule = { ...ruleFor(event, '', []), from: undefined, each: undefined, with: { RegionId: 'eu-central-1', VpnConnectionId: id } }
    const taken = value => transform(JSON.stringify(value), JSON.stringify({ rules: [rule] }), {}).explanations.flat().some(e => e.matched)
    assert.equal(taken(event), true, text)
    assert.equal(taken({ version: '4', source: 'another', some: 'thing' }), false, text)
  }
  const rules = rulesFor(alert)
  assert.equal(changesOf({ ...alert, status: 'resolved' }, rules).some(c => c), false)
})

test('a path and its steps are the same', () => {
  for (const path of [['a'], ['a.b', 'c'], ['$', 'x'], ['\\', '@', '#'], ['x?', '?'], ['größe', '✓']]) assert.deepEqual(stepsOf(gjsonPath(path)), path)
  assert.deepEqual(leavesOf({ a: '{"b": [1]}', c: '{', d: 'x' }).map(l => l.path.join('.')), ['a.b.0', 'c', 'd'])
})
