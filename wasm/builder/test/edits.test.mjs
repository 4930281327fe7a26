// This file tests that an edit changes one value, and nothing else in the text of its author.

import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { changeText, paste, root } from './harness.mjs'
import { allValues, selectInput, unfold, withPage } from './fixtures.mjs'

const field = (page, path) => page.locator(`[id="field-${path}"]`)
const describe = name => readFileSync(join(root, `shared/emulator/testdata/describe-${name}.json`), 'utf8')
const eventText = async page => (await page.locator('#event-editor .cm-line').allTextContents()).join('\n')
const base = '"RegionId":"cn-hangzhou","VpnConnectionId":"vco-1"'
const change = rest => `{${base},${rest}}`
const fixes = page => page.locator('#findings .finding-list').getByRole('button', { name: /^(Rename|Replace|Convert|Remove|Clear)/ }).allInnerTexts()

test('the mode that the attachment in Current does not have can’t be selected, and nothing is lost', withPage(async page => {
  for (const [name, own, other] of [['single', 'Single tunnel', 'Dual tunnel'], ['dual', 'Dual tunnel', 'Single tunnel']]) {
    await paste(page, 'change-editor', '')
    await selectInput(page, 'Current')
    await paste(page, 'current-editor', describe(name))
    await selectInput(page, 'Form')
    await unfold(page)
    await field(page, name === 'single' ? 'IkeConfig.IkeLifetime' : 'TunnelOptionsSpecification[0].TunnelIkeConfig.IkeLifetime').fill('3600')
    await page.fill('#field-Name', 'n')
    const kept = await changeText(page)
    assert.match(kept, /"IkeLifetime": 3600/)
    await page.getByText(other).click()
    assert.equal(await page.locator('#status').innerText(), `The attachment in Current is in ${name}-tunnel mode.`)
    assert.equal(await changeText(page), kept)
    assert.equal(await page.getByRole('radio', { name: own }).isChecked(), true)
  }
}))

test('parameters removed before Current was pasted are back when their mode is selected', withPage(async page => {
  await paste(page, 'change-editor', '{"RegionId":"cn-hangzhou","VpnConnectionId":"vco-localsingle","IkeConfig":{"IkeLifetime":3600}}')
  await page.getByText('Dual tunnel').click()
  assert.doesNotMatch(await changeText(page), /IkeConfig/)
  await selectInput(page, 'Current')
  await paste(page, 'current-editor', describe('single'))
  await selectInput(page, 'Form')
  await page.getByText('Single tunnel').click()
  assert.deepEqual(JSON.parse(await changeText(page)).IkeConfig, { IkeLifetime: 3600 })
}))

const tunnels = [{ TunnelIndex: 2, EnableDpd: true }, { TunnelIndex: 1, EnableDpd: false }]
const forms = { 'the response’s object': { TunnelOptions: tunnels }, 'JSON text': JSON.stringify(tunnels), 'the response’s object as JSON text': JSON.stringify({ TunnelOptions: tunnels }) }

for (const [what, given] of Object.entries(forms)) {
  test(`tunnels given as ${what} are edited without a loss`, withPage(async page => {
    const text = change(`"TunnelOptionsSpecification":${JSON.stringify(given)}`)
    await paste(page, 'change-editor', text)
    await page.locator('[data-section="Tunnel 1"] select[id$=".EnableNatTraversal"]').selectOption('true')
    assert.deepEqual(JSON.parse(await changeText(page)).TunnelOptionsSpecification, [tunnels[0], { ...tunnels[1], EnableNatTraversal: true }])
    await paste(page, 'change-editor', text)
    await page.getByRole('button', { name: 'Convert to an array' }).click()
    assert.deepEqual(JSON.parse(await changeText(page)).TunnelOptionsSpecification, tunnels)
  }))
}

