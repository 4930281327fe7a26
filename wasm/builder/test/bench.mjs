// This file measures the module and the page in Chromium: the time until they are ready, and that of a call and a key press.

import { readFileSync } from 'node:fs'
import { loadavg } from 'node:os'
import { join } from 'node:path'
import { respondWith, launch, open, packagePage, paste, root, site } from './harness.mjs'
import { startEmulator } from './emulator.mjs'
import { reportsOf } from './without-devtools.mjs'

function median(values) {
  return [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)]
}

function print(what, value, limit, unit) {
  const verdict = value <= limit ? '' : '  OVER'
  console.log(`${what.padEnd(52)} ${value.toFixed(1).padStart(8)} ${unit}   at most ${limit} ${unit}${verdict}`)
}

const address = { RegionId: 'cn-hangzhou', VpnConnectionId: 'vco-localsingle' }

const documents = {
  'a full change': { limit: 16, show: page => page.selectOption('#examples', 'bare-single') },
  'dual, whole, with current': {
    limit: 16,
    async show(page) {
      await page.getByRole('tab', { name: 'Current' }).click()
      await page.getByRole('button', { name: 'Example: dual' }).click()
      await page.getByRole('tab', { name: 'Form', exact: true }).click()
      await page.getByRole('button', { name: 'Show current values' }).click()
    },
  },
  '500 findings': { limit: 50, show: page => paste(page, 'change-editor', JSON.stringify({ ...address, ...Object.fromEntries(Array.from({ length: 500 }, (_, i) => [`X${i}`, 1])) })) },
  '5,000 subnets': { limit: 100, show: page => paste(page, 'change-editor', JSON.stringify({ ...address, RemoteSubnet: Array.from({ length: 5000 }, (_, i) => `10.${i >> 8}.${i & 255}.0/24`) })) },
}

/** The time from each key press until findings, form, JSON and request are up to date. */
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

const many = (n, f) => Array.from({ length: n }, (_, i) => f(i))

// Texts of 1 MiB, each for its editor.
const large = [
  ['50,000 elements', 'Event + rules', 'event-editor', `{"source":"s","sites":[\n${many(50_000, i => `{"id":"vco-${(100_000 + i).toString(36)}"}`).join(',\n')}],\n"name":"x"}`],
  ['a change of 1 MiB', 'Form', 'change-editor', JSON.stringify({ ...address, RemoteSubnet: many(52_000, i => `10.${i >> 8}.${i & 255}.0/24`), Name: 'x' }, null, 1)],
  ['rules of 1 MiB', 'Event + rules', 'rules-editor', JSON.stringify({ rules: many(6_000, i => ({ name: `rule-${i}`, match: { source: [`s${i}`] }, from: { VpnConnectionId: 'id', RegionId: 'region' } })), $schema: 'x' }, null, 1)],
  ['an answer of 1 MiB', 'Current', 'current-editor', JSON.stringify({ ...JSON.parse(readFileSync(join(root, 'shared/emulator/testdata/describe-single.json'), 'utf8')), Tags: { Tag: many(20_000, i => ({ Key: `k${i}`, Value: `v${i}` })) }, Name: 'x' }, null, 1)],
]

/** The time of each key press in a large text, from the press to the next frame. */
async function typedInLarge(page, tab, editor, text) {
  await page.getByRole('tab', { name: tab, exact: true }).click()
  if (editor === 'event-editor') await paste(page, 'rules-editor', JSON.stringify({ rules: [{ name: 'a', match: { source: ['s'] }, each: 'sites', from: { VpnConnectionId: 'id' }, with: { RegionId: 'cn-hangzhou', Name: 'n' } }] }))
  await page.evaluate(text => navigator.clipboard.writeText(text), text)
  await page.locator(`#${editor} .cm-content`).click()
  await page.keyboard.press('ControlOrMeta+v')
  await page.locator(editor === 'event-editor' ? '#explanation .matched' : `#${editor} .cm-line >> nth=3`).waitFor({ timeout: 120_000 })
  await page.evaluate(() => {
    window.costs = []
    document.addEventListener('keydown', e => requestAnimationFrame(() => window.costs.push(performance.now() - e.timeStamp)), true)
  })
  for (let i = 0; i < 3; i++) await page.keyboard.press('ArrowLeft') // into the last name
  for (let i = 0; i < 60; i++) await page.keyboard.press('x')
  return page.evaluate(() => window.costs)
}

