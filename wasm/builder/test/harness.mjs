// This file starts a server for the built page, and a browser that records every error.

import { strict as assert } from 'node:assert'
import { existsSync } from 'node:fs'
import { mkdtemp, readFile, rename, rm } from 'node:fs/promises'
import { createServer } from 'node:http'
import { dirname, extname, join, normalize } from 'node:path'
import { fileURLToPath } from 'node:url'
import sparticuz from '@sparticuz/chromium'
import axe from 'axe-core'
import { chromium } from 'playwright-core'

export const root = join(dirname(fileURLToPath(import.meta.url)), '../../..')
export const site = join(root, '.build/site')
export const screenshots = join(root, '.build/screenshots')

const { devDependencies: packages } = JSON.parse(await readFile(new URL('../package.json', import.meta.url)))

const types = {
  '.html': 'text/html; charset=utf-8', '.js': 'text/javascript', '.css': 'text/css', '.svg': 'image/svg+xml', '.wasm': 'application/wasm',
}

/** Serves the folder under prefix on a free port of 127.0.0.1; others are handlers for other paths. The site’s files stay as they are meanwhile. */
export async function serve(folder = site, prefix = '/', others = {}) {
  const server = createServer(async (request, response) => {
    const path = decodeURIComponent(new URL(request.url, 'http://localhost').pathname)
    if (Object.hasOwn(others, path)) return others[path](request, response)
    const name = normalize(path.startsWith(prefix) ? path.slice(prefix.length) : '?')
    try {
      const file = join(folder, name === '.' || name === '' ? 'index.html' : name)
      if (!file.startsWith(folder)) throw new Error('outside')
      const headers = { 'content-type': types[extname(file)] ?? 'application/octet-stream', ...(folder === site && { 'cache-control': 'max-age=3600' }) }
      const small = /\bgzip\b/.test(request.headers['accept-encoding']) && await readFile(file + '.gz').catch(() => null)
      if (small) headers['content-encoding'] = 'gzip'
      const body = small || await readFile(file)
      response.writeHead(200, headers)
      response.end(body)
    } catch {
      response.writeHead(404)
      response.end()
    }
  })
  await new Promise(resolve => server.listen(0, '127.0.0.1', resolve))
  const url = `http://127.0.0.1:${server.address().port}${prefix}`
  const close = () => new Promise(resolve => {
    server.close(resolve)
    server.closeAllConnections()
  })
  return { url, close }
}

/** A handler that responds with the content, which may be compressed. */
export const respondWith = (type, content, more = {}) => (_, response) => response.writeHead(200, { 'content-type': type, ...more }).end(content)

/**
 * The path of the browser, which is unpacked once. Several files of tests may be the first, so
 * each one unpacks into a folder of its own, and the folder that is whole first is for all.
 */
export async function executablePath() {
  const folder = join(root, '.build', `browser-${packages['@sparticuz/chromium']}`)
  if (!existsSync(folder)) {
    const { TMPDIR } = process.env
    const own = process.env.TMPDIR = await mkdtemp(`${folder}-`)
    await sparticuz.executablePath()
    if (TMPDIR === undefined) delete process.env.TMPDIR
    else process.env.TMPDIR = TMPDIR
    await rename(own, folder).catch(() => rm(own, { recursive: true }))
  }
  return join(folder, 'chromium')
}

export const args = ['--no-sandbox', '--disable-gpu', '--no-zygote', '--headless=shell']

export async function launch() {
  return chromium.launch({ executablePath: await executablePath(), args })
}

const viewport = { width: 1440, height: 900 }

/**
 * Opens the page and waits until the core is ready. Errors and warnings of the console are in
 * page.errors. The page does nothing in idle time, unless warm; an editor, which says how long
 * it can wait, reads on.
 */
export async function open(browser, url, { warm = false, ...options } = {}) {
  const context = await browser.newContext({ viewport, permissions: ['clipboard-read', 'clipboard-write'], ...options })
  context.setDefaultTimeout(30_000) // a machine that builds and tests other things meanwhile is slow
  const page = await context.newPage()
  if (!warm) await page.addInitScript(() => {
    const idle = window.requestIdleCallback
    window.requestIdleCallback = (run, options) => (options?.timeout ? idle(run, options) : 0)
  })
  await page.addInitScript(() => document.addEventListener('securitypolicyviolation', e => console.error(`CSP: ${e.violatedDirective} ${e.blockedURI}`)))
  return load(page, url)
}

