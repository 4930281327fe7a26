// This file tests sending where something comes between: an edit, an error, a program that stops, the mode plan; and what is rejected and forgotten.

import assert from 'node:assert/strict'
import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { accessible, changeText, launch, paste, screenshots, usePage } from './harness.mjs'
import { describe, startEmulator } from './emulator.mjs'

const key = 'SendingTestKey2026NotASecret42'
let browser, emulator, other, plan

before(async () => {
  mkdirSync(screenshots, { recursive: true })
  browser = await launch()
  emulator = await startEmulator()
  other = await startEmulator({ VPC_ENDPOINT: emulator.endpoint })
  plan = await startEmulator({ VPC_ENDPOINT: emulator.endpoint, MODE: 'plan' })
})
after(async () => {
  await browser?.close()
  for (const server of [plan, other, emulator]) await server?.close()
})

const goToTry = page => page.locator('#input-tabs').getByRole('tab', { name: 'Try it' }).click()
const clean = (page, part) => accessible(page, part, { parts: [part] })
const change = (more, id = 'vco-localfree') => JSON.stringify({ RegionId: 'cn-hangzhou', VpnConnectionId: id, ...more })
const posts = page => {
  const bodies = []
  page.on('request', r => r.method() === 'POST' && bodies.push(r.postData()))
  return bodies
}
const progress = page => page.locator('#input-try .progress')

test('a dead letter is forgotten once that is confirmed, by keyboard', async () => {
  await usePage(browser, emulator.page, async page => {
    const name = `letter-${Date.now()}`
    await paste(page, 'change-editor', change({ Name: name, IkeConfig: { Psk: key } }, `vco-${Date.now()}`))
    await goToTry(page)
    await page.locator('#send').press('Enter')
    await progress(page).getByText('rejected').waitFor()
    const id = (await changeText(page)).match(/vco-\d+/)[0]
    const letter = page.locator('#letters li', { hasText: id })
    await letter.getByRole('button', { name: 'Forget' }).press('Enter')
    const dialog = page.getByRole('dialog')
    await dialog.getByText('Forget this dead letter?').waitFor()
    assert.match(await dialog.innerText(), new RegExp(`${id}, event [\\da-f]{32}[^]*It can’t be redriven then|It can’t be redriven then[^]*${id}, event [\\da-f]{32}`))
    assert.doesNotMatch(await dialog.innerHTML(), new RegExp(key))
    for (const colorScheme of ['light', 'dark']) {
      await page.emulateMedia({ colorScheme })
      await clean(page, 'dialog[open]')
    }
    await page.setViewportSize({ width: 360, height: 740 })
    await page.screenshot({ path: join(screenshots, 'forget-360.png') })
    assert.equal(await page.evaluate(() => Math.max(document.documentElement.scrollWidth, document.querySelector('dialog[open]').scrollWidth) <= innerWidth), true)
    await page.setViewportSize({ width: 1440, height: 900 })
    // Enter on what has the focus is not to forget it.
    await page.keyboard.press('Enter')
    await dialog.waitFor({ state: 'hidden' })
    await letter.waitFor()
    await letter.getByRole('button', { name: 'Forget' }).press('Enter')
    await dialog.getByRole('button', { name: 'Forget it' }).press('Enter')
    await letter.waitFor({ state: 'detached' })
    assert.equal(await page.evaluate(() => document.activeElement.id), 'letters-title')
    const { deadLetters } = await (await fetch(`${emulator.page}dead-letters`)).json()
    assert.equal(deadLetters.some(l => l.vpnConnectionId === id), false)
    page.errors = page.errors.filter(e => !/status of 400/.test(e)) // as serve answers a rejection
  })
})

test('a change that becomes another one while the current configuration comes is not sent', async () => {
  await usePage(browser, other.page, async page => {
    const sent = posts(page)
    let answer
    const asked = new Promise(resolve => page.route('**/attachments/**', async route => {
      await new Promise(next => {
        answer = next
        resolve()
      })
      await route.continue()
    }))
    await paste(page, 'change-editor', change({ Name: 'first' }))
    await goToTry(page)
    await page.locator('#send').press('Enter')
    await asked
    await paste(page, 'change-editor', change({ Name: 'second' }))
    answer()
    await progress(page).getByText('The change has become another one meanwhile').waitFor()
    assert.equal(await page.getByRole('dialog').isVisible(), false)
    assert.deepEqual(sent, [])
  })
})

test('a change that becomes another one under the question is not sent', async () => {
  await usePage(browser, other.page, async page => {
    const sent = posts(page)
    await paste(page, 'change-editor', change({ Name: 'linked' }))
    await page.getByRole('button', { name: 'Share' }).click()
    await page.locator('#status').getByText('Link copied').waitFor()
    const link = await page.evaluate(() => location.hash)
    await paste(page, 'change-editor', change({ Name: 'first' }))
    await goToTry(page)
    await page.locator('#send').press('Enter')
    await page.getByRole('dialog').waitFor()
    await page.evaluate(link => {
      location.hash = ''
      location.hash = link
    }, link)
    await page.waitForFunction(() => document.querySelector('#status').textContent.includes('Link opened'))
    await page.fill('#confirm-id', 'vco-localfree')
    await page.keyboard.press('Enter')
    await progress(page).getByText('The change has become another one meanwhile').waitFor()
    assert.deepEqual(sent, [])
  })
})

