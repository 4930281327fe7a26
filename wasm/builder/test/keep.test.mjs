// This file tests that nothing is lost in silence: the draft, the last requests, and what a link holds.

import assert from 'node:assert/strict'
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { tmpdir } from 'node:os'
import { test } from 'node:test'
import { accessible, changeText, colour, paste, root, screenshots } from './harness.mjs'
import { selectInput, server, withPage } from './fixtures.mjs'

mkdirSync(screenshots, { recursive: true })
const key = 'BuilderTestKey2026NotASecret42'
const single = JSON.parse(readFileSync(join(root, 'shared/emulator/testdata/describe-single.json'), 'utf8'))
const change = more => JSON.stringify({ RegionId: 'cn-hangzhou', VpnConnectionId: 'vco-localsingle', ...more })
const stored = page => page.evaluate(() => JSON.stringify([{ ...localStorage }, { ...sessionStorage }]))
const ready = page => page.waitForSelector('html[data-ready]')
const editorText = (page, id) => page.evaluate(id => document.querySelector(`#${id}`).shadowRoot?.querySelector('.cm-content').innerText ?? '', id)

async function reload(page) {
  let asked = 0
  const count = dialog => (asked++, dialog.accept())
  page.on('dialog', count)
  await page.reload()
  await ready(page)
  page.off('dialog', count)
  return asked
}

async function clean(page, name) {
  for (const [width, colorScheme] of [[768, 'light'], [1440, 'light'], [360, 'dark']]) {
    await page.setViewportSize({ width, height: 900 })
    await colour(page, colorScheme)
    assert.equal(await page.evaluate(() => document.documentElement.scrollWidth <= innerWidth), true, `${name} ${width}`)
    if (width === 768) continue
    await page.screenshot({ path: join(screenshots, `${name}-${colorScheme}-${width}.png`) })
    await accessible(page, `${name} ${width}`)
  }
  await page.setViewportSize({ width: 1440, height: 900 })
}

test('a reload, a page in between and another tab bring the work back, without its keys', withPage(async page => {
  await selectInput(page, 'Current')
  await paste(page, 'current-editor', JSON.stringify(single))
  await paste(page, 'change-editor', change({ Name: 'kept', IkeConfig: { Psk: key } }))
  assert.equal(await reload(page), 1) // the key would be lost
  await page.locator('#status').getByText(/Your draft of .* was restored\. Its keys are \*\*\*: they are not kept\./).waitFor()
  assert.deepEqual(JSON.parse(await changeText(page)), JSON.parse(change({ Name: 'kept', IkeConfig: { Psk: '***' } })))
  await page.locator('#verdict').getByText('vco-localsingle').waitFor()
  await page.locator('#findings').getByText(/nothing but asterisks/).first().waitFor()
  const kept = await stored(page)
  for (const secret of [key, single.IkeConfig.Psk]) assert.equal(kept.includes(secret), false)
  // Without a key nothing would be lost, so nothing is asked.
  await page.locator('#current-clear').click()
  await paste(page, 'change-editor', change({ Name: 'kept too' }))
  assert.equal(await reload(page), 0)
  assert.deepEqual(JSON.parse(await changeText(page)), JSON.parse(change({ Name: 'kept too' })))
  await page.goto(server.url + 'reference/parameters.html')
  await page.goBack()
  await ready(page)
  assert.deepEqual(JSON.parse(await changeText(page)), JSON.parse(change({ Name: 'kept too' })))
  const other = await page.context().newPage()
  await other.goto(server.url)
  await ready(other)
  assert.deepEqual(JSON.parse(await changeText(other)), JSON.parse(change({ Name: 'kept too' })))
  // Each tab has its own.
  await paste(other, 'change-editor', change({ Name: 'of the other tab' }))
  assert.equal(await reload(page), 0)
  assert.match(await changeText(page), /kept too/)
  assert.equal(await reload(other), 0)
  assert.match(await changeText(other), /of the other tab/)
  await other.locator('#status').getByRole('button', { name: 'Start empty' }).press('Enter')
  assert.equal(await changeText(other), '')
  await other.locator('#status').getByRole('button', { name: 'Undo' }).press('Enter')
  assert.match(await changeText(other), /of the other tab/)
  await other.close()
}))

