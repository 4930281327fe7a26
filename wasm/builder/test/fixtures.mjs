// This file gives each test a page of its own, in the one browser and from the one server of the tests' file.

import { after, before } from 'node:test'
import { launch, serve, within } from './harness.mjs'

export let browser, server

before(async () => {
  browser = await launch()
  server = await serve()
})
after(async () => {
  await browser?.close()
  await server?.close()
})

export const on = (use, options) => () => within(browser, server.url, use, options)

/** Chooses a tab of the input. */
export const input = (page, name) => page.locator('#input-tabs').getByRole('tab', { name }).click()
