// This file tests the page where a program that takes events serves it: fetching the current configuration, sending, what becomes of it.

import assert from 'node:assert/strict'
import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { accessible, changeText, launch, paste, screenshots, usePage } from './harness.mjs'
import { describe, startEmulator } from './emulator.mjs'

const key = 'BuilderTestKey2026NotASecret42'
let browser, emulator, other

before(async () => {
  mkdirSync(screenshots, { recursive: true })
  browser = await launch()
  emulator = await startEmulator()
  other = await startEmulator({ VPC_ENDPOINT: emulator.endpoint })
})
after(async () => {
  await browser?.close()
  await other?.close()
  await emulator?.close()
})

const tab = (page, name) => page.locator('#input-tabs').getByRole('tab', { name }).click()
const clean = (page, part) => accessible(page, part, { parts: [part] })
const rotation = Psk => JSON.stringify({ RegionId: 'cn-hangzhou', VpnConnectionId: 'vco-localdual', TunnelOptionsSpecification: [{ TunnelIndex: 2, TunnelIkeConfig: { Psk } }] })

test('the current configuration is fetched by keyboard, with its keys masked', async () => {
  await usePage(browser, emulator.page, async page => {
    const answers = []
    page.on('response', async r => r.url().includes('/attachments/') && answers.push(await r.text()))
    await page.locator('#verdict').getByRole('button', { name: '1 Now' }).press('Enter')
    const buttons = page.getByRole('group', { name: 'Fetch from the emulator' })
    await buttons.getByRole('button', { name: 'vco-localdual' }).waitFor()
    assert.match(await page.locator('#current-fetch .command').innerText(), /^curl http:\/\/localhost:\d+\/attachments\/cn-hangzhou\/vco-localdual$/)
    await clean(page, '#input')
    await buttons.getByRole('button', { name: 'vco-localdual' }).press('Enter')
    await page.locator('#status').getByText('vco-localdual was fetched; its keys are ***.').waitFor()
    await page.locator('#verdict').getByText('1 Now').waitFor()
    assert.match(await page.locator('#verdict').innerText(), /vco-localdual/)
    assert.deepEqual(JSON.parse(await changeText(page)), { RegionId: 'cn-hangzhou', VpnConnectionId: 'vco-localdual' })
    assert.match(answers.join(), /"Psk":"\*\*\*"/)
    const { TunnelOptionsSpecification: { TunnelOptions: [{ TunnelIkeConfig: { Psk } }] } } = await describe(emulator.endpoint, 'vco-localdual')
    assert.equal(answers.join().includes(Psk), false)
    await page.locator('#status').getByRole('button', { name: 'Undo' }).press('Enter')
    assert.equal(await changeText(page), '')
  })
})

test('a change is sent, and the page shows what becomes of it and what Describe says then', async () => {
  await usePage(browser, emulator.page, async page => {
    await paste(page, 'change-editor', JSON.stringify({ ...JSON.parse(rotation(key)), Name: `tried-${Date.now()}` }))
    await page.locator('#verdict').getByRole('button', { name: 'Try it' }).press('Enter')
    await page.locator('#send').press('Enter')
    const progress = page.locator('#input-try .progress')
    await progress.getByText('settled after').waitFor()
    const text = await progress.innerText()
    assert.match(text, /applied vco-localdual event [\da-f]{32}, request [\dA-F-]+/)
    assert.match(text, /Tunnel\.2\.TunnelIkeConfig\.Psk settled/)
    assert.match(text, /What DescribeVpnConnection says now[^]*Name\s+localdual\s+tried-\d+/)
    assert.doesNotMatch(await page.locator('#input-try').innerHTML(), new RegExp(key))
    const { TunnelOptionsSpecification: { TunnelOptions } } = await describe(emulator.endpoint, 'vco-localdual')
    assert.equal(TunnelOptions[1].TunnelIkeConfig.Psk, key)
    await page.locator('#input-try .outcomes').first().locator('li').first().getByText('vco-localdual').waitFor()
    for (const colorScheme of ['light', 'dark']) {
      await page.emulateMedia({ colorScheme })
      await clean(page, '#input')
      for (const width of [1440, 768, 360]) {
        await page.setViewportSize({ width, height: 900 })
        await page.screenshot({ path: join(screenshots, `try-${colorScheme}-${width}.png`), fullPage: width < 800 })
        assert.equal(await page.evaluate(() => document.documentElement.scrollWidth <= innerWidth), true)
      }
    }
  })
})

