// This file tests events: the change that rules make of one, and what stays when either is edited.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { changeText, output, paste } from './harness.mjs'
import { example, selectInput, withPage } from './fixtures.mjs'

test('rules turn an event into requests, and the page explains why', withPage(async page => {
  await example(page, 'inventory-sites')
  await page.getByText('✓ matched').waitFor()
  assert.equal(JSON.parse(await changeText(page)).VpnConnectionId, 'vco-p0w5112fgnl2ihlmf0000')
  assert.match(await output(page), /add VpnConnectionId 'vco-p0w5112fgnl2ihlmf0000'/)
  await page.locator('#explanation select').selectOption('1')
  assert.match(await output(page), /add VpnConnectionId 'vco-p0w5112fgnl2ihlmf0001'/)
  await paste(page, 'event-editor', '{"source":"elsewhere","detail-type":"Site Networks Changed","detail":{}}')
  await page.getByText('no match').waitFor()
  assert.match(await page.locator('#explanation').innerText(), /source/)
}))

test('an event that produces no change clears the previous change', withPage(async page => {
  await example(page, 'inventory-sites')
  await paste(page, 'event-editor', '{"source":"elsewhere","detail-type":"Site Networks Changed","detail":{}}')
  await page.getByText('produces no change').waitFor()
  assert.equal(await changeText(page), '')
  assert.match(await output(page), /no request/)
  await selectInput(page, 'Form')
  assert.equal(await page.locator('#field-VpnConnectionId').inputValue(), '')
  await page.fill('#field-Name', 'mine')
  assert.deepEqual(JSON.parse(await changeText(page)), { Name: 'mine' })
  await selectInput(page, 'Event + rules')
  assert.match(await page.locator('#event-editor .cm-content').innerText(), /elsewhere/)
}))

test('a current configuration that can’t be read leaves the change of an event', withPage(async page => {
  await example(page, 'inventory-sites')
  const before = await changeText(page)
  await selectInput(page, 'Current')
  await paste(page, 'current-editor', '{"VpnConnectionId":[]}')
  assert.equal(await changeText(page), before)
}))

test('a pasted event stays when the change is edited, and the page says that the two differ', withPage(async page => {
  const event = page.locator('#event-editor .cm-content')
  for (const name of ['inventory-sites', 'cloudtrail-putsecretvalue', 'sqs-change']) {
    await example(page, name)
    const [change, given] = [await changeText(page), await event.innerText()]
    await selectInput(page, 'Form')
    await page.fill('#field-Name', 'edited')
    await selectInput(page, 'Event + rules')
    await page.getByText('no longer matches this event').waitFor()
    assert.equal(await event.innerText(), given, name)
    assert.equal(JSON.parse(await changeText(page)).Name, 'edited', name)
    await page.getByRole('button', { name: 'Revert to the event' }).click()
    assert.equal(await changeText(page), change, name)
    assert.equal(await page.getByText('no longer matches this event').count(), 0, name)
    await selectInput(page, 'Form')
    await page.fill('#field-Name', 'edited')
    await selectInput(page, 'Event + rules')
    await page.getByRole('button', { name: 'Create an event from the change' }).click()
    assert.deepEqual(JSON.parse(await event.innerText()).detail, JSON.parse(await changeText(page)), name)
    assert.equal(JSON.parse(await changeText(page)).Name, 'edited', name)
  }
}))

test('rules alone don’t replace an edited change', withPage(async page => {
  await page.fill('#field-Name', 'mine')
  await selectInput(page, 'Event + rules')
  await paste(page, 'rules-editor', '{"rules":[{"name":"a","match":{"source":["x"]},"with":{"RegionId":"cn-hangzhou","VpnConnectionId":"vco-1"}}]}')
  assert.deepEqual(JSON.parse(await changeText(page)), { Name: 'mine' })
}))

test('an envelope keeps containing the change, also after text that is not JSON', withPage(async page => {
  await example(page, 'eventbridge-psk')
  const given = JSON.parse(await page.locator('#event-editor .cm-content').innerText())
  await paste(page, 'change-editor', '{"RegionId"')
  await paste(page, 'change-editor', '{"RegionId":"cn-hangzhou","VpnConnectionId":"vco-1"}')
  assert.deepEqual(JSON.parse(await page.locator('#event-editor .cm-content').innerText()), { ...given, detail: { RegionId: 'cn-hangzhou', VpnConnectionId: 'vco-1' } })
}))

test('a key that a rule refers to is masked', withPage(async page => {
  await example(page, 'secretsmanager-rotation')
  assert.match(await changeText(page), /\{\{resolve:secretsmanager:/)
  assert.match(await output(page), /VPN_PSK\w* in the environment/)
  assert.doesNotMatch(await output(page), /x{8}/)
  await page.check('#with-secrets')
  assert.match(await output(page), /resolved when the change is applied/)
}))

test('every example gives a request', withPage(async page => {
  const names = await page.locator('#examples option[value]:not([value=""])').evaluateAll(all => all.map(o => o.value))
  assert.equal(names.length >= 20, true)
  for (const name of names) {
    await example(page, name)
    assert.equal(await page.locator('#findings li.error').count(), 0, name)
    assert.match(await output(page), /\| curl /, name)
  }
}))

test('an event that can’t be opened is marked at the error', withPage(async page => {
  await selectInput(page, 'Event + rules')
  await paste(page, 'event-editor', '{"source": "a",\n nonsense')
  await page.locator('#event-editor .cm-lint-marker-error').waitFor()
  await page.locator('#explanation .note.error').first().waitFor()
}))
