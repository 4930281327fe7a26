// This file tests how the page loads: from any path, offline, from serve, slowly, and without what it needs.

import assert from 'node:assert/strict'
import { cpSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { brotliDecompressSync, gunzipSync } from 'node:zlib'
import { output, serve, site, usePage } from './harness.mjs'
import { startEmulator } from './emulator.mjs'
import { browser, example, server } from './fixtures.mjs'

test('it works from any path, and offline once loaded; only the page’s own files are cached', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'vpnattach-site-'))
  cpSync(site, folder, { recursive: true })
  writeFileSync(join(folder, 'outcomes'), '{}')
  const elsewhere = await serve(folder, '/some/where/')
  try {
    await usePage(browser, elsewhere.url, async page => {
      const reload = async () => {
        await page.reload()
        await page.waitForSelector('html[data-ready]')
      }
      await page.evaluate(() => navigator.serviceWorker.ready)
      await reload()
      const kept = await page.evaluate(async () => {
        await fetch('outcomes')
        await fetch('index.js?v=2')
        return (await (await caches.open('vpnattach')).keys()).map(r => r.url.slice(location.href.length))
      })
      assert.deepEqual(kept.toSorted(), ['', 'core.js', 'icon.svg', 'index.html', 'index.js', 'late.css', 'late.js', 'reference/commands.html', 'reference/errors.html', 'reference/events.html', 'reference/findings.html', 'reference/outcomes.html', 'reference/parameters.html', 'reference/reference.css', 'reference/rules.html', 'reference/search.js', 'samples.js', 'style.css', 'theme.js', 'vpnattach.wasm', 'worker.js'])
      await elsewhere.close()
      await reload()
      await example(page, 'bare-single')
      assert.match(await output(page), /\| curl /)
      page.errors = page.errors.filter(f => !/Failed to load resource|ERR_CONNECTION_REFUSED|script resource/.test(f)) // there is no network
    })
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
})

test('files of another program at the same address are not cached', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'vpnattach-site-'))
  cpSync(site, folder, { recursive: true, filter: name => !name.endsWith('.gz') }) // the files change here, and the compressed ones would not
  const served = await serve(folder)
  try {
    await usePage(browser, served.url, async page => {
      await page.evaluate(() => navigator.serviceWorker.ready)
      for (const name of ['index.html', 'index.js']) writeFileSync(join(folder, name), 'another program')
      assert.equal(await page.evaluate(async () => (await fetch('index.js')).text()), 'another program')
      await page.goto(served.url)
      assert.equal(await page.locator('body').innerText(), 'another program')
      // A worker of another build does not cache such files either.
      const offline = join(folder, 'offline.js')
      writeFileSync(offline, readFileSync(offline, 'utf8') + '\n')
      const state = await page.evaluate(async () => {
        const registration = await navigator.serviceWorker.ready
        const found = new Promise(resolve => registration.addEventListener('updatefound', () => resolve(registration.installing)))
        await registration.update()
        const worker = await found
        while (!['redundant', 'activated'].includes(worker.state)) await new Promise(resolve => worker.addEventListener('statechange', resolve, { once: true }))
        return worker.state
      })
      assert.equal(state, 'redundant')
      await served.close()
      await page.reload()
      await page.waitForSelector('html[data-ready]')
      await example(page, 'bare-single')
      assert.match(await output(page), /\| curl /)
      page.errors = page.errors.filter(f => !/Failed to load resource|ERR_CONNECTION_REFUSED|script resource|not the files of one build/.test(f)) // there is no network
    })
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
})

test('serve has the page at /, under the same policy', async () => {
  const emulator = await startEmulator()
  try {
    await usePage(browser, emulator.page, async page => {
      await example(page, 'bare-single')
      assert.match(await output(page), /\| curl /)
      const policies = await page.evaluate(async () => [(await fetch('./')).headers.get('content-security-policy'), document.querySelector('meta[http-equiv]').content])
      assert.equal(policies[0], `${policies[1]}; frame-ancestors 'none'`)
      const opened = page.waitForEvent('popup')
      await page.getByRole('link', { name: 'Reference' }).click()
      const reference = await opened
      await reference.getByRole('link', { name: 'Findings' }).click()
      await reference.locator('article').first().waitFor()
      assert.equal(await reference.locator('article').count() > 90, true)
    })
  } finally {
    await emulator.close()
  }
})