const change = readFileSync(join(root, 'events/bare-single.json'), 'utf8')

/** From calling init(), which fetches the module, to the first result. */
const moduleReady = await reportsOf(15, '/module', {
  '/vpnattach.wasm': respondWith('application/wasm', readFileSync(join(site, 'vpnattach.wasm.gz')), { 'content-encoding': 'gzip' }),
  '/package.js': respondWith('text/javascript', readFileSync(join(root, 'wasm/npm/dist/index.js'))),
  '/module': respondWith('text/html', `<!doctype html><title>module</title><script type="module">
    import { init, validate } from './package.js'
    const start = performance.now()
    await init('./vpnattach.wasm')
    const { findings } = validate(${JSON.stringify(change)})
    const ready = performance.now() - start
    if (!findings) throw new Error('no result')
    await fetch('./report', { method: 'POST', body: JSON.stringify(ready) })
  </script>`),
})
print('module: ready, from fetch to first result', median(moduleReady), 100, 'ms')

/** From opening the page to its first result. */
const pageReady = await reportsOf(15, '/', {
  '/observe.js': respondWith('text/javascript', `new PerformanceObserver(list => {
    for (const { startTime } of list.getEntriesByName('ready')) fetch('./report', { method: 'POST', body: JSON.stringify(startTime) })
  }).observe({ type: 'mark', buffered: true })`),
  '/': respondWith('text/html', readFileSync(join(site, 'index.html'), 'utf8').replace('</head>', '<script type="module" src="observe.js"></script></head>')),
})
print('page: ready, from opening it to its first result', median(pageReady), 400, 'ms')

const browser = await launch()
const emulator = await startEmulator()
try {
  for (const [what, { show, limit }] of Object.entries(documents)) {
    const page = await open(browser, emulator.page, { serviceWorkers: 'block', warm: true })
    await show(page)
    await page.waitForFunction(() => performance.getEntriesByName('warm').length > 0)
    const costs = await typed(page)
    print(`${what}: the first key press`, costs[0], 3 * limit, 'ms')
    print(`${what}: a key press, median`, median(costs), limit, 'ms')
    print(`${what}: a key press, 95th percentile`, costs.sort((a, b) => a - b)[Math.floor(costs.length * 0.95)], limit, 'ms')
    await page.context().close()
  }
  for (const [what, tab, editor, text] of large) {
    const page = await open(browser, emulator.page, { serviceWorkers: 'block' })
    const limit = 100
    const costs = await typedInLarge(page, tab, editor, text)
    print(`${what}: a key press, median`, median(costs), limit, 'ms')
    print(`${what}: a key press, 95th percentile`, costs.sort((a, b) => a - b)[Math.floor(costs.length * 0.95)], limit, 'ms')
    await page.context().close()
  }
  console.log(`load of the machine, over a minute and five: ${loadavg().slice(0, 2).map(l => l.toFixed(1)).join(', ')}`)

  const calls = await packagePage(browser)
  const [validate, build] = await calls.evaluate(async change => {
    const { init, validate, buildRequest } = await import('/index.js')
    await init()
    const credentials = { accessKeyId: 'testid', accessKeySecret: 'testsecret' }
    const options = { credentials, reveal: true, time: '2026-11-03T00:00:00Z', nonce: 'n' }
    // The shortest of many rounds: longer ones include other work of the machine.
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
  await emulator.close()
}
