// This file tests which texts the page accepts as the current configuration, and the error for all others.

import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { changeText, output, paste, root } from './harness.mjs'
import { allValues, selectInput, withPage } from './fixtures.mjs'

const [single, dual] = ['single', 'dual'].map(name => JSON.parse(readFileSync(join(root, `shared/emulator/testdata/describe-${name}.json`), 'utf8')))
const change = id => JSON.stringify({ RegionId: 'cn-hangzhou', VpnConnectionId: id, Name: 'another' })

test('a response is found in an SDK’s response object, in a list, and after a byte order mark', withPage(async page => {
  const list = { RequestId: 'r', VpnConnections: { VpnConnection: [single, dual] } }
  const camel = value => Array.isArray(value) ? value.map(camel) : typeof value !== 'object' || value === null ? value :
    Object.fromEntries(Object.entries(value).map(([name, v]) => [name[0].toLowerCase() + name.slice(1), camel(v)]))
  const texts = Object.fromEntries(Object.entries(single).map(([name, v]) => [name, typeof v === 'object' ? JSON.stringify(v) : v]))
  const forms = [single, { headers: {}, statusCode: 200, body: single }, list, { body: list }, { VpnConnections: { VpnConnection: [single] } },
    [single, dual], camel(single), { headers: {}, statusCode: 200, body: camel(list) }, texts].map(f => JSON.stringify(f))
  await paste(page, 'change-editor', change(single.VpnConnectionId))
  for (const text of [...forms, '\uFEFF' + forms[0]]) {
    await selectInput(page, 'Current')
    await paste(page, 'current-editor', text)
    assert.deepEqual(await page.locator('#current-diff tr.differs th').allInnerTexts(), ['Name'], text.slice(0, 60))
    assert.match(await output(page), /\n  add (IkeConfig|Name 'another')/)
    await selectInput(page, 'Form')
    assert.equal(await page.locator('[id="field-IkeConfig.IkeLifetime"]').getAttribute('placeholder'), `current: ${single.IkeConfig.IkeLifetime}`)
  }
  // The id for the form is read from them, too.
  await paste(page, 'change-editor', '')
  await selectInput(page, 'Current')
  await paste(page, 'current-editor', JSON.stringify({ body: dual }))
  assert.equal(JSON.parse(await changeText(page)).VpnConnectionId, dual.VpnConnectionId)
}))

