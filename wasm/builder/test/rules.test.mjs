// This file tests how the page helps to write rules: the first one for an event, mappings by a click, mended paths, tests.

import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { changeText, paste, root } from './harness.mjs'
import { clickToken, selectInput, withPage } from './fixtures.mjs'

const sample = name => readFileSync(join(root, `events/${name}.json`), 'utf8')
const rulesText = page => page.evaluate(() => [...document.getElementById('rules-editor').shadowRoot.querySelectorAll('.cm-line')].map(l => l.textContent).join('\n'))
const rules = async page => JSON.parse(await rulesText(page))
const change = async page => JSON.parse(await changeText(page))
const button = (page, name) => page.locator('#mapping').getByRole('button', { name })

async function start(page, event) {
  await selectInput(page, 'Event + rules')
  await paste(page, 'event-editor', typeof event === 'string' ? event : JSON.stringify(event, null, 2))
  await page.click('#write-rule')
}

/** Clicks the value in the event, and waits until its parameters are offered. */
async function clickValue(page, line, value, path) {
  await clickToken(page, 'event-editor', line, value)
  await page.locator('#mapping .value-at').getByText(path, { exact: true }).waitFor()
}

test('a value that is clicked before the editor has read up to it is offered when it has', withPage(async page => {
  // A machine so busy that the editor reads nothing before it lets others go on.
  await page.evaluate(() => {
    const { now } = Date, idle = window.requestIdleCallback
    const held = []
    let later = 0
    Date.now = () => now() + (later += 1000)
    window.requestIdleCallback = (run, options) => held.push(() => idle(run, options))
    window.calm = () => (Date.now = now)
    window.idle = () => held.forEach(read => read())
  })
  await start(page, sample('netbox-tunnel'))
  await page.evaluate(() => window.calm())
  await page.locator('#event-editor .cm-line').filter({ hasText: '"name": "site-b",' }).first().click()
  for (const key of ['End', 'ArrowLeft', 'ArrowLeft', 'ArrowLeft']) await page.keyboard.press(key)
  await page.waitForTimeout(300) // longer than the page waits for the next key
  assert.match(await page.locator('#mapping').innerText(), /Click a value of the event/)
  await page.evaluate(() => window.idle())
  await page.locator('#mapping .value-at').getByText('data.name', { exact: true }).waitFor()
}))

test('a rule for a NetBox event is written without typing, and its tests run', withPage(async page => {
  await start(page, sample('netbox-tunnel'))
  const [rule] = (await rules(page)).rules
  assert.deepEqual(rule, {
    name: 'tunnel-updated', match: { model: ['tunnel'], event: ['updated'] },
    from: { VpnConnectionId: 'data.custom_fields.alibaba_attachment', RegionId: 'data.custom_fields.alibaba_region' }, time: 'timestamp',
  })
  assert.deepEqual(Object.keys(rule.from), ['VpnConnectionId', 'RegionId'])
  await clickValue(page, '"prefix": "192.168.21.0/24"', '"192.168.21.0/24"', 'data.custom_fields.remote_networks.1.display')
  await button(page, /^→ RemoteSubnet/).click()
  await clickValue(page, '"name": "site-b",', '"site-b"', 'data.name')
  await button(page, /^→ Name/).click()
  assert.deepEqual(await change(page), { RegionId: 'cn-hangzhou', VpnConnectionId: 'vco-localdual', Name: 'site-b', RemoteSubnet: '192.168.20.0/24,192.168.21.0/24' })
  await page.click('#only-changed')
  assert.deepEqual((await rules(page)).rules[0].changed, { before: 'snapshots.prechange', after: 'snapshots.postchange', fields: ['custom_fields.alibaba_attachment', 'custom_fields.alibaba_region', 'name', 'custom_fields.remote_networks'] })
  await page.click('#add-test')
  await page.getByText('1 test passed').waitFor()
  await page.getByText('✓ matched').waitFor()
}))

