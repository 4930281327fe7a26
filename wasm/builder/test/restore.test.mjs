// This file tests that work can be restored: from a link, after an example, after the module has stopped, before leaving.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { deflateRawSync } from 'node:zlib'
import { changeText, close, open, output, paste, usePage } from './harness.mjs'
import { browser, deep, example, selectInput, server, unfold, withPage } from './fixtures.mjs'

const key = 'BuilderTestKey2026NotASecret42'

test('a link restores the state, without the secret', async () => {
  const page = await open(browser, server.url)
  await paste(page, 'change-editor', JSON.stringify({ RegionId: 'cn-hangzhou', VpnConnectionId: 'vco-localsingle', Name: 'site «a»', IkeConfig: { Psk: key, IkeVersion: 'ikev2' } }))
  await page.locator('.signing summary').click()
  await page.fill('#accessKeySecret', 'anothersecret')
  await page.fill('#endpoint', 'elsewhere.example')
  await page.click('#share')
  await page.getByText('Link copied, without secrets').waitFor()
  const link = await page.evaluate(() => navigator.clipboard.readText())
  assert.match(link, /#v1\./)
  await close(page)
  const other = await open(browser, link)
  const change = JSON.parse(await changeText(other))
  assert.deepEqual(change, { RegionId: 'cn-hangzhou', VpnConnectionId: 'vco-localsingle', Name: 'site «a»', IkeConfig: { Psk: '***', IkeVersion: 'ikev2' } })
  assert.doesNotMatch(await other.evaluate(() => document.documentElement.innerHTML), /anothersecret/)
  assert.equal(await other.locator('#endpoint').inputValue(), '')
  await close(other)
})

test('work that a link or an example replaced can be restored until the next edit', withPage(async page => {
  page.on('dialog', dialog => dialog.accept())
  const undo = page.getByRole('button', { name: 'Undo' })
  const link = name => 'v1.' + deflateRawSync(JSON.stringify({ change: JSON.stringify({ Name: name }) })).toString('base64url')
  let links = 0
  const replacing = {
    'a link': () => page.evaluate(hash => (location.hash = hash), link(`link ${links++}`)),
    'an example of a change': () => example(page, 'bare-dual'),
    'an example of an event, after another': () => example(page, 'bare-single').then(() => example(page, 'inventory-sites')),
  }
  const all = async () => {
    await selectInput(page, 'Event + rules')
    const texts = [await changeText(page), ...(await page.locator('#event-editor, #rules-editor').evaluateAll(editors => editors.map(e => e.shadowRoot.querySelector('.cm-content').textContent)))]
    await selectInput(page, 'Form')
    return texts
  }
  const work = {
    'a change': async () => {
      await paste(page, 'change-editor', '{"RegionId":"cn-hangzhou","VpnConnectionId":"vco-1","Name":"mine","IkeConfig":{"IkePfs":"group14"}}')
      await page.getByText('Dual tunnel').click()
    },
    'an event and rules, and an edited change': async () => {
      await selectInput(page, 'Event + rules')
      await paste(page, 'event-editor', '{"source":"mine","id":"vco-2"}')
      await paste(page, 'rules-editor', '{"rules":[{"name":"a","match":{"source":["mine"]},"from":{"VpnConnectionId":"$.id"}}]}')
      await paste(page, 'change-editor', '{"RegionId":"cn-hangzhou","VpnConnectionId":"vco-3"}')
    },
  }
  for (const [kind, make] of Object.entries(work)) {
    await make()
    const before = await all()
    for (const [what, replace] of Object.entries(replacing)) {
      await replace()
      await undo.waitFor()
      assert.notDeepEqual(await all(), before, `${kind}, ${what}`)
      await undo.focus()
      await page.keyboard.press('Enter')
      assert.equal(await undo.count(), 0)
      assert.equal(await page.evaluate(() => document.activeElement.id), 'change-title')
      assert.deepEqual(await all(), before, `${kind}, ${what}`)
    }
    if (kind !== 'a change') continue
    await page.getByText('Single tunnel').click() // the parameters that the form removed are restored, too
    assert.deepEqual(JSON.parse(await changeText(page)).IkeConfig, { IkePfs: 'group14' })
  }
  await example(page, 'bare-single')
  await page.fill('#field-Name', 'a')
  assert.equal(await undo.count(), 0)
}))

test('Undo is one Shift+Tab before the examples', withPage(async page => {
  await page.fill('#field-Name', 'mine')
  await example(page, 'bare-single')
  await page.focus('#examples')
  await page.keyboard.press('Shift+Tab')
  assert.equal(await page.evaluate(() => document.activeElement.innerText), 'Undo')
}))

test('a broken link says so and leaves the page usable', async () => {
  for (const [hash, says] of [['#v1.AAAA', 'broken'], ['#v9.abc', 'another version'], ['#nonsense', 'not a link of this page']]) {
    await usePage(browser, server.url + hash, async page => {
      await page.getByText(says).waitFor()
      await page.fill('#field-RegionId', 'cn-hangzhou')
      assert.deepEqual(JSON.parse(await changeText(page)), { RegionId: 'cn-hangzhou' })
    })
  }
})

test('a link to a change that nests too deeply leaves the page usable', async () => {
  const shared = { change: `{"X":${deep(20_000)}}`, current: '['.repeat(20_000) }
  const hash = '#v1.' + deflateRawSync(JSON.stringify(shared)).toString('base64url')
  await usePage(browser, server.url + hash, async page => {
    await page.locator('#findings li.error').first().waitFor()
    await paste(page, 'change-editor', '{"RegionId":"cn-hangzhou"}')
    assert.equal(await page.locator('#field-RegionId').inputValue(), 'cn-hangzhou')
  })
})

test('the page reports a stopped module, and restarts it with the work kept', async () => {
  const context = await browser.newContext({ serviceWorkers: 'block' })
  const page = await context.newPage()
  const errors = []
  page.on('pageerror', error => errors.push(String(error)))
  page.on('console', message => message.type() === 'error' && errors.push(message.text()))
  await page.addInitScript(() => {
    const start = WebAssembly.instantiate
    WebAssembly.instantiate = async (module, imports) => {
      const { exports } = await start(module, imports)
      const trapping = name => [name, size => {
        if (window.trap === name) throw new WebAssembly.RuntimeError('unreachable')
        return exports[name](size)
      }]
      return { exports: { ...exports, ...Object.fromEntries(['build', 'snippet', 'transform'].map(trapping)) } }
    }
  })
  await page.goto(server.url)
  await page.waitForSelector('html[data-ready]')
  const trap = name => page.evaluate(name => (window.trap = name), name)
  const stops = {
    build: () => page.fill('#field-Name', 'boom'),
    snippet: () => page.fill('#field-Name', 'boom'),
    transform: () => paste(page, 'event-editor', '{"source":"a"}'),
  }
  for (const [name, act] of Object.entries(stops)) {
    await example(page, 'bare-single')
    if (name === 'transform') await selectInput(page, 'Event + rules')
    await trap(name)
    await act()
    await page.locator('#notice').getByText('The module has stopped. Your work is kept').waitFor()
    assert.match(await output(page), /There is no request/, name)
    await page.evaluate(() => (document.getElementById('notice-text').textContent = ''))
    await page.click('#retry')
    await page.locator('#notice').getByText('has stopped').waitFor()
    await trap('')
    if (name !== 'transform') {
      await page.fill('#field-Name', 'boom2')
      assert.equal(JSON.parse(await changeText(page)).Name, 'boom2')
    }
    await page.click('#retry')
    await page.locator('#notice').waitFor({ state: 'hidden' })
    if (name === 'transform') assert.match(await page.locator('#event-editor .cm-content').innerText(), /source/)
    else assert.match(await output(page), /add Name 'boom2'/, name)
  }
  // Also in a call from a button.
  await example(page, 'bare-single')
  await trap('snippet')
  await page.click('#copy')
  await page.locator('#notice').getByText('has stopped').waitFor()
  assert.deepEqual(errors, [])
  await context.close()
})

test('leaving asks for confirmation only when something would be lost; a reference opens in a new tab', withPage(async page => {
  let asked = 0
  page.on('dialog', dialog => {
    asked += dialog.type() === 'beforeunload'
    return dialog.accept()
  })
  const leave = async () => {
    const before = asked
    await page.reload()
    await page.waitForSelector('html[data-ready]')
    return asked - before
  }
  await page.click('#change-title')
  assert.equal(await leave(), 0)
  await page.click('#change-title')
  await example(page, 'bare-single')
  assert.equal(await leave(), 0)
  await page.getByRole('button', { name: 'Start empty' }).click()
  await page.fill('#field-Name', 'site-a')
  await page.locator('.field-help a').waitFor()
  for (const link of [page.locator('.field-help a'), page.locator('#findings li .finding-meta a').first(), page.getByRole('link', { name: 'Reference', exact: true })]) {
    const opened = page.waitForEvent('popup')
    await link.click()
    const reference = await opened
    await reference.waitForURL(/reference/)
    assert.equal(await reference.evaluate(() => window.opener), null)
    await reference.close()
  }
  assert.equal(await page.locator('#field-Name').inputValue(), 'site-a')
  assert.equal(await leave(), 0) // the draft keeps it
  assert.equal(await page.locator('#field-Name').inputValue(), 'site-a')
  await unfold(page)
  await page.locator('[id="field-IkeConfig.Psk"]').fill('Another-key-of-the-page')
  assert.equal(await leave(), 1)
  await page.fill('#field-Name', 'site-b')
  await example(page, 'bare-single') // work that can still be restored
  await page.click('#change-title')
  assert.equal(await leave(), 1)
}))
