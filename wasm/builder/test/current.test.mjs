// This file tests which texts the page accepts as the current configuration, and the error for all others.

import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { changeText, output, paste, root } from './harness.mjs'
import { selectInput, withPage } from './fixtures.mjs'

const [single, dual] = ['single', 'dual'].map(name => JSON.parse(readFileSync(join(root, `shared/emulator/testdata/describe-${name}.json`), 'utf8')))
const change = id => JSON.stringify({ RegionId: 'cn-hangzhou', VpnConnectionId: id, Name: 'another' })

test('a response is found in an SDK’s response object, in a list, and after a byte order mark', withPage(async page => {
  const list = { RequestId: 'r', VpnConnections: { VpnConnection: [single, dual] } }
  const camel = value => Array.isArray(value) ? value.map(camel) : typeof value !== 'object' || value === null ? value :
    Object.fromEntries(Object.entries(value).map(([name, v]) => [name[0].toLowerCase() + name.slice(1), camel(v)]))
  const texts = Object.fromEntries(Object.entries(single).map(([name, v]) => [name, typeof v === 'object' ? JSON.stringify(v) : v]))
  const forms = [single, { headers: {}, statusCode: 200, body: single }, list, { body: list }, { VpnConnections: { VpnConnection: [single] } },
    [single, dual], camel(single), { headers: {}, statusCode: 200, body: camel(list) }, texts].map(f => JSON.stringify(f))
  for (const text of [...forms, '\uFEFF' + forms[0]]) {
    await paste(page, 'change-editor', change(single.VpnConnectionId))
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
  for (const text of [...wrong, JSON.stringify(single).slice(0, -20)]) {
    for (const own of ['', change(single.VpnConnectionId)]) {
      await paste(page, 'change-editor', own)
      await selectInput(page, 'Current')
      await paste(page, 'current-editor', text)
      assert.match(await page.locator('#current-diff .note.error').innerText(), /answer|JSON|list|can't be read/, text)
      assert.equal(await page.locator('#current-editor .cm-lint-marker-error').count(), 1)
      assert.doesNotMatch(await output(page), /curl/)
      assert.equal(await page.locator('#copy').isEnabled(), false)
      // The change has no finding because of it.
      assert.equal(await page.locator('#change-editor .cm-lint-marker-error').count(), 0)
      await selectInput(page, 'Form')
      await page.locator('#findings li.error .finding-link').click()
      assert.equal(await page.evaluate(() => document.activeElement.id), 'current-editor')
      assert.equal(await page.locator('#input-current').isVisible(), true)
    }
  }
  await page.locator('#current-clear').click()
  assert.match(await output(page), /\| curl /)
}))
