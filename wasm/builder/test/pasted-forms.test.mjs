// This file tests what is pasted and dropped in a form that is not quite the one it should have, or where it does not belong.

import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { changeText, root } from './harness.mjs'
import { selectInput, withPage } from './fixtures.mjs'

const read = name => readFileSync(join(root, name), 'utf8')
const current = read('shared/emulator/testdata/describe-dual.json')
const event = read('events/eventbridge-psk.json')
const payload = read('events/netbox-tunnel.json')
const rules = read('events/rules/netbox.json')
const change = '{"RegionId": "cn-hangzhou", "VpnConnectionId": "vco-localsingle", "Name": "x"}'

async function pasteAt(page, selector, text) {
  await page.evaluate(text => navigator.clipboard.writeText(text), text)
  await page.locator(selector).click()
  await page.keyboard.press('ControlOrMeta+v')
}
const says = (page, text) => page.locator('#status').getByText(text).waitFor()
const undo = page => page.locator('#status').getByRole('button', { name: 'Undo', exact: true }).press('Enter')

/** The whole text of an editor, with its keys as ***. */
async function editorText(page, id) {
  await page.locator(`#${id} .cm-content`).focus()
  await page.keyboard.press('ControlOrMeta+a')
  await page.keyboard.press('ControlOrMeta+c')
  return page.evaluate(() => navigator.clipboard.readText())
}

/** What a document says, apart from its texts. */
const shape = text => JSON.parse(text, (_, value) => (typeof value === 'string' ? 'text' : value))
const drop = (page, at, files) => page.evaluate(([at, files]) => {
  const dataTransfer = new DataTransfer()
  for (const [name, text] of files) dataTransfer.items.add(new File([typeof text === 'string' ? text : new Uint8Array(text)], name))
  const host = document.querySelector(at)
  ;(host.shadowRoot?.querySelector('.cm-content') ?? host).dispatchEvent(new DragEvent('drop', { dataTransfer, bubbles: true, cancelable: true, composed: true }))
}, [at, files])

test('what is not JSON yet goes where it belongs, and is offered mended', withPage(async page => {
  for (const [text, kind, editor, want] of [
    [`// as it is now\n${current}`, 'the current configuration', 'current-editor', current],
    [current.replaceAll('"', '“'), 'the current configuration', 'current-editor', current],
    [event.replaceAll('"', "'").replace(/\}\s*$/, ',}'), 'an event', 'event-editor', event],
    [payload.replace(/\}\s*$/, ',}'), 'an event', 'event-editor', payload],
    [`/* ours */ ${rules}`, 'a rule file', 'rules-editor', rules],
    [change.replaceAll('"', "'").replace('}', ', "EffectImmediately": True, }'), 'a change', 'change-editor', change.replace('}', ', "EffectImmediately": true }')],
  ]) {
    await pasteAt(page, 'h1', text)
    await says(page, `This is ${kind} that is not JSON yet`)
    await page.locator('#status').getByRole('button', { name: 'Mend the JSON' }).press('Enter')
    await says(page, 'The JSON was mended.')
    assert.deepEqual(shape(await editorText(page, editor)), shape(want), kind)
    await undo(page)
    const back = await editorText(page, editor)
    assert.throws(() => JSON.parse(back), kind)
  }
}))

test('a finding about a document that is not JSON mends it, whichever document it is', withPage(async page => {
  for (const [editor, text, tab, list] of [
    ['change-editor', change.replace('}', ',}'), 'Form', '#findings-list'],
    ['event-editor', event.replace(/\}\s*$/, ',}'), 'Event', '#findings-list'],
    ['current-editor', current.replace(/\}\s*$/, ',}'), 'Current', '#findings-list'],
    ['rules-editor', rules.replace(/\}\s*$/, ',}'), 'Event', '#explanation'],
  ]) {
    await selectInput(page, tab)
    await pasteAt(page, `#${editor} .cm-content`, text)
    await page.locator(list).getByRole('button', { name: 'Mend the JSON' }).press('Enter')
    JSON.parse(await editorText(page, editor))
  }
}))

