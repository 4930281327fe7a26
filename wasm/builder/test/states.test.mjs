// This file tests that the page is accessible and within the window in each of its states, and that what is pressed has 24 px.

import assert from 'node:assert/strict'
import { mkdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { accessible, colour, paste, root, screenshots, usePage } from './harness.mjs'
import { browser, clickToken, example, selectInput, server } from './fixtures.mjs'

mkdirSync(screenshots, { recursive: true })

const sample = name => readFileSync(join(root, `events/${name}.json`), 'utf8')

// On one page, one after the other: opening one takes as long as a look at it.
const states = {
  empty: async () => {},
  'a rule is written': async page => {
    await page.fill('#paste-target', sample('netbox-tunnel'))
    await page.click('#write-rule')
    await clickToken(page, 'event-editor', '"name": "site-b",', '"site-b"')
    await page.locator('#mapping .value-at').waitFor()
  },
  python: async page => {
    await example(page, 'bare-single')
    await page.selectOption('#language', 'python')
  },
  'a wrong endpoint': async page => {
    await page.locator('.signing summary').click()
    await page.fill('#endpoint', 'foo bar')
  },
  'only what is set': async page => {
    await page.fill('#endpoint', '')
    await example(page, 'bare-dual')
    await page.check('#only-set')
  },
  subnets: async page => {
    await selectInput(page, 'Current')
    await page.getByRole('button', { name: 'Example: dual' }).click()
    await paste(page, 'change-editor', '{"RegionId":"cn-hangzhou","VpnConnectionId":"vco-localdual","LocalSubnet":"10.20.1.0/24,10.20.9.0/24"}')
  },
}

const windows = { phone: [360, 780], tablet: [768, 900], wide: [1440, 900] }

test('wide, on a tablet and on a phone: axe finds nothing, all is within the window, and what is pressed has 24 px', async t => {
  await usePage(browser, server.url, async page => {
    await page.evaluate(() => (document.getElementById('status').style.display = 'none'))
    for (const [name, show] of Object.entries(states)) {
      await t.test(name, async () => {
        await colour(page, 'light')
        await show(page)
        const picture = look => page.screenshot({ path: join(screenshots, `looks-${name.replaceAll(' ', '-')}-${look}.png`) })
        for (const [size, [width, height]] of Object.entries(windows)) {
          await page.setViewportSize({ width, height })
          assert.equal(await page.evaluate(() => document.documentElement.scrollWidth <= innerWidth), true, size)
          const small = await page.evaluate(() => [...document.querySelectorAll('button, select, input, textarea, summary')].filter(e => e.checkVisibility() && !e.matches('.link, .finding-link, [type=checkbox], [type=radio]')).map(e => [e.id || e.textContent.trim().slice(0, 30), e.getBoundingClientRect().height]).filter(([, h]) => h > 0 && h < 24))
          assert.deepEqual(small, [], size)
          if (size === 'tablet') continue // one column, as on a phone
          await accessible(page, size, { rules: { 'target-size': { enabled: true } } })
          await picture(size)
        }
        await colour(page, 'dark')
        await accessible(page, 'dark', { only: ['color-contrast'] })
        await picture('dark')
      })
    }
  })
})
