// This file tests that what is pasted or dropped anywhere goes where it belongs.

import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { changeText, root } from './harness.mjs'
import { selectInput, withPage } from './fixtures.mjs'

const read = name => readFileSync(join(root, name), 'utf8')
const current = read('shared/emulator/testdata/describe-single.json')
const event = read('events/eventbridge-psk.json')
const rules = read('events/rules/netbox.json')
const change = read('events/bare-single.json')
const editorText = (page, id) => page.evaluate(id => document.querySelector(`#${id}`).shadowRoot?.querySelector('.cm-content').innerText ?? '', id)

async function pasteAt(page, selector, text) {
  await page.evaluate(text => navigator.clipboard.writeText(text), text)
  await page.locator(selector).click()
  await page.keyboard.press('ControlOrMeta+v')
}

test('what is pasted into the wrong editor goes where it belongs, and can be undone', withPage(async page => {
  const pasted = [
    [current, 'This is the current configuration', 'current-editor', /localsingle/],
    [`[${current},${read('shared/emulator/testdata/describe-dual.json')}]`, 'This is the current configuration', 'current-editor', /AttachInstanceId/],
    [event, 'This is an event', 'event-editor', /6a7e8feb/],
    [rules, 'This is a rule file', 'rules-editor', /netbox/],
  ]
  for (const [text, says, editor, holds] of pasted) {
    await page.evaluate(() => localStorage.setItem('vpnattach-keep', 'off'))
    await page.reload()
    await page.waitForSelector('html[data-ready]')
    await pasteAt(page, '#change-editor .cm-content', text)
    await page.locator('#status').getByText(says).waitFor()
    assert.match(await editorText(page, editor), holds)
  }
  await selectInput(page, 'Current')
  await pasteAt(page, '#current-editor .cm-content', change)
  await page.locator('#status').getByText('This is a change').waitFor()
  assert.deepEqual(JSON.parse(await changeText(page)), JSON.parse(change))
  await page.getByRole('button', { name: 'Undo', exact: true }).press('Enter')
  assert.equal(await changeText(page), '')
}))

test('commands and Terraform files are read as changes, and what is not read is said', withPage(async page => {
  await pasteAt(page, 'h1', current)
  await page.locator('#status').getByText('This is the current configuration').waitFor()
  const before = await changeText(page)
  const snippet = name => read(`shared/core/snippet/testdata/${name}.txt`)
  for (const [text, says, holds] of [
    [snippet('single-redacted/aliyun'), /This is an aliyun command: it is the change now. Not read: line \d+: IkeConfig.Psk is a variable/, /vco-localsingle/],
    [snippet('dual/curl'), /This is a curl command: it is the change now\.(?! Not read)/, /vco-localdual/],
    [snippet('dual-redacted/terraform'), /This is a Terraform resource: .*line \d+: tunnel_ike_config.psk is not a plain value; line/, /vco-localdual/],
  ]) {
    await pasteAt(page, 'h1', text)
    await page.locator('#status').getByText(says).waitFor()
    assert.match(await changeText(page), holds)
    await page.getByRole('button', { name: 'Undo', exact: true }).press('Enter')
    assert.equal(await changeText(page), before)
  }
}))

test('a part of a text, and what is nothing known, is pasted where it was meant to go', withPage(async page => {
  page.on('dialog', d => d.accept())
  await pasteAt(page, '#change-editor .cm-content', '{"Name": "n", "hello": 1')
  assert.equal(await changeText(page), '{"Name": "n", "hello": 1')
  await pasteAt(page, '#change-editor .cm-content', ', "more": {"VpnConnectionId": "vco-1"}}')
  assert.match(await changeText(page), /"hello": 1, "more": /)
}))

test('a file that is dropped goes where it belongs', withPage(async page => {
  const drop = (name, text) => page.evaluate(([name, text]) => {
    const dataTransfer = new DataTransfer()
    dataTransfer.items.add(new File([text], name))
    document.querySelector('main').dispatchEvent(new DragEvent('drop', { dataTransfer, bubbles: true, cancelable: true }))
  }, [name, text])
  await drop('now.json', current)
  await page.locator('#status').getByText('now.json is the current configuration').waitFor()
  await page.locator('#verdict').getByText('vco-localsingle').waitFor()
  await drop('notes.txt', 'hello')
  await page.locator('#status').getByText('notes.txt is not a change').waitFor()
}))
