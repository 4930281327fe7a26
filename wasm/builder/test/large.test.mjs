// This file tests events of a size at which the page would stand still, had it to read them at each key press.

import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { changeText, paste, root } from './harness.mjs'
import { clickToken, selectInput, withPage } from './fixtures.mjs'

const N = 50_000
const id = i => `vco-${(100_000 + i).toString(36)}`
const key = 'ExampleKeyOfALargeEvent2026'
const event = `{"source":"s","region":"cn-hangzhou","psk":{"values":["${key}"]},"detail":{"sites":[\n${Array.from({ length: N }, (_, i) => `{"i":"${id(i)}"}`).join(',\n')}]}}`
const rules = JSON.stringify({ rules: [{ name: 'a', match: { source: ['s'] }, each: 'detail.sites', from: { VpnConnectionId: 'i', RegionId: '$.region' }, with: { Name: 'n' } }] })

const limit = { timeout: 180_000 } // for the worker on a busy machine

async function pasteLarge(page, editor, text) {
  await page.locator(`#${editor} .cm-content`).click()
  await page.evaluate(text => navigator.clipboard.writeText(text), text)
  await page.keyboard.press('ControlOrMeta+v')
}

test('an event with 50,000 elements is read in a worker, and a part of what it makes is shown', withPage(async page => {
  const workers = []
  page.on('worker', worker => workers.push(worker.url()))
  await selectInput(page, 'Event + rules')
  await paste(page, 'rules-editor', rules)
  await pasteLarge(page, 'event-editor', event)
  assert.equal(await page.locator('#verdict, #output-panel, #explanation').getByText(/is being read/).count() > 0, true)
  await page.locator('#explanation .matched').waitFor(limit)
  assert.match(workers[0], /\/worker\.js$/)
  assert.match(await page.locator('#explanation').innerText(), /of 50,000/)
  assert.match(await page.locator('#explanation').innerText(), /and [\d,]+ more values/)
  assert.equal(await page.evaluate(() => document.querySelectorAll('*').length) < 3000, true)
  assert.equal(JSON.parse(await changeText(page)).VpnConnectionId, id(0))
  // By its number, by a part of its id, and the next one.
  const chooser = page.getByLabel(/^Number of the change/)
  await chooser.fill('50000')
  await chooser.press('Enter')
  await page.locator('.chooser code').getByText(id(N - 1)).waitFor(limit)
  await chooser.fill(id(4711))
  await chooser.press('Enter')
  await page.locator('.chooser code').getByText(id(4711)).waitFor(limit)
  await page.getByRole('button', { name: 'Next change' }).click()
  await page.locator('.chooser code').getByText(id(4712)).waitFor(limit)
  assert.equal(JSON.parse(await changeText(page)).VpnConnectionId, id(4712))
  // A key press asks the worker again; the page's own module gets nothing of that size.
  await page.evaluate(() => {
    window.longest = 0
    const { encodeInto } = TextEncoder.prototype
    TextEncoder.prototype.encodeInto = function (text, into) {
      window.longest = Math.max(window.longest, text.length)
      return encodeInto.call(this, text, into)
    }
  })
  await clickToken(page, 'rules-editor', '"n"', '"n"')
  await page.keyboard.press('x')
  await page.waitForFunction(() => /"Name": "[^"]*x/.test(document.querySelector('#change-editor').shadowRoot.textContent), undefined, limit)
  assert.equal(await page.evaluate(() => window.longest > 0 && window.longest < 100_000), true)
}))

test('a key in a large event is hidden by the names around it', withPage(async page => {
  await selectInput(page, 'Event + rules')
  await pasteLarge(page, 'event-editor', event)
  await page.keyboard.press('ControlOrMeta+Home')
  // What the editor has not read yet is hidden as a whole.
  await page.waitForFunction(key => [...document.querySelector('#event-editor').shadowRoot.querySelectorAll('.cm-masked')].map(e => e.textContent).join('') === key, key)
}))

test('without a worker a large event is read all the same', withPage(async page => {
  await page.evaluate(() => (window.Worker = undefined))
  await selectInput(page, 'Event + rules')
  await paste(page, 'rules-editor', rules)
  await pasteLarge(page, 'event-editor', event.replace(/,\n[^]*\]/, ']').padEnd(70_000))
  await page.locator('#explanation .matched').waitFor(limit)
  assert.equal(JSON.parse(await changeText(page)).VpnConnectionId, id(0))
}))

test('a key press in a large change, rule file or answer is only written down, and read when typing pauses or something is pressed', withPage(async page => {
  const address = { RegionId: 'cn-hangzhou', VpnConnectionId: 'vco-localsingle' }
  const many = (n, f) => Array.from({ length: n }, (_, i) => f(i)) // each document is over 60,000 characters long
  const documents = {
    change: ['Form', 'change-editor', { ...address, RemoteSubnet: many(4000, i => `10.${i >> 8}.${i & 255}.0/24`), Name: 'n' }],
    current: ['Current', 'current-editor', { ...JSON.parse(readFileSync(join(root, 'shared/emulator/testdata/describe-single.json'), 'utf8')), Tags: { Tag: many(2000, i => ({ Key: `k${i}`, Value: 'v' })) }, Name: 'n' }],
    rules: ['Event + rules', 'rules-editor', { rules: many(700, i => ({ name: `r${i}`, match: { source: ['s'] }, from: {}, with: { Name: 'n' } })), $schema: 'n' }],
  }
  // No pause ends before it is let.
  await page.evaluate(() => {
    const { encodeInto } = TextEncoder.prototype
    TextEncoder.prototype.encodeInto = function (text, into) {
      window.longest = Math.max(window.longest, text.length)
      return encodeInto.call(this, text, into)
    }
    const wait = setTimeout
    window.paused = []
    window.setTimeout = (f, ms, ...more) => (ms === 200 ? window.paused.push(f) : wait.call(window, f, ms, ...more))
  })
  for (const [name, [tab, editor, document]] of Object.entries(documents)) {
    await selectInput(page, tab)
    await pasteLarge(page, editor, JSON.stringify(document, null, 1))
    await page.locator(`#${editor} .cm-line`).nth(3).waitFor()
    // What the paste has begun is over.
    await page.evaluate(() => {
      for (const read of window.paused.splice(0)) read()
      window.longest = 0
    })
    for (let i = 0; i < 3; i++) await page.keyboard.press('ArrowLeft')
    for (let i = 0; i < 3; i++) await page.keyboard.press('x')
    assert.equal(await page.evaluate(() => window.longest), 0, name)
    assert.equal(await page.evaluate(() => window.paused.length), 3, name)
    if (name === 'change') await page.click('#change-title')
    else await page.evaluate(() => window.paused.at(-1)())
    await page.waitForFunction(() => window.longest > 60_000)
  }
  await selectInput(page, 'Form')
  assert.match(await page.locator('#field-Name').inputValue(), /xxx/)
}))
