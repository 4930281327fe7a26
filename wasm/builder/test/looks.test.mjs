// This file tests how the page looks and is gone through: the empty page, colours, the fields of the form, differences.

import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { changeText, paste, root } from './harness.mjs'
import { example, selectInput, withPage } from './fixtures.mjs'

const active = page => page.evaluate(() => document.activeElement.id)
const sample = name => readFileSync(join(root, `events/${name}.json`), 'utf8')

test('the empty page invites: one place for anything, and four examples that say what they show', withPage(async page => {
  const welcome = page.locator('#welcome')
  assert.equal(await welcome.locator('.cards button').count(), 4)
  await page.focus('#paste-target')
  await page.keyboard.insertText(sample('netbox-tunnel')) // no change is in it: it is an event for rules
  await page.locator('#write-rule').waitFor()
  assert.equal(await welcome.locator('*').count(), 0)
  await paste(page, 'event-editor', '')
  await selectInput(page, 'Form')
  await page.focus('#paste-target')
  await page.keyboard.insertText('{"RegionId":"cn-hangzhou","VpnConnectionId":"vco-1","Name":"a"}')
  assert.equal(JSON.parse(await changeText(page)).Name, 'a')
}))

test('an example is one press from the empty page, by keyboard too', withPage(async page => {
  await page.locator('#welcome .cards button').first().focus()
  await page.keyboard.press('Enter')
  assert.equal(await active(page), 'input-panel')
  assert.notEqual(await changeText(page), '')
}))

test('the first Tab skips to the input, and the address stays as it is', withPage(async page => {
  await page.keyboard.press('Tab')
  assert.equal(await page.evaluate(() => document.activeElement.className), 'skip')
  await page.keyboard.press('Enter')
  assert.equal(await active(page), 'input-panel')
  assert.equal(new URL(page.url()).hash, '')
}))

test('the colours follow the switch, and stay over a reload', withPage(async page => {
  page.on('dialog', dialog => dialog.accept())
  const ground = () => page.evaluate(() => Math.max(...getComputedStyle(document.documentElement).backgroundColor.match(/\d+/g).map(Number)))
  assert.equal(await ground() > 200, true)
  await page.focus('#theme')
  for (let i = 0; i < 2; i++) await page.keyboard.press('Enter')
  assert.equal(await page.getAttribute('#theme', 'aria-label'), 'Colours: dark')
  assert.equal(await ground() < 60, true)
  await page.reload()
  await page.waitForSelector('html[data-ready]')
  assert.equal(await ground() < 60, true)
  await page.click('#theme')
  assert.equal(await ground() > 200, true)
}))

test('a field is found by its name or its meaning, and only what is set is shown on request', withPage(async page => {
  await example(page, 'bare-dual')
  const shown = () => page.locator('#form .field').evaluateAll(all => all.filter(f => f.checkVisibility()).length)
  const before = await shown()
  await page.check('#only-set')
  assert.equal(await shown() < before, true)
  assert.equal(await page.locator('#form .field:not(.is-set)').evaluateAll(all => all.some(f => f.checkVisibility())), false)
  await page.fill('#add-field', 'RemoteSubnet')
  await page.keyboard.press('Enter')
  assert.equal(await active(page), 'field-RemoteSubnet')
  await page.keyboard.type('10.9.0.0/16')
  assert.equal(JSON.parse(await changeText(page)).RemoteSubnet, '10.9.0.0/16')
  await page.fill('#add-field', 'Tunnel 2.CustomerGatewayId')
  await page.keyboard.press('Enter')
  assert.equal(await active(page), 'field-TunnelOptionsSpecification[1].CustomerGatewayId')
  await page.fill('#add-field', 'no such field')
  await page.keyboard.press('Enter')
  await page.locator('#status').getByText('There is no field').waitFor()
}))

test('two tunnels are side by side on a wide screen, and one below the other on a narrow one', withPage(async page => {
  await example(page, 'bare-dual')
  for (const [width, beside] of [[1440, true], [360, false]]) {
    await page.setViewportSize({ width, height: 900 })
    const [a, b] = await page.locator('.tunnels > details').evaluateAll(all => all.map(d => d.getBoundingClientRect().top))
    assert.equal(a === b, beside, String(width))
  }
}))

test('of subnets the added and the removed are shown', withPage(async page => {
  await selectInput(page, 'Current')
  await page.getByRole('button', { name: 'Example: dual' }).click()
  await paste(page, 'change-editor', '{"RegionId":"cn-hangzhou","VpnConnectionId":"vco-localdual","LocalSubnet":"10.20.1.0/24,10.20.9.0/24"}')
  const row = page.locator('[data-field="LocalSubnet"]')
  assert.deepEqual([await row.locator('del').allInnerTexts(), await row.locator('ins').allInnerTexts()].map(all => all.map(t => t.replace(/^[−+]\s/, ''))), [['10.20.0.0/24'], ['10.20.9.0/24']])
  assert.match(await row.innerText(), /1 kept/)
}))

test('the output has colours, and is copied as it is', withPage(async page => {
  await example(page, 'bare-single')
  for (const language of ['curl', 'terraform', 'python', 'go', 'typescript', 'put-events', 'ram-policy', 'parameters']) {
    await page.selectOption('#language', language)
    assert.equal(await page.locator('#output-panel span[class^=c-]').count() > 3, true, language)
    const shown = await page.locator('#output-panel code').evaluate(e => e.textContent)
    await page.click('#copy')
    await page.locator('#status').getByText('Copied').waitFor()
    if (language !== 'curl') assert.equal(await page.evaluate(() => navigator.clipboard.readText()), shown, language)
  }
}))

test('a tab is where it was left', withPage(async page => {
  await example(page, 'bare-dual')
  const top = () => page.locator('#input-panel').evaluate(e => e.scrollTop)
  await page.locator('#input-panel').evaluate(e => (e.scrollTop = 400))
  await selectInput(page, 'Current')
  assert.equal(await top(), 0)
  await selectInput(page, 'Form')
  await page.waitForFunction(() => document.getElementById('input-panel').scrollTop === 400)
}))

test('on a phone, the setting below the keys is one sentence, and one line is between two bars', withPage(async page => {
  await page.click('#show-help')
  // The text goes on beside the key where a line ends.
  const [words, key] = await page.locator('label:has(#single-keys)').evaluate(label => [label.querySelector('span'), label.querySelector('kbd')].map(e => e.getBoundingClientRect()).map(({ left, right, bottom }) => ({ left, right, bottom })))
  assert.ok(key.left >= words.left && key.right <= words.right && key.bottom <= words.bottom + 2, JSON.stringify([words, key]))
  await page.keyboard.press('Escape')
  await selectInput(page, 'Event + rules')
  const borders = await page.locator('#input-event .bar.via').evaluate(via => [getComputedStyle(via).borderBottomWidth, getComputedStyle(via.nextElementSibling).borderTopWidth])
  assert.deepEqual(borders, ['0px', '1px'])
}, { viewport: { width: 360, height: 780 } }))