test('a value that has no place for a field is not changed, and the page says why', withPage(async page => {
  const others = [
    ['"TunnelOptionsSpecification":{"TunnelIndex":1}', '[data-section="Tunnel 1"] input[id$="TunnelIkeConfig.IkeLifetime"]'],
    ['"IkeConfig":[{"IkeLifetime":1}]', '[id="field-IkeConfig.IkeLifetime"]'],
  ]
  for (const [rest, at] of others) {
    await paste(page, 'change-editor', change(rest))
    await unfold(page)
    await page.locator(at).fill('3600')
    assert.match(await page.locator('#status').innerText(), /has an array where an object is expected/)
    assert.equal(await changeText(page), change(rest))
    assert.equal(await page.locator(at).inputValue(), '')
    await allValues(page).click()
    assert.equal(await changeText(page), change(rest))
    assert.equal(await allValues(page).innerText(), 'Show default values')
  }
}))

test('of a duplicate name the last value is shown and edited, and removing it removes all', withPage(async page => {
  await paste(page, 'change-editor', change('"Name":"a","IkeConfig":{"IkeLifetime":1},"Name":"b","IkeConfig":{"IkeMode":"main","IkeMode":"aggressive"}'))
  await unfold(page)
  assert.equal(await page.inputValue('#field-Name'), 'b')
  await page.fill('#field-Name', 'c')
  assert.equal(await changeText(page), change('"Name":"a","IkeConfig":{"IkeLifetime":1},"Name":"c","IkeConfig":{"IkeMode":"main","IkeMode":"aggressive"}'))
  await field(page, 'IkeConfig.IkeMode').selectOption('main')
  await field(page, 'IkeConfig.IkeLifetime').fill('3600')
  assert.match((await changeText(page)).replaceAll(/\s/g, ''), /"IkeConfig":\{"IkeLifetime":1\},"Name":"c","IkeConfig":\{"IkeMode":"main","IkeMode":"main","IkeLifetime":3600\}\}$/)
  await page.getByLabel('Remove Name').click()
  assert.doesNotMatch(await changeText(page), /Name/)
  await page.getByText('Dual tunnel').click()
  assert.equal(await page.getByRole('radio', { name: 'Dual tunnel' }).isChecked(), true)
}))

test('removing members and items leaves valid JSON, at any position', withPage(async page => {
  const all = ['"Name":"a"', '"LocalSubnet":"10.0.0.0/8"', '"IkeConfig":{"IkeMode":"main"}']
  for (const [before, after] of [['{', '}'], ['{\n  ', '\n}'], ['{ ', ',"X":1}'], ['{"X":1,\n', '}']]) {
    for (const between of [',', ', ', ',\n  ', '\n,\n']) {
      await paste(page, 'change-editor', before + all.join(between) + after)
      await page.evaluate(() => ['IkeMode', 'Name', 'LocalSubnet'].forEach(name => document.querySelector(`[aria-label="Remove ${name}"]`).click()))
      assert.deepEqual(JSON.parse(await changeText(page)), /X/.test(before + after) ? { X: 1 } : {})
    }
  }
}))

test('the change is the same after all values were added and removed', withPage(async page => {
  const toggle = allValues(page)
  const second = change('"TunnelOptionsSpecification":[{"TunnelIndex":2,"EnableDpd":false}]')
  for (const text of [second, change('"TunnelOptionsSpecification":[{"TunnelIndex":1}]'), change('"IkeConfig":"{\\"IkeMode\\":\\"main\\"}"'), `{${base}}`]) {
    await paste(page, 'change-editor', text)
    await page.getByText(/Ike/.test(text) ? 'Single tunnel' : 'Dual tunnel').click()
    await toggle.click()
    assert.notEqual(await changeText(page), text)
    await toggle.click()
    assert.equal(await changeText(page), text)
  }
  // Edits made in between stay, and none of the added values.
  for (const text of [second, `{${base}}`]) {
    await paste(page, 'change-editor', text)
    await page.getByText('Dual tunnel').click()
    await toggle.click()
    const whole = JSON.parse(await changeText(page)).TunnelOptionsSpecification
    assert.deepEqual(whole.map(t => [t.TunnelIndex, t.EnableDpd]), text === second ? [[2, false], [1, true]] : [[1, true], [2, true]])
    await page.fill('#field-Name', 'n')
    await toggle.click()
    assert.deepEqual(JSON.parse(await changeText(page)), { ...JSON.parse(text), Name: 'n' })
  }
}))