test('the page reports in one sentence that the module does not load, and tries again', async () => {
  const context = await browser.newContext({ serviceWorkers: 'block' })
  const page = await context.newPage()
  await page.route('**/vpnattach.wasm', route => route.fulfill({ status: 503, body: '' }))
  await page.goto(server.url)
  await page.locator('#notice').getByText('503').waitFor()
  await page.unroute('**/vpnattach.wasm')
  await page.click('#retry')
  await page.waitForSelector('html[data-ready]')
  assert.equal(await page.locator('#notice').isVisible(), false)
  await context.close()
})

test('the core is ready before the rest of the page has loaded', async () => {
  const context = await browser.newContext({ serviceWorkers: 'block' })
  const page = await context.newPage()
  let goOn
  const held = new Promise(resolve => (goOn = resolve))
  await page.route('**/index.js', async route => {
    await held
    await route.continue()
  })
  await page.goto(server.url, { waitUntil: 'commit' })
  await page.waitForFunction(async () => {
    const core = await import('./core.js')
    try {
      return core.build('{}', { signature: 'v3' }).findings.length > 0
    } catch {
      return false // not yet
    }
  })
  goOn()
  await page.waitForSelector('html[data-ready]')
  await context.close()
})

test('a compressed file has the content of the original', () => {
  const [compressed, smaller] = ['.gz', '.br'].map(ext => readdirSync(site).filter(name => name.endsWith(ext)))
  for (const name of smaller) assert.equal(brotliDecompressSync(readFileSync(join(site, name))).equals(readFileSync(join(site, name.slice(0, -3)))), true, name)
  assert.deepEqual(smaller.map(name => name.slice(0, -3)), compressed.map(name => name.slice(0, -3)))
  assert.deepEqual(compressed, ['core.js.gz', 'index.html.gz', 'index.js.gz', 'late.css.gz', 'late.js.gz', 'offline.js.gz', 'samples.js.gz', 'style.css.gz', 'theme.js.gz', 'vpnattach.wasm.gz', 'worker.js.gz'])
  for (const name of compressed) assert.equal(gunzipSync(readFileSync(join(site, name))).equals(readFileSync(join(site, name.slice(0, -3)))), true, name)
})

test('without JavaScript the page says what it needs', async () => {
  const context = await browser.newContext({ javaScriptEnabled: false })
  const page = await context.newPage()
  await page.goto(server.url)
  assert.match(await page.locator('noscript p').innerText(), /needs JavaScript and WebAssembly/)
  assert.equal(await page.locator('noscript p').isVisible(), true)
  // Nothing is there that would do nothing.
  const dead = await page.locator('main, #verdict, #loading, button, select').evaluateAll(all => all.filter(e => e.checkVisibility()).length)
  assert.equal(dead, 0)
  // The reference, which it leads to, is all there but the search and the switch.
  await page.locator('noscript a').evaluate(a => (a.target = '_self'))
  await page.locator('noscript a').click()
  await page.locator('#LocalSubnet').getByText('CIDR blocks').waitFor()
  await page.getByRole('navigation', { name: 'On this page' }).getByRole('link', { name: 'IkeConfig', exact: true }).waitFor()
  assert.deepEqual(await page.locator('button, input').evaluateAll(all => all.filter(e => e.checkVisibility()).map(e => e.id)), [])
  await context.close()
})

test('without WebAssembly the page says so in one sentence, and shows nothing that would not work', async () => {
  const context = await browser.newContext()
  const page = await context.newPage()
  await page.addInitScript(() => delete window.WebAssembly)
  await page.goto(server.url)
  await page.locator('#notice').getByText('This page needs WebAssembly').waitFor()
  const dead = await page.locator('main, #verdict, #loading, button, select').evaluateAll(all => all.filter(e => e.checkVisibility()).map(e => e.id))
  assert.deepEqual(dead, [])
  await context.close()
})