test('a word of the event that differs is mapped, and a key stays hidden, also in the test', withPage(async page => {
  await start(page, sample('netbox-ikepolicy'))
  await clickValue(page, '"value": 2', '2', 'data.version.value')
  await button(page, /^→ Tunnel\.1\.TunnelIkeConfig\.IkeVersion/).click()
  assert.deepEqual((await rules(page)).rules[0].map, { 'Tunnel.1.TunnelIkeConfig.IkeVersion': 'common' })
  await clickValue(page, '"preshared_key": "ExamplePskNetBoxNov', 'ExamplePsk', 'data.preshared_key')
  assert.doesNotMatch(await page.locator('#mapping').innerText(), /ExamplePsk/)
  await button(page, /^→ Tunnel\.1\.TunnelIkeConfig\.Psk/).click()
  assert.deepEqual((await change(page)).TunnelOptionsSpecification, [{ TunnelIndex: 1, TunnelIkeConfig: { Psk: 'ExamplePskNetBoxNov2026NotASecr', IkeVersion: 'ikev2' } }])
  await page.click('#add-test')
  await page.getByText('1 test passed').waitFor()
  assert.doesNotMatch(await rulesText(page), /ExamplePskNetBox/)
}))

test('the words of other tools need no table, and what only the author knows is asked', withPage(async page => {
  const event = { type: 'tunnel.changed', id: 'vco-abc', site: { region: 'fra', encryption: 'AES-256', dh_group: 14 } }
  await start(page, event)
  assert.match(await page.locator('#mapping').innerText(), /needs RegionId/)
  await clickValue(page, 'AES-256', 'AES-256', 'site.encryption')
  await button(page, /^→ IkeConfig\.IkeEncAlg with map/).click()
  await clickValue(page, 'dh_group', '14', 'site.dh_group')
  await button(page, /^→ IkeConfig\.IkePfs with map/).click()
  await clickValue(page, 'fra', 'fra', 'site.region')
  await button(page, /^→ RegionId with map/).click()
  await page.keyboard.insertText('"eu-central-1"') // the place of the meaning is selected
  const [rule] = (await rules(page)).rules
  assert.deepEqual(rule.map.RegionId, { fra: 'eu-central-1' })
  assert.deepEqual(await change(page), { RegionId: 'eu-central-1', VpnConnectionId: 'vco-abc', IkeConfig: { IkeEncAlg: 'aes256', IkePfs: 'group14' } })
}))

test('an event with a list makes a change of each element', withPage(async page => {
  await start(page, sample('inventory-sites'))
  const [rule] = (await rules(page)).rules
  assert.equal(rule.each, 'detail.sites')
  assert.deepEqual(rule.from, { VpnConnectionId: 'vpn.id', RegionId: 'vpn.region' })
  await clickToken(page, 'event-editor', '192.168.', /192\.168\./)
  await button(page, /^→ RemoteSubnet/).click()
  assert.equal((await rules(page)).rules[0].from.RemoteSubnet, 'networks')
  assert.equal((await change(page)).RemoteSubnet.includes('192.168.'), true)
}))

test('the keyboard alone writes a rule', withPage(async page => {
  await selectInput(page, 'Event + rules')
  await paste(page, 'event-editor', '{\n  "type": "site.changed",\n  "vpn": "vco-abc",\n  "region": "cn-hangzhou",\n  "networks": ["10.9.0.0/16"]\n}')
  await page.focus('#write-rule')
  await page.keyboard.press('Enter')
  // The cursor is in the event again, at its end.
  await page.keyboard.press('ArrowUp')
  await page.keyboard.press('End')
  for (let i = 0; i < 3; i++) await page.keyboard.press('ArrowLeft')
  await page.locator('#mapping .value-at').getByText('networks.0').waitFor()
  await page.keyboard.press('Tab')
  assert.equal(await page.evaluate(() => document.activeElement.textContent.trim()), '→ RemoteSubnet')
  await page.keyboard.press('Enter')
  assert.deepEqual(await change(page), { RegionId: 'cn-hangzhou', VpnConnectionId: 'vco-abc', RemoteSubnet: '10.9.0.0/16' })
}))

test('a misspelt path and a misspelt key of a rule are mended by a click', withPage(async page => {
  await selectInput(page, 'Event + rules')
  await paste(page, 'event-editor', sample('netbox-tunnel'))
  await paste(page, 'rules-editor', JSON.stringify({ rules: [{ name: 'a', match: { model: ['tunnel'] }, fom: { RegionId: 'data.custom_fields.alibaba_regoin', VpnConnectionId: 'data.custom_fields.alibaba_attachment' } }] }))
  await page.locator('#explanation').getByRole('button', { name: 'Rename to from' }).click()
  await page.locator('#findings').getByRole('button', { name: 'Replace with "data.custom_fields.alibaba_region"' }).click()
  assert.deepEqual(await change(page), { RegionId: 'cn-hangzhou', VpnConnectionId: 'vco-localdual' })
}))