test('in a pasted event only the edited values change', withPage(async page => {
  const event = detail => `{ "version": "0",  "account": 12345678901234567890,
\t"detail-type": "VPN Attachment Change", "source": "com.example.vpn", "f": 1.0,
    "detail": ${detail} , "more": [ ] }`
  const detail = (name, lifetime) => `{"RegionId":"cn-hangzhou",   "VpnConnectionId":"vco-1",
      "Name": ${name},  "IkeConfig": { "IkeMode" : "main",
   "IkeLifetime":   ${lifetime} } }`
  await selectInput(page, 'Event + rules')
  await paste(page, 'event-editor', event(detail('"a"', 3600)))
  await selectInput(page, 'Form')
  await page.fill('#field-Name', 'b')
  await unfold(page)
  await field(page, 'IkeConfig.IkeLifetime').fill('7200')
  await selectInput(page, 'Event + rules')
  assert.equal(await eventText(page), event(detail('"b"', 7200)))
  await selectInput(page, 'Form')
  await page.fill('#field-CustomerGatewayId', 'cgw-1')
  await page.getByLabel('Remove IkeLifetime').click()
  await selectInput(page, 'Event + rules')
  const now = await eventText(page)
  assert.ok(now.startsWith(event('|').split('|')[0]) && now.endsWith(event('|').split('|')[1]), now)
  assert.deepEqual(JSON.parse(now).detail, JSON.parse(await changeText(page)))
  // A completely different change replaces the detail.
  const other = { RegionId: 'cn-hangzhou', VpnConnectionId: 'vco-2', ...Object.fromEntries(Array.from({ length: 60 }, (_, i) => [`X${i}`, i])) }
  await paste(page, 'change-editor', JSON.stringify(other))
  assert.deepEqual(JSON.parse(await eventText(page)).detail, other)
  assert.match(await eventText(page), /"account": 12345678901234567890,\n\t/)
}))

test('the form shows a number as it is written', withPage(async page => {
  for (const n of ['12345678901234567890', '1e400', '86400.0', '8.64e4', '3600']) {
    await paste(page, 'change-editor', change(`"IkeConfig":{"IkeLifetime":${n}},"BgpConfig":"{\\"LocalAsn\\":65000}"`))
    assert.equal(await field(page, 'IkeConfig.IkeLifetime').inputValue(), n)
    assert.equal(await field(page, 'BgpConfig.LocalAsn').inputValue(), '65000')
  }
}))

test('a name that is present in both spellings has no fix', withPage(async page => {
  await paste(page, 'change-editor', change('"IkeConfig":{"LocalIdIPsec":"x","LocalId":"y"},"HealthCheckConfig":{"Enable":"true","enable":"false"},"BgpConfig":"{\\"EnableBgp\\":true}"'))
  await page.locator('#findings').getByText('alias-used').first().waitFor()
  assert.deepEqual((await fixes(page)).filter(name => /^Rename/.test(name)), [])
  await paste(page, 'change-editor', change('"IkeConfig":"{\\"LocalIdIPsec\\":\\"x\\"}"'))
  await page.getByRole('button', { name: 'Rename to LocalId' }).click()
  assert.equal(JSON.parse(await changeText(page)).IkeConfig, '{"LocalId":"x"}')
}))

