// This file tests that nothing is lost in silence where something comes between: an edit of the JSON, another tab, a storage that is full or forbidden.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { changeText, paste } from './harness.mjs'
import { server, withPage } from './fixtures.mjs'

const dual = more => JSON.stringify({ RegionId: 'cn-hangzhou', VpnConnectionId: 'vco-localdual', ...more, TunnelOptionsSpecification: [{ TunnelIndex: 2, TunnelIkeConfig: { Psk: 'PutAsideTestKey2026NotASecret' } }] }, null, 2)
const mode = (page, name) => page.getByText(name, { exact: true }).click()
const says = (page, text) => page.locator('#status').getByText(text).waitFor()
const ready = page => page.waitForSelector('html[data-ready]')
const stored = page => page.evaluate(() => JSON.stringify([{ ...localStorage }, { ...sessionStorage }]))

async function typeName(page, name) {
  await page.locator('#change-editor .cm-content').click()
  await page.keyboard.press('ControlOrMeta+End')
  for (let i = 0; i < 2; i++) await page.keyboard.press('ArrowLeft')
  await page.keyboard.insertText(`, "Name": "${name}"`)
}

test('what a mode has put aside comes back after edits of the JSON, and says so', withPage(async page => {
  await paste(page, 'change-editor', dual())
  await mode(page, 'Single tunnel')
  await says(page, 'Put aside, until the mode is dual again: TunnelOptionsSpecification.')
  await typeName(page, 'typed')
  await mode(page, 'Dual tunnel')
  await says(page, 'Back again: TunnelOptionsSpecification.')
  assert.deepEqual(JSON.parse(await changeText(page)), JSON.parse(dual({ Name: 'typed' })))
  // A reload keeps it too, but for its key.
  await mode(page, 'Single tunnel')
  page.once('dialog', d => d.accept())
  await page.reload()
  await ready(page)
  assert.doesNotMatch(await stored(page), /PutAsideTestKey/)
  await says(page, 'Its keys are ***')
  await mode(page, 'Dual tunnel')
  await says(page, 'Back again: TunnelOptionsSpecification.')
  assert.deepEqual(JSON.parse(await changeText(page)), JSON.parse(dual({ Name: 'typed' }).replace('PutAsideTestKey2026NotASecret', '***')))
  // Of another attachment it is not brought back, but it is not forgotten either.
  await mode(page, 'Single tunnel')
  await page.fill('#field-VpnConnectionId', 'vco-other')
  await mode(page, 'Dual tunnel')
  await says(page, 'What was put aside before is of vco-localdual')
  assert.equal(JSON.parse(await changeText(page)).TunnelOptionsSpecification, undefined)
  // Another text starts without.
  await paste(page, 'change-editor', JSON.stringify({ RegionId: 'cn-hangzhou', VpnConnectionId: 'vco-localdual', Name: 'new' }))
  await mode(page, 'Single tunnel')
  await mode(page, 'Dual tunnel')
  assert.equal(JSON.parse(await changeText(page)).TunnelOptionsSpecification, undefined)
}))

test('two tabs keep their own drafts, and forget them together', withPage(async page => {
  const change = name => JSON.stringify({ RegionId: 'cn-hangzhou', VpnConnectionId: 'vco-localfree', Name: name })
  const other = await page.context().newPage()
  await other.goto(server.url)
  await ready(other)
  for (const [tab, name] of [[page, 'first'], [other, 'second']]) {
    await tab.bringToFront()
    await paste(tab, 'change-editor', change(name))
    await tab.waitForFunction(name => sessionStorage['vpnattach-draft']?.includes(name), name)
  }
  for (const [tab, name] of [[page, 'first'], [other, 'second']]) {
    await tab.bringToFront()
    await tab.reload()
    await ready(tab)
    assert.equal(JSON.parse(await changeText(tab)).Name, name)
  }
  await page.bringToFront()
  await page.click('#show-history')
  await page.locator('#keep').press('Space')
  await other.waitForFunction(() => sessionStorage['vpnattach-draft'] === undefined)
  for (const tab of [page, other]) assert.doesNotMatch(await stored(tab), /first|second/)
  await other.close()
}))

test('a storage that is full brings back no older draft, and one that is forbidden lets the page work', withPage(async page => {
  const change = name => JSON.stringify({ RegionId: 'cn-hangzhou', VpnConnectionId: 'vco-localfree', Name: name })
  let asked = 0
  page.on('dialog', d => (asked++, d.accept()))
  await paste(page, 'change-editor', change('older'))
  await page.waitForFunction(() => sessionStorage['vpnattach-draft']?.includes('older'))
  await page.evaluate(() => {
    Storage.prototype.setItem = () => {
      throw new DOMException('full', 'QuotaExceededError')
    }
  })
  await paste(page, 'change-editor', change('newer'))
  await page.waitForFunction(() => sessionStorage['vpnattach-draft'] === undefined)
  await page.reload()
  await ready(page)
  assert.equal(asked, 1)
  await page.addInitScript(() => {
    for (const name of ['localStorage', 'sessionStorage']) Object.defineProperty(window, name, { get() { throw new DOMException('forbidden', 'SecurityError') } })
  })
  await page.goto(server.url + 'reference/parameters.html')
  await page.goto(server.url)
  await ready(page)
  await paste(page, 'change-editor', change('works'))
  await page.getByText('✓ valid').waitFor()
  await page.locator('#copy').click()
  await says(page, 'Copied, without secrets.')
}, {}))
