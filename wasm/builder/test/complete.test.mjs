// This file tests what the editors complete, mark and mask.

import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { changeText, paste, root } from './harness.mjs'
import { example, selectInput, withPage } from './fixtures.mjs'

const key = 'BuilderTestKey2026NotASecret42'

test('names and values complete from the table', withPage(async page => {
  await paste(page, 'change-editor', '{"Ike')
  await page.keyboard.press('Control+Space')
  await page.locator('.cm-tooltip-autocomplete li').first().waitFor()
  const names = await page.locator('.cm-tooltip-autocomplete li .cm-completionLabel').allInnerTexts()
  assert.equal(names[0], 'IkeConfig')
  await paste(page, 'change-editor', '{"IkeConfig": {"IkeVersion": "')
  await page.keyboard.press('Control+Space')
  await page.locator('.cm-tooltip-autocomplete li').first().waitFor()
  const values = await page.locator('.cm-tooltip-autocomplete li .cm-completionLabel').allInnerTexts()
  assert.deepEqual(values, ['ikev1', 'ikev2'])
}))

/** The completions of Ctrl+Space at the end of the text. */
async function proposals(page, editor, text) {
  await paste(page, editor, text)
  await page.keyboard.press('Control+Space')
  await page.locator('.cm-tooltip-autocomplete li').first().waitFor()
  const labels = await page.locator('.cm-tooltip-autocomplete li .cm-completionLabel').allInnerTexts()
  await page.keyboard.press('Escape')
  return labels
}

test('a rule completes keys, parameters, operators, and paths of the event', withPage(async page => {
  await example(page, 'inventory-sites')
  const of = text => proposals(page, 'rules-editor', text)
  const keys = await of('{"rules": [{"')
  const schema = JSON.parse(readFileSync(join(root, 'shared/core/rules/rules.schema.json'), 'utf8'))
  assert.deepEqual(keys.toSorted(), Object.keys(schema.$defs.rule.properties).toSorted())
  assert.equal((await of('{"rules": [{"with": {"Tunnel.2.TunnelIkeConfig.Ps'))[0], 'Tunnel.2.TunnelIkeConfig.Psk')
  assert.deepEqual(await of('{"rules": [{"with": {"IkeConfig.IkeVersion": "'), ['ikev1', 'ikev2'])
  assert.deepEqual(await of('{"rules": [{"with": {"IkeConfig": {"IkeVersion": "'), ['ikev1', 'ikev2'])
  assert.match((await of('{"rules": [{"with": {"Tunnel.1.TunnelIkeConfig.Psk": "'))[0], /^\{\{resolve:secretsmanager:/)
  assert.deepEqual(await of('{"rules": [{"each": "'), ['detail.sites', 'resources'])
  const from = await of('{"rules": [{"each": "detail.sites", "from": {"RemoteSubnet": "')
  assert.equal(['networks', 'vpn.id', '$.detail-type'].every(p => from.includes(p)), true, String(from))
  assert.equal((await of('{"rules": [{"match": {"')).includes('detail-type'), true)
  const conditions = await of('{"rules": [{"match": {"source": [')
  assert.equal(conditions[0] === '"com.example.inventory"' && ['prefix', 'wildcard', 'anything-but', 'cidr'].every(o => conditions.includes(o)), true, String(conditions))
}))

test('a rule completed is a rule that works', withPage(async page => {
  await example(page, 'inventory-sites')
  await paste(page, 'rules-editor', '{"rules": [{"name": "a", "match": {"source": ["com.example.inventory"]}, "each": "detail.sites", "from": {"RegionId": "vpn.region", "VpnConnectionId": "vpn.id", "Na')
  await page.locator('.cm-tooltip-autocomplete li').filter({ hasText: /^Name/ }).click()
  await page.keyboard.type('"lab')
  await page.locator('.cm-tooltip-autocomplete li').filter({ hasText: /^label/ }).click()
  await page.keyboard.press('End')
  await page.keyboard.type('}}]}')
  await page.getByText('✓ matched').waitFor()
  assert.equal(JSON.parse(await changeText(page)).Name, 'site-a')
}))

test('findings of a rule file are at their places, with and without an event', withPage(async page => {
  await selectInput(page, 'Event + rules')
  const file = '{"rules": [{\n"name": "a",\n"match": {"detail": {"n": [{"numeric": [">", 5, "<", 3]}]}},\n"fom": {},\n"with": {"RegionId": "cn-hangzhou", "VpnConnectionId": "vco-1",\n"IkeConfig.Pks": "x"}}]}'
  const marked = async () => {
    await page.locator('#rules-editor .cm-lintRange-error').first().waitFor()
    return page.locator('#rules-editor .cm-lintRange-error').allInnerTexts()
  }
  const gutter = () => page.locator('#rules-editor .cm-lint-marker-error').count()
  await paste(page, 'rules-editor', file)
  assert.deepEqual((await marked()).toSorted(), ['"IkeConfig.Pks"', '"fom"', '"numeric"'])
  assert.equal(await gutter(), 3)
  await page.locator('#explanation').getByRole('button', { name: 'unknown key' }).click()
  assert.deepEqual(await page.evaluate(() => {
    const { id, shadowRoot } = document.activeElement
    return [id, shadowRoot.getSelection?.().toString() || shadowRoot.querySelector('.cm-selectionBackground') !== null]
  }), ['rules-editor', '"fom"'])
  const help = await page.locator('#explanation a').first().getAttribute('href')
  assert.match(help, /findings\.html#/)
  await paste(page, 'event-editor', '{"source":"com.example"}')
  assert.equal((await marked()).length, 3)
  await paste(page, 'rules-editor', file.replace('"fom": {},', '').replace('"<", 3', '"<", 9').replace('IkeConfig.Pks": "x"', 'IkeConfig.IkeMode": "main"'))
  assert.equal(await gutter(), 0)
  await paste(page, 'rules-editor', '{"rules": [}')
  assert.equal(await gutter(), 1)
}))

test('a key in a rule or in a Describe response is visible only on request', withPage(async page => {
  await selectInput(page, 'Event + rules')
  await paste(page, 'rules-editor', JSON.stringify({ rules: [{ name: 'a', with: { 'Tunnel.1.TunnelIkeConfig.Psk': key } }] }))
  const masked = editor => page.locator(`#${editor} .cm-masked`).count()
  assert.equal(await masked('rules-editor'), 1)
  await page.click('#rules-reveal')
  assert.equal(await masked('rules-editor'), 0)
  await selectInput(page, 'Current')
  await page.getByRole('button', { name: 'Example: single' }).click()
  assert.equal(await masked('current-editor'), 1)
  await page.click('#current-reveal')
  assert.equal(await masked('current-editor'), 0)
}))