test('what the service rejects is a dead letter, which is redriven', async () => {
  await usePage(browser, emulator.page, async page => {
    await paste(page, 'change-editor', JSON.stringify({ RegionId: 'cn-hangzhou', VpnConnectionId: 'vco-missing', Name: 'n' }))
    await page.keyboard.press('Escape')
    await page.keyboard.press('Escape')
    await page.keyboard.press('g')
    await page.keyboard.press('t')
    await page.getByRole('button', { name: 'Send to vco-missing' }).click()
    await page.locator('#input-try .progress').getByText('rejected').waitFor()
    await page.locator('#input-try .outcomes').first().locator('li').first().getByText('vco-missing').waitFor()
    const letter = page.locator('#input-try .outcomes').last().locator('li', { hasText: 'vco-missing' }).first()
    await letter.getByRole('button', { name: 'Redrive' }).press('Enter')
    await page.locator('#input-try .progress').getByText('Redriven: event').waitFor()
    await page.locator('#input-try .progress').getByText('rejected').waitFor()
    await clean(page, '#input')
    page.errors = page.errors.filter(e => !/status of 400/.test(e)) // as serve answers a rejection
  })
})

test('a change that has to wait is shown as deferred, and then as it goes on', async () => {
  const condition = Code => fetch(`${emulator.endpoint}/emulator/conditions`, { method: 'POST', body: JSON.stringify({ VpnConnectionId: 'vco-localfree', Code }) })
  await usePage(browser, emulator.page, async page => {
    await condition('VpnConnection.Configuring')
    await paste(page, 'change-editor', JSON.stringify({ RegionId: 'cn-hangzhou', VpnConnectionId: 'vco-localfree', Name: `waits-${Date.now()}` }))
    await page.locator('#go-try').press('Enter')
    await page.locator('#send').press('Enter')
    const progress = page.locator('#input-try .progress')
    await progress.getByText('deferred').waitFor()
    await progress.getByText('It is tried again').waitFor()
    assert.equal(await page.locator('#send').isDisabled(), true)
    await condition('')
    await progress.getByText('settled after').waitFor()
    assert.match(await progress.innerText(), /applied vco-localfree[^]*What DescribeVpnConnection says now[^]*Name/)
    assert.equal(await page.locator('#send').isEnabled(), true)
  })
})

test('a change of phase 1 without a key is sent where only the program knows the key', async () => {
  await usePage(browser, other.page, async page => {
    await paste(page, 'change-editor', JSON.stringify({ RegionId: 'cn-hangzhou', VpnConnectionId: 'vco-localsingle', IkeConfig: { IkeLifetime: 27000 + (Date.now() % 1000) } }))
    const { IkeConfig: { Psk } } = await describe(emulator.endpoint, 'vco-localsingle')
    await tab(page, 'Current')
    await page.getByRole('button', { name: /^Fetch vco-localsingle from/ }).press('Enter')
    await page.locator('#findings').getByText('psk-unknown').waitFor()
    await page.locator('#go-try').click()
    await page.locator('#send').press('Enter')
    await page.fill('#confirm-id', 'vco-localsingle')
    await page.keyboard.press('Enter')
    await page.locator('#input-try .progress').getByText('settled after').waitFor()
    assert.equal((await describe(emulator.endpoint, 'vco-localsingle')).IkeConfig.Psk, Psk)
  })
})

test('an event that makes a change is sent as the change, or as it is', async () => {
  await usePage(browser, emulator.page, async page => {
    await page.selectOption('#examples', 'eventbridge-psk')
    await tab(page, 'Try it')
    await page.getByLabel('the event, to be read').check()
    await page.getByRole('button', { name: 'Send the event' }).click()
    await page.locator('#input-try .progress').getByText('event 6a7e8feb-b491-4cf7-a9f1-bf3703467718').waitFor()
  })
})

test('what a link has brought is not sent before it is edited or confirmed', async () => {
  await usePage(browser, emulator.page, async page => {
    await paste(page, 'change-editor', JSON.stringify({ RegionId: 'cn-hangzhou', VpnConnectionId: 'vco-localfree', Name: 'by-link' }))
    await page.getByRole('button', { name: 'Share' }).click()
    await page.locator('#status').getByText('Link copied').waitFor()
    const link = await page.evaluate(() => location.href)
    for (const way of ['edit', 'confirm', 'reload']) {
      const fresh = await page.context().browser().newContext()
      const opened = await fresh.newPage()
      await opened.goto(link)
      await opened.waitForSelector('html[data-ready]')
      if (way === 'reload') {
        await opened.evaluate(() => dispatchEvent(new Event('pagehide')))
        await opened.reload()
        await opened.waitForSelector('html[data-ready]')
      }
      // The current configuration is no edit.
      await tab(opened, 'Current')
      await opened.getByRole('group', { name: 'Fetch from the emulator' }).getByRole('button', { name: 'vco-localfree' }).click()
      await opened.locator('#status').getByText('was fetched').waitFor()
      await tab(opened, 'Try it')
      assert.equal(await opened.locator('#send').isDisabled(), true, way)
      await opened.locator('#send-note').getByText('This change came by a link').waitFor()
      if (way === 'edit') {
        await tab(opened, 'Form')
        await opened.fill('#field-Name', 'mine')
        await tab(opened, 'Try it')
      } else await opened.locator('#confirm-link').press('Space')
      assert.equal(await opened.locator('#send').isEnabled(), true, way)
      await fresh.close()
    }
  })
})

