// This file tests that the form and the JSON are one change: fields, tunnels, values from elsewhere, and keys.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { changeText, paste } from './harness.mjs'
import { allValues, example, field, selectInput, unfold, withPage } from './fixtures.mjs'

test('what is typed into the form is in the JSON and in the event', withPage(async page => {
  await page.fill('#field-RegionId', 'cn-hangzhou')
  await page.fill('#field-VpnConnectionId', 'vco-localsingle')
  await unfold(page)
  await page.locator('[id="field-IkeConfig.IkeLifetime"]').fill('28800')
  await page.locator('[id="field-IkeConfig.IkeVersion"]').selectOption('ikev2')
  await page.selectOption('#field-EffectImmediately', 'true')
  const want = { RegionId: 'cn-hangzhou', VpnConnectionId: 'vco-localsingle', IkeConfig: { IkeVersion: 'ikev2', IkeLifetime: 28800 }, EffectImmediately: true }
  assert.deepEqual(JSON.parse(await changeText(page)), want)
  await selectInput(page, 'Event + rules')
  const event = await page.locator('#event-editor .cm-content').innerText()
  assert.deepEqual(JSON.parse(event).detail, want)
}))

test('what is typed into the JSON is in the form, and clearing a field removes it', withPage(async page => {
  await paste(page, 'change-editor', '{"RegionId":"cn-hangzhou","VpnConnectionId":"vco-1","IkeConfig":"{\\"LocalIdIPsec\\":\\"a.example\\",\\"IkePfs\\":\\"group14\\"}"}')
  assert.equal(await page.locator('[id="field-IkeConfig.LocalId"]').inputValue(), 'a.example')
  await page.locator('[id="field-IkeConfig.LocalId"]').fill('')
  assert.deepEqual(JSON.parse(await changeText(page)).IkeConfig, { IkePfs: 'group14' })
  await page.getByLabel('Remove IkePfs').click()
  assert.equal(JSON.parse(await changeText(page)).IkeConfig, undefined)
}))

test('a field replaces a value that is not an object', withPage(async page => {
  for (const value of ['"hello"', 'null', '5']) {
    await paste(page, 'change-editor', `{"IkeConfig":${value},"RegionId":"cn-hangzhou"}`)
    await unfold(page)
    await page.locator('[id="field-IkeConfig.LocalId"]').fill('a.example')
    assert.deepEqual(JSON.parse(await changeText(page)), { IkeConfig: { LocalId: 'a.example' }, RegionId: 'cn-hangzhou' })
  }
}))

test('the mode switch removes the parameters of the other mode, and restores them', withPage(async page => {
  await example(page, 'bare-single')
  const before = JSON.parse(await changeText(page))
  await page.getByText('Dual tunnel').click()
  assert.equal(JSON.parse(await changeText(page)).IpsecConfig, undefined)
  await page.locator('[id="field-TunnelOptionsSpecification[0].EnableDpd"]').first().selectOption('false')
  assert.deepEqual(JSON.parse(await changeText(page)).TunnelOptionsSpecification, [{ TunnelIndex: 1, EnableDpd: false }])
  await page.getByText('Single tunnel').click()
  assert.deepEqual(JSON.parse(await changeText(page)), before)
}))

test('removed parameters are restored only for the attachment that they belong to', withPage(async page => {
  const dual = id => JSON.stringify({ RegionId: 'cn-hangzhou', VpnConnectionId: id, TunnelOptionsSpecification: [{ TunnelIndex: 1, EnableDpd: true }] })
  const others = {
    'another example': () => example(page, 'bare-dual'),
    'a pasted change': () => paste(page, 'change-editor', dual('vco-other')),
    'the same id, pasted': () => paste(page, 'change-editor', dual('vco-localsingle')),
    'an event': async () => {
      await selectInput(page, 'Event + rules')
      await paste(page, 'event-editor', JSON.stringify({ 'detail-type': 'a', source: 'b', detail: JSON.parse(dual('vco-other')) }))
      await selectInput(page, 'Form')
    },
    'the id in the form': () => page.fill('#field-VpnConnectionId', 'vco-other'),
  }
  for (const [what, replace] of Object.entries(others)) {
    await example(page, 'eventbridge-psk')
    await selectInput(page, 'Form')
    await page.getByText('Dual tunnel').click()
    assert.doesNotMatch(await changeText(page), /Psk|IkeConfig/, what)
    await replace()
    await page.getByText('Single tunnel').click()
    assert.doesNotMatch(await changeText(page), /Psk|IkeConfig/, what)
  }
}))

test('values that were added to one change are not removed from another', withPage(async page => {
  await page.fill('#field-RegionId', 'cn-hangzhou')
  await page.fill('#field-VpnConnectionId', 'vco-a')
  await allValues(page).click()
  const other = { RegionId: 'cn-hangzhou', VpnConnectionId: 'vco-b', IkeConfig: { IkeVersion: 'ikev1', IkeMode: 'main', IkeLifetime: 86400 } }
  await paste(page, 'change-editor', JSON.stringify(other))
  assert.equal(await allValues(page).innerText(), 'Show default values')
  await allValues(page).click()
  await allValues(page).click()
  assert.deepEqual(JSON.parse(await changeText(page)), other)
}))

test('the whole configuration on request, and only changes again', withPage(async page => {
  await page.fill('#field-RegionId', 'cn-hangzhou')
  await page.fill('#field-VpnConnectionId', 'vco-localsingle')
  await allValues(page).click()
  assert.equal(JSON.parse(await changeText(page)).IpsecConfig.IpsecEncAlg, 'aes')
  assert.equal(await allValues(page).innerText(), 'Send only changes')
  await allValues(page).click()
  assert.deepEqual(JSON.parse(await changeText(page)), { RegionId: 'cn-hangzhou', VpnConnectionId: 'vco-localsingle' })
}))

test('secrets are password fields, and generated ones are valid on both sides', withPage(async page => {
  await page.fill('#field-RegionId', 'cn-hangzhou')
  await page.fill('#field-VpnConnectionId', 'vco-localsingle')
  await page.getByLabel('Other end').selectOption('aws')
  await unfold(page)
  const psk = page.locator('[id="field-IkeConfig.Psk"]')
  assert.equal(await psk.getAttribute('type'), 'password')
  await page.getByLabel('Generate IkeConfig.Psk').click()
  const keys = await field(page, 'IkeConfig.Psk').evaluate(async field => {
    const keys = []
    for (let i = 0; i < 20; i++) {
      field.querySelector('[aria-label="Generate IkeConfig.Psk"]').click()
      await new Promise(requestAnimationFrame)
      keys.push({ key: field.querySelector('input').value, notes: field.querySelectorAll('.note').length })
    }
    return keys
  })
  for (const { key, notes } of keys) {
    assert.match(key, /^[A-Za-z][A-Za-z0-9]{31}$/)
    assert.equal(notes, 0)
  }
  assert.equal(new Set(keys.map(k => k.key)).size, 20)
  await page.getByLabel('Show IkeConfig.Psk').click()
  assert.equal(await psk.getAttribute('type'), 'text')
  const masked = () => page.locator('#change-editor .cm-masked').count()
  assert.equal(await masked() > 0, true)
  await page.click('#change-reveal')
  assert.equal(await masked(), 0)
}))