test('text that is not a Describe response is reported at once, and there is no request', withPage(async page => {
  const wrong = [{ hello: 1 }, { ...single, IkeConfig: 'none' }, { ...single, IkeConfig: { ...single.IkeConfig, IkeLifetime: 'long' } }, { body: { hello: 1 } }, { VpnConnections: { VpnConnection: [dual, { ...dual, VpnConnectionId: 'vco-x' }] } }, { VpnConnections: { VpnConnection: [] } }, [dual, { ...dual, VpnConnectionId: 'vco-x' }], 5].map(w => JSON.stringify(w))
  for (const own of ['', change(single.VpnConnectionId)]) {
    await paste(page, 'change-editor', own)
    for (const text of [...wrong, JSON.stringify(single).slice(0, -20)]) {
      await selectInput(page, 'Current')
      await paste(page, 'current-editor', text)
      assert.match(await page.locator('#current-diff .note.error').innerText(), /answer|JSON|list|can't be read/, text)
      const seen = await page.evaluate(() => {
        const errors = editor => document.getElementById(editor).shadowRoot.querySelectorAll('.cm-lint-marker-error').length
        return { current: errors('current-editor'), change: errors('change-editor'), request: document.getElementById('output-panel').innerText.includes('curl'), copy: !document.getElementById('copy').disabled }
      })
      assert.deepEqual(seen, { current: 1, change: 0, request: false, copy: false }, text) // the change has no finding because of it
      await selectInput(page, 'Form')
      await page.locator('#findings li.error .finding-link').click()
      assert.deepEqual(await page.evaluate(() => [document.activeElement.id, document.getElementById('input-current').checkVisibility()]), ['current-editor', true])
    }
  }
  await page.locator('#current-clear').click()
  assert.match(await output(page), /\| curl /)
}))

test('the current configuration gives a diff, the merged request, and values for the form', withPage(async page => {
  await selectInput(page, 'Current')
  await paste(page, 'current-editor', readFileSync(join(root, 'shared/emulator/testdata/describe-dual.json'), 'utf8'))
  await selectInput(page, 'Form')
  assert.equal(await page.locator('#field-VpnConnectionId').inputValue(), 'vco-localdual')
  assert.equal(await page.locator('#field-RegionId').inputValue(), 'cn-hangzhou')
  assert.equal(await page.getByRole('radio', { name: 'Dual tunnel' }).isChecked(), true)
  await page.locator('[id="field-TunnelOptionsSpecification[0].TunnelIkeConfig.IkeLifetime"]').fill('3600')
  await selectInput(page, 'Current')
  const table = page.locator('#current-diff .compare')
  assert.deepEqual(await table.locator('tr.differs').evaluateAll(all => all.map(r => [...r.children].map(c => c.innerText.trim()))), [['IkeLifetime', '28800', '3600']])
  assert.match(await table.locator('[data-group="Tunnel 1, Phase 1"]').innerText(), /1 of 9 differs[^]*Psk\s+\*\*\*\s+\*\*\*/)
  assert.equal(await table.locator('[data-group="Tunnel 2, Phase 1"] tr').count(), 1)
  await page.getByLabel('Show all fields').check()
  assert.match(await table.locator('[data-group="Tunnel 2, Phase 1"]').innerText(), /9 unchanged[^]*IkeLifetime\s+28800\s+28800/)
  const merged = await page.locator('#current-diff .merged').innerText()
  assert.match(merged, /TunnelIkeConfig\.Psk\s+\*\*\*/)
  assert.match(merged, /TunnelIkeConfig\.IkeEncAlg\s+aes256/)
  assert.doesNotMatch(await page.locator('#current-diff').innerText(), /local-dual-key/)
  // An item is found by its TunnelId, at any position.
  await paste(page, 'change-editor', '{"RegionId":"cn-hangzhou","VpnConnectionId":"vco-localdual","TunnelOptionsSpecification":[{"TunnelId":"tun-localdual2","TunnelIkeConfig":{"IkeLifetime":3600}}]}')
  await table.locator('[data-group="Tunnel 2, Phase 1"] tr.differs').getByRole('button', { name: 'IkeLifetime' }).click()
  assert.equal(await page.evaluate(() => document.activeElement.id), 'field-TunnelOptionsSpecification[0].TunnelIkeConfig.IkeLifetime')
}))

test('current and proposed are next to each other, also in a narrow window', withPage(async page => {
  await selectInput(page, 'Current')
  await page.getByRole('button', { name: 'Example: dual' }).click()
  await paste(page, 'change-editor', '{"RegionId":"cn-hangzhou","VpnConnectionId":"vco-localdual","Name":"site-b","TunnelOptionsSpecification":[{"TunnelIndex":2,"TunnelIkeConfig":{"Psk":"BuilderTestKey2026NotASecret42","IkeLifetime":3600},"TunnelBgpConfig":{"LocalAsn":65010}}]}')
  await page.locator('#current-diff tr.differs').first().waitFor()
  assert.match(await page.locator('[data-field$="TunnelIkeConfig.Psk"]').innerText(), /Psk\s+\*\*\*\s+replaced$/)
  for (const width of [1440, 360]) {
    await page.setViewportSize({ width, height: 900 })
    const places = await page.locator('#current-diff tr.differs').evaluateAll(all => all.map(r => {
      const [name, from, to] = [...r.children].map(c => c.getBoundingClientRect())
      return { part: r.closest('tbody').dataset.group, field: r.children[0].innerText.trim(), level: from.top === to.top && from.bottom === to.bottom, apart: from.right <= to.left, above: name.bottom <= from.top, width: from.width, inside: to.right <= innerWidth }
    }))
    assert.deepEqual(places.map(p => `${p.part}: ${p.field}`), ['Connection: Name', 'Tunnel 2, Phase 1: Psk', 'Tunnel 2, Phase 1: IkeLifetime', 'Tunnel 2, BGP: LocalAsn'])
    for (const p of places) assert.deepEqual([p.level, p.apart, p.above, p.width > 90, p.inside], [true, true, width === 360, true, true], JSON.stringify(p))
  }
}))

test('values in the Describe response need not be entered again', withPage(async page => {
  const { ZoneNo: _, ...dual } = JSON.parse(readFileSync(join(root, 'shared/emulator/testdata/describe-dual.json'), 'utf8'))
  const zones = [['cn-hangzhou-b', 'cn-hangzhou'], ['eu-central-1a', 'eu-central-1']]
  for (const [zone, region] of zones) {
    await paste(page, 'change-editor', '')
    await selectInput(page, 'Current')
    await paste(page, 'current-editor', JSON.stringify(dual).replaceAll(/"ZoneNo":"[^"]*"/g, `"ZoneNo":"${zone}"`))
    assert.deepEqual(JSON.parse(await changeText(page)), { VpnConnectionId: 'vco-localdual', RegionId: region })
  }
  await selectInput(page, 'Form')
  assert.equal(await page.getByRole('radio', { name: 'Dual tunnel' }).isChecked(), true)
  assert.equal(await allValues(page).innerText(), 'Show current values')
  // Every field shows the current value, and a new value needs no other one beside it.
  const lifetime = page.locator('[id="field-TunnelOptionsSpecification[0].TunnelIpsecConfig.IpsecLifetime"]')
  assert.match(await lifetime.getAttribute('placeholder'), /^current: \d+$/)
  await lifetime.fill('7200')
  assert.equal(await page.locator('#findings li.error, #findings li.warning').count(), 0)
  assert.match(await output(page), /\| curl /)
}))

test('an invalid Describe response, or that of another attachment, is reported at its place', withPage(async page => {
  await selectInput(page, 'Current')
  await paste(page, 'current-editor', '{"VpnConnectionId": nonsense')
  await page.locator('#current-diff').getByText('not JSON (line 1, column 21)').waitFor()
  await page.locator('#current-editor .cm-lint-marker-error').waitFor()
  await page.locator('#current-clear').click()
  await paste(page, 'change-editor', '{"RegionId":"cn-hangzhou","VpnConnectionId":"vco-other","Name":"x"}')
  await page.getByRole('button', { name: 'Example: single' }).click()
  await page.locator('#current-diff .note.error').getByText('vco-localsingle').waitFor()
}))
