// This file gives each test a page, in one browser and from one server per test file.

import { after, before } from 'node:test'
import { launch, respondWith, serve, site, usePage } from './harness.mjs'

export let browser, server

before(async () => {
  browser = await launch()
  // Without the files for later, which each page would fetch once more: loading.test.mjs and the tests of serve have them.
  server = await serve(site, '/', { '/offline.js': respondWith('text/javascript', '') })
})
after(async () => {
  await browser?.close()
  await server?.close()
})

/** Runs a test with a page, in a tab of its own if there are options. */
export const withPage = (use, options) => () => usePage(browser, server.url, use, options)

/** Selects a tab of the input. */
export const selectInput = (page, name) => page.locator('#input-tabs').getByRole('tab', { name }).click()

/** The button that adds every parameter to the change, or removes the added ones. */
export const allValues = page => page.getByRole('button', { name: /^(Show (current|default) values|Send only changes)$/ })

export const field = (page, path) => page.locator(`[data-path="${path}"]`)
export const example = (page, name) => page.selectOption('#examples', name)

/** Clicks a value in a line of an editor, once the editor has read up to it: before, the line is one piece of text. */
export const clickToken = (page, editor, line, value) => page.locator(`#${editor} .cm-line`).filter({ hasText: line }).first().locator('span').getByText(value).first().click()

/** Opens all sections of the form. */
export const unfold = page => page.evaluate(() => document.querySelectorAll('#form details').forEach(d => (d.open = true)))

/** A change with two bad values. */
export const bad = '{"RegionId":"cn-hangzhou","VpnConnectionId":"vco-localsingle","IkeConfig":{"Psk":"has a blank","IkeVersion":"ikev9"}}'

/** Lists in lists, n deep. */
export const deep = n => '['.repeat(n) + ']'.repeat(n)
