// This file tests that the page is accessible and within the window, in light, dark and narrow.

import assert from 'node:assert/strict'
import { cpSync, mkdirSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { accessible, colour, output, paste, root, screenshots, usePage } from './harness.mjs'
import { bad, browser, example, selectInput, server } from './fixtures.mjs'

mkdirSync(screenshots, { recursive: true })

const wide = { width: 1440, height: 900 }, narrow = { width: 360, height: 780 }

// On one page, one after the other: opening one takes as long as a look at it.
const scenes = {
  empty: async () => {},
  rules: async page => {
    await selectInput(page, 'Event + rules')
    await paste(page, 'rules-editor', '{"rules": [{\n  "name": "a b",\n  "match": {"source": []},\n  "fom": {}\n}]}')
  },
  event: page => example(page, 'inventory-sites'),
  change: page => example(page, 'eventbridge-psk').then(() => selectInput(page, 'Form')),
  dual: page => example(page, 'bare-dual'),
  findings: async page => {
    await paste(page, 'change-editor', bad)
    await page.click('#change-format')
  },
  signature: async page => {
    await example(page, 'bare-single')
    await output(page, 'Signature')
    await page.locator('.signing summary').click()
  },
  current: async page => {
    await output(page, 'curl')
    await example(page, 'eventbridge-dual')
    await selectInput(page, 'Current')
    await page.getByRole('button', { name: 'Example: dual' }).click()
  },
  help: page => page.click('#show-help'),
}

const narrowToo = ['dual', 'current'], darkToo = ['findings', 'rules', 'current']

/** Nothing is out of the window, cut off or to be scrolled sideways. */
async function fits(page, what) {
  const [within, cut] = await page.evaluate(() => [document.documentElement.scrollWidth <= innerWidth, [...document.querySelectorAll('.bar, #explanation, #current-diff, #findings-list')].filter(e => e.scrollWidth > e.clientWidth).map(e => e.id || e.innerText)])
  assert.equal(within, true, what)
  assert.deepEqual(cut, [], `${what}: cut off or scrolled sideways`)
}

test('wide and narrow, in light and dark: axe finds no violations, and everything is within the window', async t => {
  await usePage(browser, server.url, async page => {
    await page.evaluate(() => (document.getElementById('status').style.display = 'none'))
    for (const [scene, show] of Object.entries(scenes)) {
      await t.test(scene, async () => {
        await colour(page, 'light')
        await show(page)
        await page.setViewportSize(narrow)
        await fits(page, 'narrow')
        await page.screenshot({ path: join(screenshots, `${scene}-narrow-light.png`), fullPage: true })
        if (narrowToo.includes(scene)) await accessible(page, 'narrow')
        await page.setViewportSize(wide)
        await fits(page, 'wide')
        await page.screenshot({ path: join(screenshots, `${scene}-wide-light.png`) })
        await accessible(page, 'wide')
        if (!darkToo.includes(scene)) return
        await colour(page, 'dark')
        await page.screenshot({ path: join(screenshots, `${scene}-wide-dark.png`) })
        await accessible(page, 'dark', { only: ['color-contrast'] })
      })
    }
  })
})

test('the picture for the README, in light and dark', async () => {
  await usePage(browser, server.url, async page => {
    await selectInput(page, 'Current')
    await page.getByRole('button', { name: 'Example: single' }).click()
    await selectInput(page, 'Form')
    await paste(page, 'change-editor', '{"RegionId":"cn-hangzhou","VpnConnectionId":"vco-localsingle","RemoteSubnet":"10.30.0.9/24","IkeConfig":{"IkeVersion":"ikev2","IkePfs":"group2","LocalIdIPsec":"198.51.100.10"}}')
    await page.click('#change-format')
    assert.equal(await page.locator('#findings li').count(), 4)
    await output(page, 'Terraform')
    for (const colorScheme of ['light', 'dark']) {
      await colour(page, colorScheme)
      const picture = join(screenshots, `picture-${colorScheme}.png`)
      await page.screenshot({ path: picture })
      const kept = join(root, `wasm/builder/picture-${colorScheme}.png`)
      if (process.env.UPDATE) cpSync(picture, kept)
      const size = statSync(kept).size
      assert.equal(size > 20_000 && size <= 150_000, true, `${kept}: ${size} bytes`)
    }
  }, { viewport: { width: 1280, height: 560 } })
})