test('an event and its rules are kept without what is, or looks like, a key', withPage(async page => {
  const token = 'q7Zk2WmX9tR4bN8sLc5v'
  await selectInput(page, 'Event + rules')
  const event = { source: 'com.example.inventory', id: 'e-1', headers: { Authorization: 'Bearer abcdefghij' }, site: { name: 'north', extra: token, vco: 'vco-localsingle' } }
  const rules = { rules: [{ name: 'r', match: { source: ['com.example.inventory'] }, from: { VpnConnectionId: 'site.vco', Name: 'site.name' }, with: { RegionId: 'cn-hangzhou' } }] }
  await paste(page, 'event-editor', JSON.stringify(event))
  await paste(page, 'rules-editor', JSON.stringify(rules))
  await page.locator('#explanation').getByText('✓ matched').waitFor()
  assert.equal(await reload(page), 1)
  assert.doesNotMatch(await stored(page), new RegExp(`${token}|abcdefghij`))
  assert.deepEqual(JSON.parse(await editorText(page, 'event-editor')), { ...event, headers: { Authorization: '***' }, site: { ...event.site, extra: '***' } })
  assert.match(await editorText(page, 'rules-editor'), /"site\.name"/)
  await page.locator('#explanation').getByText('✓ matched').waitFor()
}))

test('work on a link is kept over a reload, and another link can be undone', withPage(async page => {
  await paste(page, 'change-editor', change({ Name: 'shared' }))
  await page.getByRole('button', { name: 'Share' }).click()
  await page.locator('#status').getByText('Link copied').waitFor()
  const link = await page.evaluate(() => location.href)
  await page.fill('#field-Name', 'edited after that')
  await reload(page)
  assert.match(await changeText(page), /edited after that/)
  const fresh = await page.context().newPage()
  await fresh.goto(server.url)
  await ready(fresh)
  await paste(fresh, 'change-editor', change({ Name: 'other work' }))
  await reload(fresh)
  await fresh.goto('about:blank')
  await fresh.goto(link)
  await ready(fresh)
  assert.match(await changeText(fresh), /"shared"/)
  await fresh.locator('#status').getByRole('button', { name: 'Undo' }).click()
  assert.match(await changeText(fresh), /other work/)
  await fresh.close()
}))

test('the last requests are listed without keys, opened and forgotten, and one switch turns all of it off', withPage(async page => {
  for (const Name of ['first', 'second', 'second']) {
    await paste(page, 'change-editor', change({ Name, IkeConfig: { Psk: key } }))
    await page.keyboard.press('Control+Enter')
    await page.locator('#status').getByText('Copied').waitFor()
  }
  for (let i = 0; i < 2; i++) await page.keyboard.press('Escape')
  await page.keyboard.press('g')
  await page.keyboard.press('h')
  const dialog = page.getByRole('dialog')
  await dialog.waitFor()
  assert.equal(await dialog.locator('li').count(), 2)
  assert.match(await dialog.locator('li').first().innerText(), /vco-localsingle copied as curl[^]*Name second, IkeConfig/)
  await clean(page, 'history')
  await dialog.getByRole('button', { name: /^Open the request/ }).last().press('Enter')
  assert.deepEqual(JSON.parse(await changeText(page)), JSON.parse(change({ Name: 'first', IkeConfig: { Psk: '***' } })))
  await page.locator('#status').getByRole('button', { name: 'Undo' }).press('Enter')
  assert.match(await changeText(page), /second/)
  assert.equal((await stored(page)).includes(key), false)
  await page.getByRole('button', { name: 'History' }).press('Enter')
  await page.locator('#keep').press('Space')
  await dialog.getByText('Nothing is kept.').waitFor()
  assert.doesNotMatch(await stored(page), /localsingle/)
  await dialog.getByRole('button', { name: 'Close' }).press('Enter')
  await page.fill('#field-Name', 'third')
  assert.equal(await reload(page), 1)
  assert.equal(await changeText(page), '')
  assert.doesNotMatch(await stored(page), /localsingle/)
}))

