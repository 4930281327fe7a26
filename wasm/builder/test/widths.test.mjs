// This file tests that no width of the window cuts anything, whatever the values: on the page and in its reference.

import assert from 'node:assert/strict'
import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { accessible, paste, screenshots, usePage } from './harness.mjs'
import { startEmulator } from './emulator.mjs'
import { browser, selectInput } from './fixtures.mjs'

let emulator
before(async () => {
  mkdirSync(screenshots, { recursive: true })
  emulator = await startEmulator()
})
after(() => emulator?.close())

// Also 1440 px enlarged to 200 % and to 400 %.
const windows = [[320, 640], [360, 780], [390, 844], [768, 1024], [1024, 768], [1440, 900], [720, 450], [360, 225]]

const looked = [360, 1440] // as pictures

/** What is cut, is to be scrolled sideways, or reaches out of the window. */
const cut = page => page.evaluate(() => {
  const name = e => `${e.tagName.toLowerCase()}${e.id ? '#' + e.id : ''}.${e.className} “${e.textContent.trim().slice(0, 30)}”`
  const roots = [document, ...[...document.querySelectorAll('*')].flatMap(e => e.shadowRoot ?? [])]
  const all = roots.flatMap(root => [...root.querySelectorAll('body *, .cm-editor *')]).filter(e => e.checkVisibility() && e.textContent.trim() !== '' && !e.matches('.sr, .sr *, select, select *, datalist *, .cm-announced, .skip'))
  const found = all.filter(e => e.clientWidth > 0 && e.scrollWidth > e.clientWidth + 1 && getComputedStyle(e).overflowX !== 'visible').map(e => `cut ${e.scrollWidth} in ${e.clientWidth}: ${name(e)}`)
  const out = all.filter(e => e.getBoundingClientRect().right > innerWidth + 1 || e.getBoundingClientRect().left < -1).map(e => `outside: ${name(e)}`)
  const wide = document.documentElement.scrollWidth > innerWidth ? [`the page is ${document.documentElement.scrollWidth} px wide`] : []
  return [...wide, ...found, ...out].slice(0, 5)
})

async function fits(page, what, sizes = windows) {
  for (const [width, height] of sizes) {
    await page.setViewportSize({ width, height })
    await page.evaluate(() => new Promise(resolve => requestAnimationFrame(() => requestAnimationFrame(resolve)))) // an editor measures itself
    assert.deepEqual(await cut(page), [], `${what}, ${width} × ${height}`)
    if (looked.includes(width) && height > 640) await page.screenshot({ path: join(screenshots, `widths-${what.replaceAll(' ', '-')}-${width}.png`), fullPage: width < 800 && !what.startsWith('reference') })
  }
}

const word = 'AnEndlessNameOfOneWord'.repeat(5).slice(0, 100)
const blocks = Array.from({ length: 20 }, (_, i) => `2001:db8:${(0xa000 + i).toString(16)}:1234:5678:9abc:def0:${i}/128`)

test('long values are cut nowhere: in differences, findings, the form, the request, outcomes and dead letters', async () => {
  await usePage(browser, emulator.page, async page => {
    page.on('dialog', dialog => dialog.accept())
    await fits(page, 'empty')
    await selectInput(page, 'Current')
    await page.getByRole('button', { name: 'Example: dual' }).click()
    await paste(page, 'change-editor', JSON.stringify({
      RegionId: 'cn-hangzhou', VpnConnectionId: 'vco-localdual', Name: word, LocalSubnet: blocks, RemoteSubnet: blocks.join(','), [word]: word,
      TunnelOptionsSpecification: [{ TunnelIndex: 2, CustomerGatewayId: word, TunnelIkeConfig: { IkeVersion: word, LocalId: `${word}.example.com`, RemoteId: '\u202eשלום עולם' } }],
    }))
    await page.locator('#findings li.error').first().waitFor()
    await fits(page, 'differences')
    await selectInput(page, 'Form')
    await fits(page, 'form')
    await page.evaluate(() => document.getElementById('show-history').click())
    await fits(page, 'history')
    await page.keyboard.press('Escape')
    // An outcome with an id and a reason, and a dead letter.
    await paste(page, 'change-editor', JSON.stringify({ RegionId: 'cn-hangzhou', VpnConnectionId: `vco-${word.toLowerCase()}`.slice(0, 60), Name: word }))
    await selectInput(page, 'Try it')
    await page.locator('#send').click()
    await page.locator('#input-try .progress').getByText('rejected').waitFor()
    await page.locator('#input-try').getByRole('button', { name: /^Redrive/ }).waitFor()
    await fits(page, 'outcomes')
    page.errors = page.errors.filter(e => !/status of 400/.test(e)) // as serve answers a rejection
  })
})

