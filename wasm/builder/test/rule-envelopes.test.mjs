// This file tests rules for events that come in envelopes, and for values within strings.

import assert from 'node:assert/strict'
import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { accessible, changeText, colour, paste, screenshots } from './harness.mjs'
import { clickToken, selectInput, withPage } from './fixtures.mjs'

mkdirSync(screenshots, { recursive: true })
const payload = { kind: 'peer', vpn: { id: 'vco-localsingle', region: 'cn-hangzhou' }, psk: 'EnvelopeTestKey2026NotASecret', name: 'inside' }
const queue = 'arn:aws:sqs:eu-central-1:123456789012:changes'
const inQueue = body => ({ Records: [{ messageId: 'm-1', eventSource: 'aws:sqs', eventSourceARN: queue, awsRegion: 'eu-central-1', body: JSON.stringify(body), attributes: { SentTimestamp: '1793611800000' } }] })
const byHTTP = body => ({ version: '2.0', routeKey: '$default', rawPath: '/', headers: { 'content-type': 'application/json' }, requestContext: { requestId: 'r', timeEpoch: 1793611800000, http: { method: 'POST', path: '/' } }, body: JSON.stringify(body), isBase64Encoded: false })
const rules = async page => JSON.parse(await page.evaluate(() => [...document.getElementById('rules-editor').shadowRoot.querySelectorAll('.cm-line')].map(l => l.textContent).join('\n')))

/** The page is accessible in both schemes, and nothing of it is wider than a phone. */
async function fits(page, name) {
  for (const colorScheme of ['light', 'dark']) {
    await colour(page, colorScheme)
    await accessible(page, `${name} ${colorScheme}`)
  }
  await page.setViewportSize({ width: 360, height: 900 })
  await page.screenshot({ path: join(screenshots, `${name}-360.png`), fullPage: true })
  assert.equal(await page.evaluate(() => document.documentElement.scrollWidth <= innerWidth), true)
  await page.setViewportSize({ width: 1440, height: 900 })
}

for (const [name, event, way] of [
  ['a queue', inQueue(payload), queue],
  ['an HTTP request', byHTTP(payload), 'webhook'],
  ['a queue, in EventBridge', inQueue({ version: '0', id: 'e', 'detail-type': 'VPN', source: 's', time: '2026-11-02T09:30:00Z', region: 'eu-central-1', detail: payload }), queue],
]) {
  test(`a rule is written for an event in ${name}, by keyboard`, withPage(async page => {
    await selectInput(page, 'Event + rules')
    await paste(page, 'event-editor', JSON.stringify(event, null, 2))
    await page.locator('#write-rule').press('Enter')
    const [rule] = (await rules(page)).rules
    assert.deepEqual(rule.via, [way])
    assert.deepEqual(JSON.parse(await changeText(page)), { RegionId: 'cn-hangzhou', VpnConnectionId: 'vco-localsingle' })
    if (name === 'a queue') await fits(page, 'rule-envelope') // its name is the longest
    await page.locator('#take-out').press('Enter')
    assert.equal(await page.inputValue('#via'), way)
    await clickToken(page, 'event-editor', '"name": "inside"', '"inside"')
    await page.locator('#mapping').getByRole('button', { name: /^→ Name/ }).press('Enter')
    assert.equal(JSON.parse(await changeText(page)).Name, 'inside')
    assert.doesNotMatch(await page.locator('#mapping').innerText(), /EnvelopeTestKey/)
    // In its envelope the event gives the same.
    await page.fill('#via', '')
    await paste(page, 'event-editor', JSON.stringify(event))
    assert.deepEqual(JSON.parse(await changeText(page)), { RegionId: 'cn-hangzhou', VpnConnectionId: 'vco-localsingle', Name: 'inside' })
  }))
}

test('taking an event out of its envelope is undone', withPage(async page => {
  await selectInput(page, 'Event + rules')
  await paste(page, 'event-editor', JSON.stringify(inQueue(payload)))
  await page.locator('#write-rule').click()
  await page.locator('#take-out').click()
  await page.locator('#status').getByText(`This is the event that came in the envelope, by ${queue}.`).waitFor()
  await page.locator('#status').getByRole('button', { name: 'Undo' }).press('Enter')
  assert.equal(await page.inputValue('#via'), '')
  await page.locator('#take-out').waitFor()
}))

test('a value in JSON text in a string is chosen, and mapped', withPage(async page => {
  await selectInput(page, 'Event + rules')
  await paste(page, 'event-editor', JSON.stringify({ kind: 'wrapped', payload: JSON.stringify(payload) }, null, 2))
  await page.locator('#write-rule').click()
  await page.locator('#event-editor .cm-line').filter({ hasText: '"payload"' }).first().click()
  const values = page.getByLabel('Value in the string')
  await values.waitFor()
  await fits(page, 'rule-string')
  assert.match(await values.textContent(), /psk \*\*\*/)
  assert.doesNotMatch(await values.innerHTML(), /EnvelopeTestKey/)
  const labels = await values.locator('option').allTextContents()
  await values.selectOption({ index: labels.findIndex(l => l.trim().startsWith('name ')) })
  await page.locator('#mapping').getByRole('button', { name: /^→ Name/ }).press('Enter')
  assert.equal((await rules(page)).rules[0].from.Name, 'payload.@fromstr.name')
  assert.deepEqual(JSON.parse(await changeText(page)), { RegionId: 'cn-hangzhou', VpnConnectionId: 'vco-localsingle', Name: 'inside' })
}))