test('Share says exactly what the link holds, and asks when a field looks like a key', withPage(async page => {
  await selectInput(page, 'Current')
  await paste(page, 'current-editor', JSON.stringify(single))
  await paste(page, 'change-editor', change({ Name: 'n', IkeConfig: { Psk: key } }))
  await page.getByRole('button', { name: 'Share' }).press('Enter')
  const panel = page.locator('#shared')
  await panel.getByText('Change: 3 values, and *** in place of 1 value').waitFor()
  await panel.locator('summary').first().press('Enter')
  assert.deepEqual(JSON.parse(await panel.locator('details[open] pre').innerText()), JSON.parse(change({ Name: 'n', IkeConfig: { Psk: '***' } })))
  assert.match(await panel.innerText(), /Current configuration: \d+ values, and \*\*\* in place of \d+ value/)
  assert.match(await panel.innerText(), /No access key, account or endpoint/)
  await clean(page, 'shared')
  await panel.getByRole('button', { name: 'Close' }).press('Enter')
  assert.equal(await panel.isVisible(), false)
  // A key in another field.
  await page.evaluate(() => history.replaceState(null, '', location.pathname))
  await selectInput(page, 'Form')
  await page.fill('#field-Name', 'Tr0ub4dorKeyAbcd1234')
  await page.getByRole('button', { name: 'Share' }).press('Enter')
  await panel.getByText('Name (change) looks like a key.').waitFor()
  assert.equal(await page.evaluate(() => location.hash), '')
  await clean(page, 'shared-asks')
  await panel.getByRole('button', { name: 'Cancel' }).press('Enter')
  assert.equal(await page.evaluate(() => location.hash), '')
  await page.getByRole('button', { name: 'Share' }).click()
  await panel.getByRole('button', { name: 'Share without it' }).press('Enter')
  await page.locator('#status').getByText('Link copied').waitFor()
  const opened = await page.context().browser().newContext()
  const other = await opened.newPage()
  const nameIn = async () => {
    await other.goto('about:blank')
    await other.goto(await page.evaluate(() => location.href))
    await ready(other)
    return JSON.parse(await changeText(other)).Name
  }
  assert.equal(await nameIn(), '***')
  await page.getByRole('button', { name: 'Share' }).click()
  await panel.getByRole('button', { name: 'Share with it' }).click()
  await page.locator('#status').getByText('Link copied').waitFor()
  await page.waitForFunction(old => location.href !== old, other.url())
  assert.equal(await nameIn(), 'Tr0ub4dorKeyAbcd1234')
  await opened.close()
}))

test('files are opened with a button, by keyboard too, each where it belongs', withPage(async page => {
  const files = { 'now.json': JSON.stringify(single), 'change.json': change({ Name: 'from a file' }) }
  const paths = Object.entries(files).map(([name, text]) => {
    const path = join(tmpdir(), `vpnattach-${process.pid}-${name}`)
    writeFileSync(path, text)
    return path
  })
  page.on('filechooser', chooser => chooser.setFiles(paths)) // before the first press, since the browser is told of it in its own time
  await page.reload()
  await ready(page)
  for (const press of [() => page.getByRole('button', { name: 'Open', exact: true }).press('Enter'), () => page.keyboard.press('o')]) {
    await page.click('#change-title')
    await press()
    await page.locator('#status').getByText(/change\.json is a change\./).waitFor()
    await page.locator('#verdict').getByText('1 field differs').waitFor()
    assert.match(await changeText(page), /from a file/)
    await page.locator('#status').getByRole('button', { name: 'Undo' }).click()
    await page.evaluate(() => (localStorage.clear(), sessionStorage.clear()))
  }
}))