test('an event, its rules and what they give are cut nowhere, nor are the steps of a signature', async () => {
  await usePage(browser, emulator.page, async page => {
    await page.selectOption('#examples', 'inventory-sites')
    await page.locator('#explanation .values').first().waitFor()
    await fits(page, 'event')
    await page.selectOption('#language', { label: 'Signature' })
    await page.locator('.signing summary').click()
    await fits(page, 'signature')
  })
})

test('the reference is cut nowhere', async () => {
  const context = await browser.newContext()
  const page = await context.newPage()
  for (const name of ['parameters', 'findings', 'errors', 'events', 'rules', 'outcomes', 'commands']) {
    await page.goto(`${emulator.page}reference/${name}.html`)
    await fits(page, `reference ${name}`, windows.filter(([width]) => [320, 360, 768, 1440].includes(width)))
    // The rows are alike, and axe takes its time for each.
    await page.evaluate(() => document.querySelectorAll('article:nth-of-type(n+6), tbody tr:nth-child(n+6), .entries > div:nth-child(n+6)').forEach(e => e.remove()))
    await accessible(page, name)
  }
  // A row that has become a card says what its values are.
  await page.setViewportSize({ width: 360, height: 780 })
  await page.goto(`${emulator.page}reference/outcomes.html`)
  assert.equal(await page.locator('#busy td').nth(1).evaluate(td => getComputedStyle(td, '::before').content), '"HTTP"')
  await page.getByLabel('Search the reference').fill('subnet')
  await page.locator('#results a').first().waitFor()
  assert.deepEqual(await cut(page), [])
  await context.close()
})

test('what has the focus is not under what stays in sight', async () => {
  await usePage(browser, emulator.page, async page => {
    await page.selectOption('#examples', 'bare-dual')
    for (const [width, height] of [[360, 640], [1440, 700]]) {
      await page.setViewportSize({ width, height })
      await page.evaluate(() => scrollTo(0, 0))
      await page.locator('#input-panel').focus()
      for (let i = 0; i < 40; i++) {
        await page.keyboard.press('Tab')
        const hidden = await page.evaluate(() => {
          const e = document.activeElement
          if (e.closest('#verdict, header, .form-head')) return ''
          const { left, right, top, bottom } = e.getBoundingClientRect()
          const above = document.elementFromPoint((left + right) / 2, Math.min(Math.max(top, 0) + 2, bottom - 1))
          return above && !e.contains(above) && !above.contains(e) && above.closest('#verdict, header, .form-head, .field-help') ? `${e.id} is under ${above.outerHTML.slice(0, 80)}` : ''
        })
        assert.equal(hidden, '', `${width} px`)
      }
    }
  })
})

test('the cursor of an editor and the end of the page are not under what stays in sight', async () => {
  await usePage(browser, emulator.page, async page => {
    const bottom = selector => page.locator(selector).evaluate(e => e.getBoundingClientRect().bottom)
    const top = selector => page.locator(selector).evaluate(e => e.getBoundingClientRect().top)
    const frames = () => page.evaluate(() => new Promise(resolve => requestAnimationFrame(() => requestAnimationFrame(resolve))))
    await page.selectOption('#examples', 'netbox-tunnel')
    await page.locator('#rules-editor .cm-content').focus()
    // The editor is half under the bar above, then under the message below.
    for (const [key, y] of [['Home', 20], ['End', 540]]) {
      await page.keyboard.press('ControlOrMeta+Home')
      await page.evaluate(y => scrollBy(0, document.querySelector('#rules-editor').getBoundingClientRect().top - y), y)
      await page.keyboard.press(`ControlOrMeta+${key}`)
      await frames()
      assert.ok(await top('#rules-editor .cm-cursor-primary') >= await bottom('#verdict'), `${key}: under the bar`)
      assert.ok(await bottom('#rules-editor .cm-cursor-primary') <= await top('#status'), `${key}: under the message`)
    }
    // A long message.
    await page.evaluate(() => navigator.clipboard.writeText("aliyun vpc ModifyVpnAttachmentAttribute --body '{}' --body-file a.json"))
    await page.locator('h1').click()
    await page.keyboard.press('ControlOrMeta+v')
    await page.locator('#status').getByText('no parameter of a change can be read').waitFor()
    assert.ok(await page.locator('#status').evaluate(e => e.offsetHeight) > 60)
    await page.evaluate(() => scrollTo(0, document.documentElement.scrollHeight))
    assert.ok(await bottom('main') <= await top('#status'), 'the end of the page is under the message')
  }, { viewport: { width: 360, height: 640 } })
})
