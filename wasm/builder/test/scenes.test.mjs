// This file tests that the page is accessible and within the window, in light, dark and narrow.

import assert from 'node:assert/strict'
import { cpSync, mkdirSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { accessible, colour, output, paste, root, screenshots, usePage } from './harness.mjs'
import { bad, browser, example, selectInput, server } from './fixtures.mjs'

mkdirSync(screenshots, { recursive: true })

const sizes = { wide: { width: 1440, height: 900 }, narrow: { width: 360, height: 780 } }

const scenes = {
  empty: async () => {},
  change: page => example(page, 'eventbridge-psk').then(() => selectInput(page, 'Form')),
  dual: page => example(page, 'bare-dual'),
  findings: async page => {
    await paste(page, 'change-editor', bad)
    await page.click('#change-format')
  },
  event: page => example(page, 'inventory-sites'),
  rules: async page => {
    await selectInput(page, 'Event + rules')
    await paste(page, 'rules-editor', '{"rules": [{\n  "name": "a b",\n  "match": {"source": []},\n  "fom": {}\n}]}')
  },
  signature: async page => {
    await example(page, 'bare-single')
    await output(page, 'Signature')
    await page.locator('.signing summary').click()
  },
  current: async page => {
    await example(page, 'eventbridge-dual')
    await selectInput(page, 'Current')
    await page.getByRole('button', { name: 'Example: dual' }).click()
  },
  help: async page => page.click('#show-help'),
}

for (const [size, viewport] of Object.entries(sizes)) {
  test(`${size}, in light and dark: axe finds no violations, and everything is within the window`, async () => {
    for (const [scene, show] of Object.entries(scenes)) {
      await usePage(browser, server.url, async page => {
        await show(page)
        await page.evaluate(() => document.getElementById('status').remove())
        for (const colorScheme of ['light', 'dark']) {
          await colour(page, colorScheme)
          const look = `${size}-${colorScheme}`
          await page.screenshot({ path: join(screenshots, `${scene}-${look}.png`), fullPage: size === 'narrow' })
          if (look === 'wide-light' || look === 'wide-dark' && ['findings', 'rules', 'current'].includes(scene) || look === 'narrow-light' && ['dual', 'current'].includes(scene)) await accessible(page, `${scene}-${look}`)
          assert.equal(await page.evaluate(() => document.documentElement.scrollWidth <= innerWidth), true, `${scene}-${look}`)
          const cut = await page.evaluate(() => [...document.querySelectorAll('.bar, #explanation, #current-diff, #findings-list')].filter(e => e.scrollWidth > e.clientWidth).map(e => e.id || e.innerText))
          assert.deepEqual(cut, [], `${scene}-${look}: cut off or scrolled sideways`)
        }
      }, { viewport })
    }
  })
}

test('the picture for the README, in light and dark', async () => {
  for (const colorScheme of ['light', 'dark']) {
    await usePage(browser, server.url, async page => {
      await selectInput(page, 'Current')
      await page.getByRole('button', { name: 'Example: single' }).click()
      await selectInput(page, 'Form')
      await paste(page, 'change-editor', '{"RegionId":"cn-hangzhou","VpnConnectionId":"vco-localsingle","RemoteSubnet":"10.30.0.9/24","IkeConfig":{"IkeVersion":"ikev2","IkePfs":"group2","LocalIdIPsec":"198.51.100.10"}}')
      await page.click('#change-format')
      assert.equal(await page.locator('#findings li').count(), 4)
      await output(page, 'Terraform')
      const picture = join(screenshots, `picture-${colorScheme}.png`)
      await page.screenshot({ path: picture })
      const kept = join(root, `wasm/builder/picture-${colorScheme}.png`)
      if (process.env.UPDATE) cpSync(picture, kept)
      const size = statSync(kept).size
      assert.equal(size > 20_000 && size <= 150_000, true, `${kept}: ${size} bytes`)
    }, { viewport: { width: 1280, height: 560 }, colorScheme })
  }
})
