// This file tests what the page takes for the current configuration, and that it says of all else that it is none.

import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { changeText, output, paste, root } from './harness.mjs'
import { input, on } from './fixtures.mjs'

const [single, dual] = ['single', 'dual'].map(name => JSON.parse(readFileSync(join(root, `shared/emulator/testdata/describe-${name}.json`), 'utf8')))
const change = id => JSON.stringify({ RegionId: 'cn-hangzhou', VpnConnectionId: id, Name: 'another' })

test('an answer is found in an SDK’s response, in a list, and behind a byte order mark', on(async page => {
  const list = { RequestId: 'r', VpnConnections: { VpnConnection: [single, dual] } }
  const forms = [single, { headers: {}, statusCode: 200, body: single }, list, { body: list }, { VpnConnections: { VpnConnection: [single] } }].map(f => JSON.stringify(f))
  for (const text of [...forms, '\uFEFF' + forms[0]]) {
    await paste(page, 'change-editor', change(single.VpnConnectionId))
    await input(page, 'Current')
    await paste(page, 'current-editor', text)
    assert.deepEqual(await page.locator('#current-diff tr.differs th').allInnerTexts(), ['Name'], text.slice(0, 60))
    assert.match(await output(page), /^curl [^]*IkeConfig|^curl [^]*Name=another/)
    await input(page, 'Form')
    assert.equal(await page.locator('[id="field-IkeConfig.IkeLifetime"]').getAttribute('placeholder'), `now: ${single.IkeConfig.IkeLifetime}`)
  }
  // What the form would ask for comes out of them, too.
  await paste(page, 'change-editor', '')
  await input(page, 'Current')
  await paste(page, 'current-editor', JSON.stringify({ body: dual }))
  assert.equal(JSON.parse(await changeText(page)).VpnConnectionId, dual.VpnConnectionId)
}))

test('what is no answer of Describe is said at once, and no request is offered beside it', on(async page => {
  const camel = Object.fromEntries(Object.entries(single).map(([name, value]) => [name[0].toLowerCase() + name.slice(1), value]))
  const wrong = [{ hello: 1 }, camel, { body: { hello: 1 } }, { VpnConnections: { VpnConnection: [dual, { ...dual, VpnConnectionId: 'vco-x' }] } }, { VpnConnections: { VpnConnection: [] } }, [single], 5].map(w => JSON.stringify(w))
  for (const text of [...wrong, JSON.stringify(single).slice(0, -20)]) {
    for (const own of ['', change(single.VpnConnectionId)]) {
      await paste(page, 'change-editor', own)
      await input(page, 'Current')
      await paste(page, 'current-editor', text)
      assert.match(await page.locator('#current-diff .note.error').innerText(), /answer|JSON object|list of/, text)
      assert.equal(await page.locator('#current-editor .cm-lint-marker-error').count(), 1)
      assert.doesNotMatch(await output(page), /^curl/)
      assert.equal(await page.locator('#copy').isEnabled(), false)
      // The change is none the worse for it.
      assert.equal(await page.locator('#change-editor .cm-lint-marker-error').count(), 0)
      await input(page, 'Form')
      await page.locator('#findings li.error .go').click()
      assert.equal(await page.evaluate(() => document.activeElement.id), 'current-editor')
      assert.equal(await page.locator('#input-current').isVisible(), true)
    }
  }
  await page.locator('#current-clear').click()
  assert.match(await output(page), /^curl /)
}))