async function load(page, url) {
  page.errors = []
  const own = new URL(url).origin
  page.on('console', message => ['error', 'warning'].includes(message.type()) && page.errors.push(message.text()))
  page.on('pageerror', error => page.errors.push(String(error)))
  page.on('request', request => {
    if (!request.url().startsWith(own)) page.errors.push(`a request to ${request.url()}`)
  })
  await page.goto(url)
  await page.waitForSelector('html[data-ready]')
  return page
}

/** Closes the page; fails when there were errors. */
export async function close(page) {
  await page.context().close()
  assert.deepEqual(page.errors, [])
}

const left = new Map() // by address, the tab that the test before has left

/**
 * Opens a page for the duration of a callback. Without options it has the tab of the test before,
 * where the core is at hand, with a new document and empty storage: that takes half the time.
 * The files that serve keeps for offline use stay.
 */
export async function usePage(browser, url, use, options) {
  const tab = options ? undefined : left.get(url)
  left.delete(url)
  const page = tab ? await reopen(tab, url) : await open(browser, url, options)
  await use(page)
  if (options) return close(page)
  assert.deepEqual(page.errors, [])
  left.set(url, page)
}

async function reopen(page, url) {
  for (const other of page.context().pages()) if (other !== page) await other.close()
  for (const event of ['console', 'dialog', 'filechooser', 'pageerror', 'request', 'response', 'worker']) page.removeAllListeners(event)
  await page.unrouteAll()
  await page.evaluate(() => addEventListener('beforeunload', e => e.stopImmediatePropagation(), true)) // its work need not be kept
  await page.goto(new URL('/offline.js', url).href)
  await page.evaluate(() => [localStorage, sessionStorage].forEach(storage => storage.clear()))
  await page.emulateMedia({ media: null, colorScheme: null })
  await page.setViewportSize(viewport)
  await page.mouse.move(0, 0)
  return load(page, url)
}

/** Gives an open page these colours, as a system does in the evening. */
export async function colour(page, colorScheme) {
  await page.emulateMedia({ colorScheme })
  assert.equal(await page.evaluate(() => Math.max(...getComputedStyle(document.documentElement).backgroundColor.match(/\d+/g).map(Number)) < 60), colorScheme === 'dark')
}

/**
 * Fails when axe finds a violation: in the parts, if there are any; of the rules, if not of all
 * that axe has by itself. Most of its rules look at what colours don’t change.
 */
export async function accessible(page, what, { parts = ['html'], only, rules } = {}) {
  if (!await page.evaluate(() => 'axe' in window)) await page.evaluate(axe.source)
  const violations = await page.evaluate(async ([parts, options]) => (await axe.run({ include: parts }, options)).violations.map(v => `${v.id}: ${v.nodes.map(n => `${n.target} ${n.failureSummary}`).join('; ')}`), [parts, { runOnly: only, rules, resultTypes: ['violations'] }])
  assert.deepEqual(violations, [], what)
}

/**
 * The whole text of the change editor. Not innerText, which has dots in place of a masked key.
 * An editor draws the lines in view only, and a gap for the others; after a replacement it
 * finds out with the next frame which ones these are.
 */
export async function changeText(page) {
  await page.locator('#change-editor .cm-gap').first().waitFor({ state: 'detached' })
  const lines = await page.locator('#change-editor .cm-line').allTextContents()
  return lines.join('\n')
}

/** Replaces the text of an editor, as pasting does. */
export async function paste(page, editor, text) {
  await page.locator(`#${editor} .cm-content`).click()
  await page.keyboard.press('ControlOrMeta+a')
  await page.keyboard.press('Delete')
  await page.keyboard.insertText(text)
}

/** The text of the output, in the format if one is given. */
export async function output(page, tab) {
  if (tab) await page.selectOption('#language', { label: tab })
  return page.locator('#output-panel').innerText()
}

/** Opens an empty page on a server with the files of the npm package, to import them. */
export async function packagePage(browser) {
  const server = await serve(join(root, 'wasm/npm/dist'), '/', { '/empty': respondWith('text/html', '<!doctype html><title>empty</title>') })
  const page = await browser.newPage()
  await page.goto(server.url + 'empty')
  page.server = server
  return page
}
