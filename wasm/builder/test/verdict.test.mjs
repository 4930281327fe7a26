// This file tests the bar that leads from the current configuration over the change to the request.

import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { accessible, changeText, paste, root } from './harness.mjs'
import { selectInput, withPage } from './fixtures.mjs'

const describe = name => JSON.parse(readFileSync(join(root, `shared/emulator/testdata/describe-${name}.json`), 'utf8'))
const [single, dual] = ['single', 'dual'].map(describe)
const bar = page => page.locator('#verdict')
const key = 'BuilderTestKey2026NotASecret42'
const rotation = (id, more) => JSON.stringify({ RegionId: 'cn-hangzhou', VpnConnectionId: id, ...more })
const camel = v =>
  Array.isArray(v) ? v.map(camel) : v && typeof v === 'object' ? Object.fromEntries(Object.entries(v).map(([name, x]) => [name[0].toLowerCase() + name.slice(1), camel(x)])) : v

test('a key alone is amber, and the button leads to where the current configuration goes', withPage(async page => {
  await bar(page).getByText('Start with the current configuration').waitFor()
  await paste(page, 'change-editor', rotation('vco-localsingle', { IkeConfig: { Psk: key } }))
  await bar(page).getByText('Partial: the service may reset fields').waitFor()
  assert.equal(await bar(page).locator('.verdict.warning').count(), 1)
  await accessible(page, 'verdict', { parts: ['#verdict', '#findings'] })
  await bar(page).getByRole('button', { name: 'Give the current configuration' }).press('Enter')
  assert.equal(await page.evaluate(() => document.activeElement.id), 'current-editor')
  assert.match(await page.locator('#current-diff').innerText(), /aliyun vpc DescribeVpnConnection --RegionId cn-hangzhou --VpnConnectionId vco-localsingle/)
  await page.keyboard.insertText(JSON.stringify(single))
  await bar(page).getByText('Ready.').waitFor()
  assert.match(await bar(page).innerText(), /1 Now\s+vco-localsingle[^]*1 field differs/)
  assert.match(await bar(page).innerText(), /The tunnel negotiates anew at once: traffic stops meanwhile/)
  // The same way from the finding itself.
  await page.locator('#current-clear').click()
  await page.locator('#findings').getByRole('button', { name: 'Give the current configuration', exact: true }).click()
  assert.equal(await page.evaluate(() => document.activeElement.id), 'current-editor')
}))

test('the bar names the tunnel that negotiates anew', withPage(async page => {
  await selectInput(page, 'Current')
  await paste(page, 'current-editor', JSON.stringify(dual))
  await bar(page).getByText('Make the change.').waitFor()
  const item = (n, more) => ({ TunnelIndex: n, ...more })
  const says = async (more, pattern) => {
    await paste(page, 'change-editor', rotation(dual.VpnConnectionId, more))
    await bar(page).getByText(pattern).waitFor()
  }
  await says({ TunnelOptionsSpecification: [item(2, { TunnelIkeConfig: { Psk: key } })] }, 'Tunnel 2 negotiates anew at once; tunnel 1 is not changed.')
  await says({ EffectImmediately: false, TunnelOptionsSpecification: [item(1, { EnableDpd: false })], Name: 'n' }, /as EffectImmediately is false/)
  await says({ Name: 'another' }, 'No tunnel negotiates anew.')
  await says({ Name: dual.Name }, 'Nothing to send: the attachment is as the change asks.')
  await paste(page, 'change-editor', rotation('vco-another', { Name: 'n' }))
  await bar(page).getByText('2 Change of another attachment').waitFor()
}))

test('each form of the answer is read: a list, an array, an SDK’s object, other spellings', withPage(async page => {
  const forms = [{ VpnConnections: { VpnConnection: [single, dual] } }, [single, dual], { headers: {}, body: camel(dual) }, camel({ VpnConnections: [single, dual] })]
  for (const form of forms) {
    await paste(page, 'change-editor', rotation(dual.VpnConnectionId, { Name: 'another' }))
    await selectInput(page, 'Current')
    await paste(page, 'current-editor', JSON.stringify(form))
    await bar(page).getByText('1 field differs').waitFor()
    await page.getByRole('button', { name: 'Share' }).click()
    await page.getByText('Link copied').waitFor()
    const other = await page.context().newPage()
    await other.goto(await page.evaluate(() => location.href))
    await other.waitForSelector('html[data-ready]')
    assert.match(await bar(other).innerText(), /1 field differs/)
    assert.doesNotMatch(await other.evaluate(() => document.querySelector('#current-editor').shadowRoot.textContent), /localsingle/)
    await other.close()
  }
  // Without a change, an answer gives the attachment that the change is for.
  await paste(page, 'change-editor', '')
  await paste(page, 'current-editor', JSON.stringify(camel(single)))
  assert.deepEqual(JSON.parse(await changeText(page)), { RegionId: 'cn-hangzhou', VpnConnectionId: single.VpnConnectionId })
}))

test('what a change of mode puts aside is named', withPage(async page => {
  await paste(page, 'change-editor', rotation('vco-1', { IkeConfig: { Psk: key }, EnableDpd: true }))
  await page.getByText('Dual tunnel').click()
  await page.locator('#status').getByText('Put aside, until the mode is single again: IkeConfig, EnableDpd.').waitFor()
  await page.getByText('Single tunnel').click()
  assert.deepEqual(JSON.parse(await changeText(page)).IkeConfig, { Psk: key })
}))

test('the bar stays in sight on a phone, and copies', withPage(async page => {
  await paste(page, 'change-editor', rotation('vco-1', { Name: 'n' }))
  await page.evaluate(() => scrollTo(0, document.body.scrollHeight))
  await page.waitForFunction(() => scrollY > 200)
  const box = await bar(page).boundingBox()
  assert.equal(box.y >= 0 && box.y < 20 && box.height < 130, true, JSON.stringify(box))
  await bar(page).getByRole('button', { name: 'Copy' }).click()
  await page.getByText('Copied, without secrets.').waitFor()
}, { viewport: { width: 360, height: 780 } }))
