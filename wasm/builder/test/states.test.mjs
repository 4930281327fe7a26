// This file tests that the page is accessible and within the window in each of its states, and that what is pressed has 24 px.

import assert from 'node:assert/strict'
import { mkdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { accessible, colour, paste, root, screenshots, usePage } from './harness.mjs'
import { browser, example, selectInput, server } from './fixtures.mjs'

mkdirSync(screenshots, { recursive: true })

const sample = name => readFileSync(join(root, `events/${name}.json`), 'utf8')

const states = {
  empty: async () => {},
  'a rule is written': async page => {
    await page.fill('#paste-target', sample('netbox-tunnel'))
    await page.click('#write-rule')
    await page.locator('#event-editor .cm-line').filter({ hasText: '"name": "site-b",' }).first().getByText('"site-b"').click()
    await page.locator('#mapping .value-at').waitFor()
  },
  'only what is set': async page => {
    await example(page, 'bare-dual')
    await page.check('#only-set')
  },
  subnets: async page => {
    await selectInput(page, 'Current')
    await page.getByRole('button', { name: 'Example: dual' }).click()
    await paste(page, 'change-editor', '{"RegionId":"cn-hangzhou","VpnConnectionId":"vco-localdual","LocalSubnet":"10.20.1.0/24,10.20.9.0/24"}')
  },
  'a wrong endpoint': async page => {
    await example(page, 'bare-single')
    await page.locator('.signing summary').click()
    await page.fill('#endpoint', 'foo bar')
  },
  python: async page => {
    await example(page, 'bare-single')
    await page.selectOption('#language', 'python')
  },
}

for (const [size, width, colours] of [['wide', 1440, ['light', 'dark']], ['tablet', 768, ['light']], ['phone', 360, ['light']]]) {
  test(`${size}, in ${colours.join(' and ')}: axe finds nothing, all is within the window, and what is pressed has 24 px`, async () => {
    for (const [name, show] of Object.entries(states)) {
      await usePage(browser, server.url, async page => {
        await show(page)
        await page.evaluate(() => document.getElementById('status').remove())
        for (const colorScheme of colours) {
          await colour(page, colorScheme)
          await page.screenshot({ path: join(screenshots, `looks-${name.replaceAll(' ', '-')}-${size}-${colorScheme}.png`) })
          await accessible(page, `${name}, ${colorScheme}`, { rules: { 'target-size': { enabled: true } } })
          assert.equal(await page.evaluate(() => document.documentElement.scrollWidth <= innerWidth), true, name)
          const small = await page.locator('button, select, input, textarea, summary').evaluateAll(all => all.filter(e => e.checkVisibility() && !e.matches('.link, .finding-link, [type=checkbox], [type=radio]')).map(e => [e.id || e.textContent.trim().slice(0, 30), e.getBoundingClientRect().height]).filter(([, h]) => h > 0 && h < 24))
          assert.deepEqual(small, [], name)
        }
      }, { viewport: { width, height: width === 360 ? 780 : 900 } })
    }
  })
}