// The files are held one after the other, as they are on a slow network; of the module half comes first.
for (const width of [1440, 768, 360]) {
  test(`a slow first load shows how far it is, and nothing moves meanwhile: ${width} px`, async () => {
    const module = readFileSync(join(site, 'vpnattach.wasm'))
    const held = {}
    const hold = name => new Promise(resolve => (held[name] = resolve))
    const slow = await serve(site, '/', {
      '/vpnattach.wasm': async (_, response) => {
        await new Promise(resolve => setTimeout(resolve, 200)) // a quick answer is not counted
        response.writeHead(200, { 'content-type': 'application/wasm' }).write(module.subarray(0, module.length / 2))
        await hold('module')
        response.end(module.subarray(module.length / 2))
      },
    })
    const context = await browser.newContext({ serviceWorkers: 'block', viewport: { width, height: 800 } })
    const page = await context.newPage()
    const release = async name => {
      while (!held[name]) await page.evaluate(() => new Promise(requestAnimationFrame))
      held[name]()
    }
    try {
      for (const name of ['index.js', 'late.js', 'late.css']) await page.route(`**/${name}`, route => hold(name).then(() => route.continue()))
      await page.addInitScript(() => {
        window.moved = 0
        new PerformanceObserver(list => list.getEntries().forEach(e => (window.moved += e.value))).observe({ type: 'layout-shift', buffered: true })
      })
      await page.goto(slow.url, { waitUntil: 'commit' })
      const line = page.locator('#loading')
      await line.getByText('Loading the page').waitFor()
      await line.getByText(/^(49|50) %$/).waitFor()
      await release('index.js')
      await line.getByText('Loading the core').waitFor()
      await release('late.js')
      await release('late.css')
      await page.locator('#paste-target').waitFor()
      assert.equal(await line.isVisible(), true)
      assert.equal(await page.locator('#loading-bar').evaluate(bar => Math.round(bar.position * 10)), 5)
      await release('module')
      await page.waitForSelector('html[data-ready]')
      assert.equal(await line.isVisible(), false)
      assert.equal(await page.locator('#verdict .steps').isVisible(), true)
      // Of the window and what has moved in it, by how far: 0.1 is what counts as good.
      const moved = await page.evaluate(() => new Promise(resolve => requestAnimationFrame(() => requestAnimationFrame(() => resolve(window.moved)))))
      assert.equal(moved < 0.05, true, String(moved))
    } finally {
      await context.close()
      await slow.close()
    }
  })
}

test('the colours that were chosen are there before anything is drawn, on the page and in the reference, which share the switch', async () => {
  const context = await browser.newContext({ serviceWorkers: 'block' })
  const page = await context.newPage()
  const theme = () => page.evaluate(() => [document.documentElement.dataset.theme, document.querySelector('meta[name=color-scheme]').content])
  await page.goto(server.url + 'reference/rules.html')
  await page.locator('#theme').focus()
  for (let i = 0; i < 2; i++) await page.keyboard.press('Enter')
  assert.equal(await page.getAttribute('#theme', 'aria-label'), 'Colours: dark')
  assert.deepEqual(await theme(), ['dark', 'dark'])
  // What would draw or run later never comes.
  for (const name of ['index.js', 'core.js', 'search.js']) await page.route(`**/${name}`, () => {})
  for (const path of ['', 'reference/errors.html', 'reference/commands.html']) {
    await page.goto(server.url + path, { waitUntil: 'commit' })
    await page.waitForFunction(() => document.querySelector('h1')?.checkVisibility())
    assert.deepEqual(await theme(), ['dark', 'dark'], path)
    assert.equal(await page.evaluate(() => Math.max(...getComputedStyle(document.documentElement).backgroundColor.match(/\d+/g).map(Number)) < 60), true, path)
  }
  await page.unrouteAll()
  const other = await context.newPage()
  await other.goto(server.url)
  await other.waitForSelector('html[data-ready]')
  assert.equal(await other.getAttribute('#theme', 'aria-label'), 'Colours: dark')
  await page.goto(server.url + 'reference/errors.html')
  await other.click('#theme')
  await page.waitForFunction(() => document.documentElement.dataset.theme === undefined)
  assert.deepEqual(await theme(), [undefined, 'light dark'])
  await context.close()
})