test('reverting to the event reverts to the selected result', withPage(async page => {
  await page.selectOption('#examples', 'inventory-sites')
  const choice = page.locator('#explanation select')
  await choice.selectOption('1')
  const given = await changeText(page)
  await selectInput(page, 'Form')
  await page.fill('#field-Name', 'edited')
  await selectInput(page, 'Event + rules')
  await page.getByRole('button', { name: 'Revert to the event' }).click()
  assert.equal(await changeText(page), given)
  assert.equal(await choice.inputValue(), '1')
}))

test('a change that matches the event again is not marked as different', withPage(async page => {
  await page.selectOption('#examples', 'inventory-sites')
  const given = await changeText(page)
  const differs = page.getByText('no longer matches this event')
  await page.locator('#change-editor .cm-content').click()
  await page.keyboard.press('ControlOrMeta+End')
  await page.keyboard.type(' ')
  await differs.waitFor()
  await page.keyboard.press('ControlOrMeta+z')
  assert.equal(await changeText(page), given)
  assert.equal(await differs.count(), 0)
  // Also when the work was replaced in between, and restored.
  await paste(page, 'change-editor', '{}')
  await page.selectOption('#examples', 'cloudtrail-putsecretvalue')
  await page.getByRole('button', { name: 'Undo', exact: true }).click()
  await differs.waitFor()
  await paste(page, 'change-editor', given)
  assert.equal(await differs.count(), 0)
  // With other rules the event does not produce the same text.
  await paste(page, 'change-editor', '{}')
  await paste(page, 'rules-editor', '{"rules":[]}')
  await paste(page, 'change-editor', given)
  await differs.waitFor()
}))

test('clearing host bits does not change text that is not a CIDR block', withPage(async page => {
  await paste(page, 'change-editor', change('"LocalSubnet":"300.0.0.1/8,10.0.0.1/8,10.0.0.0/33"'))
  await page.getByRole('button', { name: 'Clear the host bits' }).click()
  assert.equal(JSON.parse(await changeText(page)).LocalSubnet, '300.0.0.1/8,10.0.0.0/8,10.0.0.0/33')
}))

test('a change made by rules has no fix', withPage(async page => {
  await selectInput(page, 'Event + rules')
  const event = '{"source":"s","detail-type":"t","detail":{"blocks":"10.0.0.1/8"}}'
  await paste(page, 'rules-editor', `{"rules":[{"name":"a","match":{"source":["s"]},"from":{"LocalSubnet":"detail.blocks"},"with":{"RegionId":"cn-hangzhou","VpnConnectionId":"vco-1"}}]}`)
  await paste(page, 'event-editor', event)
  await page.locator('#findings').getByText('cidr-not-canonical').first().waitFor()
  assert.deepEqual(await fixes(page), [])
  await paste(page, 'change-editor', await changeText(page))
  assert.deepEqual(await fixes(page), [])
}))

test('a region in the change is not replaced by that of Current', withPage(async page => {
  await paste(page, 'change-editor', '{"RegionId":"eu-central-1"}')
  await selectInput(page, 'Current')
  await paste(page, 'current-editor', describe('single'))
  assert.deepEqual(JSON.parse(await changeText(page)), { RegionId: 'eu-central-1', VpnConnectionId: 'vco-localsingle' })
}))

test('an item that names the other tunnel by its id is not this one', withPage(async page => {
  await selectInput(page, 'Current')
  await paste(page, 'current-editor', describe('dual'))
  const [, second] = JSON.parse(describe('dual')).TunnelOptionsSpecification.TunnelOptions
  const item = { TunnelId: second.TunnelId, EnableDpd: true }
  await paste(page, 'change-editor', JSON.stringify({ RegionId: 'cn-hangzhou', VpnConnectionId: 'vco-localdual', TunnelOptionsSpecification: [item] }))
  await selectInput(page, 'Form')
  await page.locator('[data-section="Tunnel 1"] select[id$=".EnableDpd"]').selectOption('false')
  assert.deepEqual(JSON.parse(await changeText(page)).TunnelOptionsSpecification, [item, { TunnelIndex: 1, EnableDpd: false }])
}))