test('where the API is not the emulator, the id is to be typed beside what differs', async () => {
  await usePage(browser, other.page, async page => {
    const posted = []
    page.on('request', r => r.method() === 'POST' && posted.push(r.url()))
    await paste(page, 'change-editor', rotation(`${key}2`))
    await page.locator('#go-try').click()
    assert.match(await page.locator('#input-try').innerText(), /to 127\.0\.0\.1:\d+|to localhost:\d+/)
    await page.locator('#send').press('Enter')
    const dialog = page.getByRole('dialog')
    await dialog.getByText('This is not the emulator').waitFor()
    assert.match(await dialog.innerText(), /vco-localdual[^]*TunnelIkeConfig\.Psk/)
    assert.doesNotMatch(await dialog.innerText(), /NotASecret/)
    const send = dialog.getByRole('button', { name: 'Send', exact: true })
    for (const colorScheme of ['light', 'dark']) {
      await page.emulateMedia({ colorScheme })
      await clean(page, 'dialog[open]')
      await page.screenshot({ path: join(screenshots, `try-confirm-${colorScheme}.png`) })
    }
    for (const typed of ['', 'vco-localdua', 'vco-localsingle']) {
      await page.fill('#confirm-id', typed)
      assert.equal(await send.isDisabled(), true, typed)
      await page.locator('#confirm-id').press('Enter')
      assert.equal(await dialog.isVisible(), true, typed)
    }
    await page.keyboard.press('Escape')
    await dialog.waitFor({ state: 'hidden' })
    assert.deepEqual(posted, [])
    // The next question may be there in the same frame in which this one is cancelled.
    await page.locator('#send').press('Enter')
    await page.evaluate(() => {
      document.querySelector('dialog[open] [type=button]').click()
      document.getElementById('send').click()
    })
    await page.fill('#confirm-id', 'vco-localdual')
    await page.locator('#confirm-id').press('Enter')
    await page.locator('#input-try .progress').getByText('settled after').waitFor()
    assert.equal(posted.length, 1)
    // A change with an error is not sent there.
    await paste(page, 'change-editor', JSON.stringify({ ...JSON.parse(rotation(key)), NoSuchParameter: 1 }))
    await page.locator('#send-note').getByText('so it is not sent to').waitFor()
    assert.equal(await page.locator('#send').isDisabled(), true)
  })
})

test('a program that has ended, and one that refuses, are told in one sentence', async () => {
  await usePage(browser, emulator.page, async page => {
    await paste(page, 'change-editor', rotation(key))
    await tab(page, 'Try it')
    await page.locator('#input-try .outcomes').first().waitFor()
    await page.route('**/events', route => route.abort())
    await page.locator('#send').click()
    await page.locator('#input-try .progress').getByText('The program that serves the page does not answer.').waitFor()
    await page.unroute('**/events')
    await page.route('**/events', route => route.fulfill({ status: 413, contentType: 'application/json', body: '{"error":{"code":"too-large","message":"the event is larger than 1048576 bytes"}}' }))
    await page.locator('#send').click()
    await page.locator('#input-try .progress').getByText('too-large: the event is larger than 1048576 bytes.').waitFor()
    page.errors = page.errors.filter(e => !/Failed to load resource/.test(e))
  })
})

test('from an empty page to tunnel 2 with another key there are six clicks, and nothing is typed', async () => {
  await usePage(browser, emulator.page, async page => {
    await page.evaluate(() => {
      window.done = { clicks: 0, typed: 0 }
      document.addEventListener('click', e => (window.done.clicks += e.isTrusted), true)
      document.addEventListener('keydown', () => window.done.typed++, true)
    })
    await page.locator('#verdict').getByRole('button', { name: '1 Now' }).click()
    await page.getByRole('group', { name: 'Fetch from the emulator' }).getByRole('button', { name: 'vco-localdual' }).click()
    await page.getByRole('group', { name: 'Tunnel 2 Phase 1' }).getByLabel(/^Generate/).click()
    await page.locator('#verdict').getByText('Tunnel 2 negotiates anew at once; tunnel 1 is not changed.').waitFor()
    await page.locator('#verdict').getByRole('button', { name: 'Copy' }).click()
    await page.locator('#status').getByText('Copied, without secrets.').waitFor()
    const text = await page.evaluate(() => navigator.clipboard.readText())
    for (const part of ['"$VPN_PSK_TUNNEL_2"', "TunnelIkeConfig.IkePfs 'group14'", "TunnelIndex '2'", 'add RemoteSubnet']) assert.equal(text.includes(part), true, part)
    assert.deepEqual(await page.evaluate(() => window.done), { clicks: 4, typed: 0 })
    await page.locator('#go-try').click()
    await page.locator('#send').click()
    await page.locator('#input-try .progress').getByText('Tunnel.2.TunnelIkeConfig.Psk').waitFor()
    assert.deepEqual(await page.evaluate(() => window.done), { clicks: 6, typed: 0 })
  })
})
