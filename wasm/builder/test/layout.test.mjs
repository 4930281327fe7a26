// This file tests what is where: in low and narrow windows, in other colours, in print.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { paste, usePage } from './harness.mjs'
import { bad, browser, example, server, withPage } from './fixtures.mjs'

test('status messages are in the header, and cover nothing else', withPage(async page => {
  await example(page, 'bare-single')
  const [status, header] = await page.evaluate(() => ['#status', 'header'].map(s => document.querySelector(s).getBoundingClientRect().toJSON()))
  assert.equal(status.width > 0 && status.top >= header.top && status.bottom <= header.bottom, true)
  const [right, left] = await page.evaluate(() => [document.querySelector('.status-line').getBoundingClientRect().right, document.querySelector('nav').getBoundingClientRect().left])
  assert.equal(right <= left, true)
}))

test('in a low window the panes keep a usable height, and the page scrolls', async () => {
  await usePage(browser, server.url, async page => {
    await paste(page, 'change-editor', bad)
    const heights = await page.evaluate(() => ['#change-editor', '#findings-list', '#output-panel'].map(s => document.querySelector(s).clientHeight))
    assert.equal(heights.every(h => h >= 130), true, String(heights))
    assert.equal(await page.evaluate(() => document.documentElement.scrollHeight > innerHeight), true)
  }, { viewport: { width: 960, height: 540 } })
})

test('the selected tab is visible with forced colours', async () => {
  await usePage(browser, server.url, async page => {
    const edges = await page.evaluate(() => ['true', 'false'].map(s => getComputedStyle(document.querySelector(`.tabs [aria-selected=${s}]`)).borderBottomColor))
    assert.notEqual(edges[0], edges[1])
    const colours = await page.evaluate(() => [...document.querySelectorAll('.switch span')].map(s => getComputedStyle(s).backgroundColor))
    assert.notEqual(colours[0], colours[1])
  }, { forcedColors: 'active' })
})

test('a printed page contains the whole change, findings and request', withPage(async page => {
  await example(page, 'bare-dual')
  await page.evaluate(() => (document.querySelector('.signing').open = true))
  await page.emulateMedia({ media: 'print' })
  const cut = await page.evaluate(() => ['body', 'main', '#change', '#findings-list', '#output-panel', '#change-editor'].filter(s => {
    const e = document.querySelector(s)
    return e.clientHeight < e.scrollHeight || getComputedStyle(e).overflowY !== 'visible'
  }))
  assert.deepEqual(cut, [])
  const places = await page.evaluate(() => ['#change-editor', '#findings-list', '#output-panel'].map(s => document.querySelector(s).getBoundingClientRect()).map(r => [Math.round(r.top), Math.round(r.bottom)]))
  assert.equal(places[0][1] <= places[1][0] && places[1][1] <= places[2][0] && places.every(([top, bottom]) => bottom > top), true, String(places))
  for (const s of ['#input', '.toolbar', '.signing', 'nav']) assert.equal(await page.locator(s).first().isVisible(), false, s)
}))

test('dark is dark', withPage(async page => {
  const [ground] = await page.evaluate(() => getComputedStyle(document.documentElement).backgroundColor.match(/\d+/g).map(Number))
  assert.equal(ground < 60, true)
}, { colorScheme: 'dark' }))