test('what no editor or field can take goes where it belongs, and the rest stays', withPage(async page => {
  await pasteAt(page, '#change-editor .cm-content', change)
  await pasteAt(page, '#change-editor .cm-content', current)
  await says(page, 'This is the current configuration')
  assert.deepEqual(JSON.parse(await changeText(page)), JSON.parse(change))
  await undo(page)
  // All of a document is replaced: so it may as well be another one.
  await page.locator('#change-editor .cm-content').click()
  await page.keyboard.press('ControlOrMeta+a')
  await page.evaluate(text => navigator.clipboard.writeText(text), payload)
  await page.keyboard.press('ControlOrMeta+v')
  await says(page, 'This is an event')
  assert.deepEqual(shape(await editorText(page, 'event-editor')), shape(payload))
  await undo(page)
  await selectInput(page, 'Form')
  await pasteAt(page, '#field-Name', current)
  await says(page, 'This is the current configuration')
  await undo(page)
  await selectInput(page, 'Form')
  assert.equal(await page.inputValue('#field-Name'), 'x')
  await page.locator('#form details[data-section="Phase 1"] > summary').click()
  await pasteAt(page, '[data-path="IkeConfig.Psk"] input', change)
  assert.equal(JSON.parse(await changeText(page)).IkeConfig.Psk, change)
}))

test('what was put around a document is taken off', withPage(async page => {
  for (const [text, kind, editor, want] of [
    [`\ufeff${change}`, 'a change', 'change-editor', change],
    [`\`\`\`json\n${change}\n\`\`\``, 'a change', 'change-editor', change],
    [JSON.stringify(change), 'a change', 'change-editor', change],
    [`$ aliyun vpc DescribeVpnConnection --RegionId cn-hangzhou\n${current}`, 'the current configuration', 'current-editor', current],
    [JSON.stringify(JSON.parse(rules).rules), 'a list of rules', 'rules-editor', JSON.stringify({ rules: JSON.parse(rules).rules })],
    [`[${change}, ${change}]`, 'an event', 'event-editor', `[${change}, ${change}]`],
  ]) {
    await pasteAt(page, 'h1', text)
    await says(page, `This is ${kind}: `)
    assert.deepEqual(shape(await editorText(page, editor)), shape(want), text)
    await undo(page)
  }
}))

test('what is nothing known is told, and takes the place of nothing', withPage(async page => {
  await pasteAt(page, '#change-editor .cm-content', change)
  for (const [text, why] of [
    ['Please rotate the key of site A.', /This is not a change[^.]*\.$/],
    [current.slice(0, 300), /It is not JSON \(line \d+, column \d+\)/],
    ['RegionId: cn-hangzhou\nName: x', /looks like YAML/],
    ['42', /This is not a change/],
    ['{}', /This is not a change/],
    ["aliyun vpc ModifyVpnAttachmentAttribute --body '{}'", /is an aliyun command, but no parameter of a change can be read in it\. Not read: line 1: the option body/],
  ]) {
    await pasteAt(page, 'h1', text)
    await page.locator('#status').getByText(why).waitFor()
    assert.equal(await changeText(page), change)
  }
}))

test('several files go where they belong, also when dropped on an editor, and one press takes them back', withPage(async page => {
  await pasteAt(page, '#change-editor .cm-content', change)
  await drop(page, '#change-editor', [['now.json', current], ['rules.json', rules], ['event.json', event], ['second.json', event], ['logo.png', [137, 80, 78, 71, 13, 10, 26, 10, 0, 0, 255]]])
  await says(page, 'now.json is the current configuration. rules.json is a rule file. event.json is an event. second.json is left out: an event is there from another file. logo.png is not a change')
  assert.deepEqual(shape(await editorText(page, 'event-editor')), shape(event))
  assert.match(await page.locator('#verdict').innerText(), /vco-localdual/)
  await undo(page)
  assert.equal(await changeText(page), change)
  assert.match(await page.locator('#verdict').innerText(), /not given/)
}))
