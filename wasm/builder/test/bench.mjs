// This file measures the page in Chromium: how soon it is ready, and what a key press costs.

import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { median, print } from './figures.mjs'
import { launch, open, packagePage, root, serve } from './harness.mjs'

const browser = await launch()
const server = await serve()
try {
  const ready = []
  for (let i = 0; i < 21; i++) {
    const page = await open(browser, server.url, { serviceWorkers: 'block' })
    ready.push(await page.evaluate(() => performance.getEntriesByName('ready')[0].startTime - performance.getEntriesByType('resource').find(r => r.name.endsWith('.wasm')).startTime))
    await page.context().close()
  }
  print('ready, from fetch to first result', median(ready), 100, 'ms')

  const page = await open(browser, server.url, { serviceWorkers: 'block' })
  await page.selectOption('#examples', 'bare-single')
  // From the key press to the end of all work on it: findings, form, JSON and request are up to date then.
  await page.evaluate(() => {
    window.costs = []
    let pressed = 0
    document.addEventListener('keydown', e => (pressed = e.timeStamp), true)
    document.addEventListener('input', () => window.costs.push(performance.now() - pressed))
  })
  await page.focus('#field-Name')
  for (let i = 0; i < 60; i++) await page.keyboard.press('abcdefghij'[i % 10])
  const costs = await page.evaluate(() => window.costs)
  print('key press to updated findings, median', median(costs), 16, 'ms')
  print('key press to updated findings, 95th percentile', costs.sort((a, b) => a - b)[Math.floor(costs.length * 0.95)], 16, 'ms')

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
  await server.close()
}
