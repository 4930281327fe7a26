// This file runs the core's golden cases in Chromium, through the npm package.

import assert from 'node:assert/strict'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { test } from 'node:test'
import { goldenCases } from '../../npm/test/golden.js'
import { launch, packagePage, root } from './harness.mjs'

test('the module in Chromium returns the same bytes as the native core', async () => {
  const cases = await goldenCases(path => readFile(join(root, path), 'utf8'))
  assert.equal(cases.length > 30, true)
  const browser = await launch()
  const page = await packagePage(browser)
  try {
    const outputs = await page.evaluate(async inputs => {
      const { init, raw } = await import('/index.js')
      await init()
      return inputs.map(input => raw('transform', input))
    }, cases.map(c => c.input))
    for (const [i, { name, want }] of cases.entries()) assert.equal(outputs[i], want, name)
  } finally {
    await browser.close()
    await page.server.close()
  }
})
