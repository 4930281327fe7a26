// This file measures the page in Chromium, as `vpnattach serve` serves it: how soon it is ready, and what a key press costs.

import { readFileSync } from 'node:fs'
import { loadavg } from 'node:os'
import { join } from 'node:path'
import { median, print } from './figures.mjs'
import { launch, open, packagePage, paste, root } from './harness.mjs'
import { emulate } from './machine.mjs'

const address = { RegionId: 'cn-hangzhou', VpnConnectionId: 'vco-localsingle' }

const documents = {
  'a full change': { limit: 16, show: page => page.selectOption('#examples', 'bare-single') },
  'dual, whole, with current': {
    limit: 16,
    async show(page) {
      await page.getByRole('tab', { name: 'Current' }).click()
      await page.getByRole('button', { name: 'Example: dual' }).click()
      await page.getByRole('tab', { name: 'Form', exact: true }).click()
      await page.getByText('only what I change').click()
    },
  },
  '500 findings': { limit: 50, show: page => paste(page, 'change-editor', JSON.stringify({ ...address, ...Object.fromEntries(Array.from({ length: 500 }, (_, i) => [`X${i}`, 1])) })) },
  '5,000 subnets': { limit: 100, show: page => paste(page, 'change-editor', JSON.stringify({ ...address, RemoteSubnet: Array.from({ length: 5000 }, (_, i) => `10.${i >> 8}.${i & 255}.0/24`) })) },
}

/** From each key press to the end of all work on it: findings, form, JSON and request are up to date then. */
async function typed(page) {
  await page.evaluate(() => {
    window.costs = []
    let pressed = 0
    document.addEventListener('keydown', e => (pressed = e.timeStamp), true)
    document.addEventListener('input', () => window.costs.push(performance.now() - pressed))
  })
  await page.focus('#field-Name')
  for (let i = 0; i < 60; i++) await page.keyboard.press('abcdefghij'[i % 10])
  return page.evaluate(() => window.costs)
}

const browser = await launch()
const machine = await emulate()
try {
  const ready = []
  for (let i = 0; i < 21; i++) {
    const page = await open(browser, machine.page, { serviceWorkers: 'block' })
    ready.push(await page.evaluate(() => performance.getEntriesByName('ready')[0].startTime - performance.getEntriesByType('resource').find(r => r.name.endsWith('.wasm')).startTime))
    await page.context().close()
  }
  print('ready, from fetch to first result', median(ready), 100, 'ms')

  for (const [what, { show, limit }] of Object.entries(documents)) {
    const page = await open(browser, machine.page, { serviceWorkers: 'block' })
    await show(page)
    await page.waitForFunction(() => performance.getEntriesByName('warm').length > 0)
    const costs = await typed(page)
    print(`${what}: the first key press`, costs[0], 3 * limit, 'ms')
    print(`${what}: a key press, median`, median(costs), limit, 'ms')
    print(`${what}: a key press, 95th percentile`, costs.sort((a, b) => a - b)[Math.floor(costs.length * 0.95)], limit, 'ms')
    await page.context().close()
  }
  console.log(`load of the machine, over a minute and five: ${loadavg().slice(0, 2).map(l => l.toFixed(1)).join(', ')}`)

  const calls = await packagePage(browser)
  const change = readFileSync(join(root, 'events/bare-single.json'), 'utf8')
  const [validate, build] = await calls.evaluate(async change => {
    const { init, validate, buildRequest } = await import('/index.js')
    await init()
    const credentials = { accessKeyId: 'testid', accessKeySecret: 'testsecret' }
    const options = { credentials, reveal: true, time: '2026-11-03T00:00:00Z', nonce: 'n' }
    // The shortest of many rounds: the others are what else the machine did meanwhile.
    const cost = run => {
      let least = Infinity
      for (let round = 0; round < 40; round++) {
        const start = performance.now()
        for (let i = 0; i < 200; i++) run()
        least = Math.min(least, (performance.now() - start) / 200)
      }
      return least * 1000
    }
    return [cost(() => validate(change)), cost(() => buildRequest(change, options))]
  }, change)
  print('validate, a full change', validate, 60, 'µs')
  print('build with signature', build, 120, 'µs')
  await calls.server.close()
} finally {
  await browser.close()
  await machine.close()
}
