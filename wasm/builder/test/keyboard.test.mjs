// This file tests the page without a mouse and without a screen.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { paste } from './harness.mjs'
import { example, unfold, withPage } from './fixtures.mjs'

test('the keyboard alone leads from the empty page to the copied request', withPage(async page => {
  await page.keyboard.press('?')
  await page.getByRole('dialog').waitFor()
  assert.equal(await page.evaluate(() => document.activeElement.id), 'help-title')
  await page.keyboard.press('Escape')
  await page.keyboard.press('g')
  await page.keyboard.press('f')
  await page.keyboard.type('cn-hangzhou')
  await page.keyboard.press('Tab') // past the button that removes the value
  await page.keyboard.press('Tab')
  await page.keyboard.type('vco-localsingle')
  for (let i = 0; i < 3; i++) await page.keyboard.press('Tab')
  await page.keyboard.type('site-a')
  await page.keyboard.press('Control+Enter')
  await page.getByText('Copied, without secrets.').waitFor()
  assert.match(await page.evaluate(() => navigator.clipboard.readText()), /^# Sends one [^]*\n  add Name 'site-a'\n  add RegionId 'cn-hangzhou'\n  add VpnConnectionId 'vco-localsingle'\n/)
  await page.keyboard.press('Escape')
  await page.keyboard.press('g')
  await page.keyboard.press('j')
  await page.keyboard.type(' ')
  await page.keyboard.press('Escape') // closes the completions
  await page.keyboard.press('Escape') // leaves the editor
  assert.equal(await page.evaluate(() => document.activeElement.id), 'change-title')
  await page.keyboard.press('g')
  await page.keyboard.press('o')
  assert.equal(await page.evaluate(() => document.activeElement.id), 'language')
  await page.keyboard.type('al')
  assert.equal(await page.locator('#language option:checked').innerText(), 'aliyun CLI')
}))

test('single keys do nothing in a select, and can be turned off permanently', withPage(async page => {
  const at = () => page.evaluate(() => document.activeElement.id)
  const dialog = page.getByRole('dialog')
  await unfold(page)
  for (const [selector, id] of [['#examples', 'examples'], ['[id="field-IkeConfig.IkeVersion"]', 'field-IkeConfig.IkeVersion'], ['#accessKeyId', 'accessKeyId'], ['#field-Name', 'field-Name']]) {
    await page.evaluate(() => (document.querySelector('.signing').open = true))
    await page.focus(selector)
    for (const key of ['?', 'g', 'o']) await page.keyboard.press(key)
    assert.equal(await at(), id)
    assert.equal(await dialog.isVisible(), false)
  }
  await page.keyboard.press('Escape')
  await page.keyboard.press('?')
  await dialog.getByLabel('Single-key shortcuts').uncheck()
  await page.keyboard.press('Escape')
  for (let visit = 0; visit < 2; visit++) {
    for (const key of ['?', 'g', 'x']) await page.keyboard.press(key)
    assert.equal(await dialog.isVisible(), false)
    assert.notEqual(await at(), 'examples')
    assert.deepEqual(await page.evaluate(() => localStorage.getItem('vpnattach-single-keys')), 'off')
    assert.doesNotMatch(await page.evaluate(() => JSON.stringify(Object.entries(localStorage))), /accessKey|signing/i)
    await page.reload()
    await page.waitForSelector('html[data-ready]')
  }
  await page.click('#show-help')
  await dialog.getByLabel('Single-key shortcuts').check()
  await page.getByRole('button', { name: 'Close' }).click()
  await page.keyboard.press('g')
  await page.keyboard.press('x')
  assert.equal(await at(), 'examples')
}))

test('a prefix without a key after it times out', withPage(async page => {
  const pressed = (...keys) => page.evaluate(keys => {
    document.activeElement.blur()
    for (const [key, at] of keys) {
      const event = new KeyboardEvent('keydown', { key, bubbles: true })
      Object.defineProperty(event, 'timeStamp', { value: at })
      document.dispatchEvent(event)
    }
    return document.activeElement.id
  }, keys)
  assert.equal(await pressed(['g', 10_000], ['x', 13_000]), '')
  assert.equal(await pressed(['g', 20_000], ['x', 21_000]), 'examples')
  assert.equal(await pressed(['g', 30_000], ['g', 33_000], ['x', 33_500]), 'examples')
}))

test('screen readers get groups, required fields, and the number of findings', withPage(async page => {
  await example(page, 'bare-dual')
  await unfold(page)
  for (const n of [1, 2]) {
    await page.getByRole('group', { name: `Tunnel ${n}`, exact: true }).getByLabel('EnableDpd', { exact: true }).waitFor()
    await page.getByRole('group', { name: `Tunnel ${n} Phase 1` }).getByLabel('IkeVersion', { exact: true }).waitFor()
  }
  assert.deepEqual(await page.locator('[aria-required=true]').evaluateAll(all => all.map(e => e.id)), ['field-RegionId', 'field-VpnConnectionId'])
  await page.getByText('Single tunnel').click()
  await paste(page, 'change-editor', '{"RegionId":"cn-hangzhou","VpnConnectionId":"vco-1","IkeConfig":{"IkeVersion":"ikev9"},"LocalSubnet":"10.0.0.1/8","RemoteSubnet":["11.0.0.1/8"]}')
  const count = page.locator('#findings-count')
  const heard = (await count.ariaSnapshot()).split('\n')[0].replace(/^- text: /, '').trim()
  const of = severity => page.locator(`#findings li.${severity}`).count()
  const [errors, warnings, notes] = [await of('error'), await of('warning'), await of('info')]
  const some = (n, word) => (n === 0 ? [] : [`${n} ${word}${n > 1 ? 's' : ''}`])
  assert.equal(errors > 0 && warnings > 0, true)
  assert.equal(heard, [...some(errors, 'error'), ...some(warnings, 'warning'), ...some(notes, 'note')].join(', '))
}))