test('an error that only the current configuration shows keeps the change from the real API', async () => {
  await usePage(browser, other.page, async page => {
    const sent = posts(page)
    await paste(page, 'change-editor', change({ IkeConfig: { Psk: key } }, 'vco-localdual'))
    await goToTry(page)
    await page.locator('#send').press('Enter')
    await page.locator('#send-note').getByText('so it is not sent to').waitFor()
    assert.equal(await page.getByRole('dialog').isVisible(), false)
    assert.deepEqual(sent, [])
  })
})

test('a masked key goes into no request', async () => {
  await usePage(browser, other.page, async page => {
    const sent = posts(page)
    await paste(page, 'change-editor', change({}, 'vco-localdual'))
    await page.locator('#verdict').getByRole('button', { name: '1 Now' }).press('Enter')
    await page.getByRole('button', { name: /^Fetch vco-localdual/ }).press('Enter')
    await page.getByRole('button', { name: 'Show current values' }).press('Enter')
    assert.doesNotMatch(await changeText(page), /\*\*\*/)
    await paste(page, 'change-editor', change({ TunnelOptionsSpecification: [{ TunnelIndex: 1, TunnelIkeConfig: { IkeLifetime: 27000 + (Date.now() % 1000) } }] }, 'vco-localdual'))
    await page.locator('details.signing > summary').press('Enter')
    await page.fill('#accessKeyId', 'a')
    await page.fill('#accessKeySecret', 'b')
    for (const language of await page.locator('#language option').evaluateAll(options => options.map(o => o.value))) {
      await page.selectOption('#language', language)
      assert.doesNotMatch(await page.locator('#output-panel').innerText(), /\bpsk\W{1,20}\*\*\*/i, language)
    }
    await goToTry(page)
    await page.locator('#send').press('Enter')
    await page.fill('#confirm-id', 'vco-localdual')
    await page.keyboard.press('Enter')
    await progress(page).getByText('settled after').waitFor()
    assert.equal(sent.length, 1)
    assert.doesNotMatch(sent[0], /\*\*\*/)
    // The page's own mask in a change, as a draft or the history has it, is an error.
    await paste(page, 'change-editor', change({ TunnelOptionsSpecification: [{ TunnelIndex: 1, TunnelIkeConfig: { Psk: '***' } }] }, 'vco-localdual'))
    await page.locator('#findings').getByText('psk-is-a-mask').waitFor()
    assert.equal(await page.locator('#send').isDisabled(), true)
    assert.equal(await page.locator('#copy').isDisabled(), true)
  })
})

test('in the mode plan nothing is changed, and what would be is shown', async () => {
  await usePage(browser, plan.page, async page => {
    const { Name, TunnelOptionsSpecification: { TunnelOptions: [, { TunnelIkeConfig: { Psk } }] } } = await describe(emulator.endpoint, 'vco-localdual')
    await paste(page, 'change-editor', change({ Name: `${Name}-planned`, TunnelOptionsSpecification: [{ TunnelIndex: 2, TunnelIkeConfig: { Psk: key } }] }, 'vco-localdual'))
    await goToTry(page)
    await page.locator('#input-try').getByText('to be planned: nothing is changed').waitFor()
    await page.locator('#send').press('Enter')
    await progress(page).getByText('planned', { exact: true }).waitFor()
    const text = await progress(page).innerText()
    assert.match(text, new RegExp(`planned vco-localdual[^]*It would change:[^]*Name\\s+${Name}\\s+${Name}-planned[^]*Psk`))
    assert.doesNotMatch(await page.locator('#input-try').innerHTML(), new RegExp(`${key}|${Psk}`))
    assert.equal(await page.locator('#send').isEnabled(), true)
    await page.locator('#input-try .outcomes').first().getByText('planned').first().waitFor()
    await clean(page, '#input')
    assert.equal((await describe(emulator.endpoint, 'vco-localdual')).Name, Name)
  })
})

test('when the program stops while a change settles, the page says so and looks again when asked', async () => {
  const condition = Code => fetch(`${emulator.endpoint}/emulator/conditions`, { method: 'POST', body: JSON.stringify({ VpnConnectionId: 'vco-localfree', Code }) })
  await usePage(browser, emulator.page, async page => {
    await condition('VpnConnection.Configuring')
    await paste(page, 'change-editor', change({ Name: `stops-${Date.now()}` }))
    await goToTry(page)
    await page.locator('#send').press('Enter')
    await progress(page).getByText('deferred').waitFor()
    await page.route('**/outcomes*', route => route.abort())
    await progress(page).getByText('The program that serves the page does not answer.').waitFor()
    for (const again of [1, 2]) {
      await page.getByRole('button', { name: 'Look again' }).press('Enter')
      await progress(page).getByText('The program that serves the page does not answer.').waitFor()
      assert.equal(await page.locator('#send').isEnabled(), true, `look ${again}`)
    }
    await condition('')
    await page.unroute('**/outcomes*')
    await page.getByRole('button', { name: 'Look again' }).press('Enter')
    await progress(page).getByText('settled after').waitFor()
    assert.doesNotMatch(await progress(page).innerText(), /does not answer/)
    page.errors = page.errors.filter(e => !/Failed to load resource/.test(e))
  })
})
