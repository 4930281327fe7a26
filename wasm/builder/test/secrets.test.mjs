// This file tests that the page shows a key only on request, and generates good ones.

import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { output, paste, root } from './harness.mjs'
import { selectInput, withPage } from './fixtures.mjs'

const key = 'BuilderTestKey2026NotASecret42'
const single = JSON.parse(readFileSync(join(root, 'shared/emulator/testdata/describe-single.json'), 'utf8'))

/** The text that the editor shows, and the text that it masks. */
async function seen(page, editor) {
  await page.locator(`#${editor} .cm-line`).first().waitFor()
  return page.locator(`#${editor} .cm-content`).evaluate(content => {
    const walk = document.createTreeWalker(content, NodeFilter.SHOW_TEXT)
    const parts = { clear: '', dots: '' }
    for (let node = walk.nextNode(); node; node = walk.nextNode()) parts[node.parentElement.closest('.cm-masked') ? 'dots' : 'clear'] += node.data
    return parts
  })
}

test('an editor masks a key in every form that it can have', withPage(async page => {
  const forms = [
    [`{"IkeConfig":{"Psk":"${key}"}}`, key],
    [`{"IkeConfig":{"psk":"${key}"}}`, key],
    [`{"IkeConfig":{"PSK ":"${key}"}}`, key],
    [`{"IkeConfig":{"\\u0050sk":"${key}"}}`, key],
    ['{"IkeConfig":{"Psk":7301234567890}}', '7301234567890'],
    [`{"IkeConfig":{"Psk":["${key}",{"a":7}]}}`, `${key}7`],
    [`{"IkeConfig":{"Psk":"abc\\"${key}"}}`, `abc\\"${key}`],
    [`{"IkeConfig":"{\\"Psk\\":\\"abc\\\\\\"${key}\\",\\"IkeVersion\\":\\"ikev2\\"}"}`, `abc\\\\\\"${key}`],
    [`{"IkeConfig":"{\\"\\\\u0050sk\\":\\"${key}\\"}"}`, key],
    [`{"IkeConfig":"{\\u0022Psk\\u0022:\\u0022${key}\\u0022}"}`, key],
    [`{"a": [1, {"b": "{\\"c\\":\\"{\\\\\\"psk\\\\\\":\\\\\\"${key}\\\\\\"}\\"}"}]}`, key],
    [`{"IkeConfig":{"Psk": "${key}`, key], // while it is being typed
    [`{"Name" "x", "IkeConfig": {"Psk": ${key}, "IkeVersion": "ikev2"`, key],
    [`{"IkeConfig":{"Psk":"${key}"}, "Name":"it's", Description:'a=b', 'LocalSubnet' "10.0.0.0/8", "RemoteSubnet"="10.1.0.0/16"}`, key],
    ['{"SecretId":"arn:aws:secretsmanager:eu-central-1:123456789012:secret:vpn/psk-AbCdEf","url":"https://a.example/?x=1"}', ''],
    ['{"ClientToken":"token-1","IkeConfig":{"Psk":"***","IkeVersion":"ikev2"},"a":"{{resolve:ssm-secure:/vpn/psk}}"}', ''],
  ]
  const almost = [
    `{IkeConfig:{Psk:"${key}"}}`, `{"IkeConfig":{"Psk"="${key}"}}`, `{"IkeConfig":{"Psk" "${key}"}}`, `{'IkeConfig':{'Psk':'${key}'}}`, `{"IkeConfig":{Psk ${key}}}`,
    `{"IkeConfig":{"Psk":,"${key}"}}`, `{"IkeConfig":{"Psk"::"${key}"}}`, `"Psk":} "${key}"`, `{"Psk": [1] "${key}"`, `{"Psk":"a":"${key}"}`, `Psk=${key}`, `# "Psk": "${key}"`,
    `{"IkeConfig":{"IkeVersion":"ikev2" "Psk" "${key}"}}`, `{"Name": "x, "Psk": "${key}"}`, `{Name: don't, "Psk": "${key}"}`, `{Name": "a", "Psk": "${key}"}`,
    `{"IkeConfig":"${key}"}`, `{"IkeConfig":["${key}"]}`, `{IkeConfig: ${key}}`, `{"IkeConfig":"\\"${key}\\""}`, `{"IkeConfig":"Psk=${key}"}`, `{"IkeConfig":"{Psk:'${key}'}"}`,
    `{"TunnelOptionsSpecification":"[{TunnelIkeConfig:{Psk:'${key}'}}]"}`, `{"detail":"psk=${key}"}`, `{"detail":"{psk: '${key}'}"}`, `{"detail":"\\u0022 it\\n's psk: ${key}"}`,
  ]
  for (const text of almost) {
    await paste(page, 'change-editor', text)
    const { clear, dots } = await seen(page, 'change-editor')
    assert.deepEqual([clear.includes('NotASecret'), dots.includes(key)], [false, true], text)
  }
  for (const [text, dots] of forms) {
    await paste(page, 'change-editor', text)
    const shown = await seen(page, 'change-editor')
    assert.equal(shown.dots, dots, text)
    assert.equal(shown.clear.length, text.length - dots.length)
  }
}))

test('a value in an event is masked when its name is usual for secrets, and a rule’s path to it is not', withPage(async page => {
  await selectInput(page, 'Event + rules')
  const names = ['k', 'key', 'ike_key', 'apiKey', 'preSharedKeyValue', 'pre-shared-key', 'shared_key', 'password', 'dbPasswd', 'passphrase', 'pwd', 'token', 'securityToken', 'secret', 'secrets', 'clientSecret', 'SecretString', 'secret_value', 'credentials']
  const values = Object.fromEntries(names.map((name, i) => [name, { value: `${key}-${i};` }]))
  await paste(page, 'event-editor', JSON.stringify({ source: 'x', detail: { ...values, SecretId: 'a', KeyId: 'b', routeKey: 'c' } }))
  assert.deepEqual((await seen(page, 'event-editor')).dots.split(';'), [...names.map((_, i) => `${key}-${i}`), ''])
  const rule = { name: 'a', match: { detail: { SecretId: ['x'], password: [{ exists: true }] } }, each: 'detail.secrets', from: { 'IkeConfig.Psk': 'detail.psk', VpnConnectionId: 'id' }, time: 'detail.keyTime', version: 'detail.secretVersion', credentials: 'site-a' }
  await paste(page, 'rules-editor', JSON.stringify({ rules: [{ ...rule, with: { 'Tunnel.1.TunnelIkeConfig.Psk': key, 'IkeConfig.Psk': '{{resolve:ssm-secure:/vpn/psk}}' } }] }))
  assert.equal((await seen(page, 'rules-editor')).dots, key)
  // Also when a comma or a bracket is missing.
  for (const text of [`{"rules":[{"from":{"IkeConfig":"detail.ike"} "with":{"IkeConfig.Psk":"${key}"}}]}`, `{"rules":[{"match":{"a":["x"], "with":{"IkeConfig.Psk":"${key}"}}]}`]) {
    await paste(page, 'rules-editor', text)
    assert.equal((await seen(page, 'rules-editor')).dots, key, text)
  }
}))

test('the completions of a rule show no key of the event', withPage(async page => {
  await selectInput(page, 'Event + rules')
  await paste(page, 'event-editor', JSON.stringify({ source: 'x', detail: { id: 'vco-1', k: key, site: { IkeConfig: JSON.stringify({ Psk: key }), password: [key] }, list: [{ id: 'vco-2', psk: key }] } }))
  for (const text of ['{"rules":[{"from":{"Name":"', '{"rules":[{"each":"detail.list","from":{"Name":"', '{"rules":[{"each":"', '{"rules":[{"time":"', '{"rules":[{"version":"', '{"rules":[{"match":{"', '{"rules":[{"match":{"detail":{"', '{"rules":[{"match":{"detail":{"k":[']) {
    await paste(page, 'rules-editor', text)
    await page.keyboard.press('Control+Space')
    await page.locator('.cm-tooltip-autocomplete li').first().waitFor()
    const all = (await page.locator('.cm-tooltip-autocomplete li').allInnerTexts()).join('\n')
    assert.equal(all.includes('Builder'), false, `${text}: ${all}`)
    if (text.includes('"from":{"Name":"')) assert.match(all, /detail\.k\s*"\*\*\*"[^]*detail\.site\.IkeConfig/)
    await page.keyboard.press('Escape')
  }
}))

test('the merged request shows no part of a key, with any characters', withPage(async page => {
  await selectInput(page, 'Current')
  await paste(page, 'current-editor', JSON.stringify(single))
  for (const Psk of [`abc"${key}`, `a\\${key}`, `a\\"${key}`, key]) {
    await paste(page, 'change-editor', JSON.stringify({ RegionId: 'cn-hangzhou', VpnConnectionId: single.VpnConnectionId, IkeConfig: { Psk } }))
    const merged = page.locator('#current-diff .merged')
    assert.match(await merged.innerText(), /"Psk":"\*\*\*"/)
    assert.doesNotMatch(await page.locator('#current-diff').innerText(), /Builder|NotASecret/, Psk)
    assert.doesNotMatch(await output(page, 'Parameters'), /Builder|NotASecret/, Psk)
    // The option of the output does not apply here.
    await page.check('#with-secrets')
    assert.doesNotMatch(await page.locator('#current-diff').innerText(), /Builder|NotASecret/, Psk)
    await page.uncheck('#with-secrets')
  }
}))

test('no field shows the current key', withPage(async page => {
  await paste(page, 'change-editor', '{"RegionId":"cn-hangzhou"}')
  await selectInput(page, 'Current')
  await paste(page, 'current-editor', JSON.stringify(single))
  assert.equal((await page.locator('#current-diff').innerText()).length > 0, true)
  await selectInput(page, 'Form')
  await page.locator('#form details').evaluateAll(all => all.forEach(d => (d.open = true)))
  assert.equal(await page.locator('[id="field-IkeConfig.Psk"]').getAttribute('placeholder'), 'current: ***')
  assert.equal((await page.locator('#form').innerHTML()).includes(single.IkeConfig.Psk), false)
}))

test('a key shown on request is visible, and that of another change is not', withPage(async page => {
  const change = Psk => JSON.stringify({ RegionId: 'cn-hangzhou', VpnConnectionId: 'vco-1', IkeConfig: { Psk } })
  const psk = page.locator('[id="field-IkeConfig.Psk"]')
  const seen = async () => [await psk.getAttribute('type'), await page.locator('#with-secrets').isChecked()]
  const others = {
    'another change': () => paste(page, 'change-editor', change(`x${key}`)),
    'an example': () => page.selectOption('#examples', 'eventbridge-psk'),
    'an event': async () => {
      await selectInput(page, 'Event + rules')
      await paste(page, 'event-editor', JSON.stringify({ source: 'x', 'detail-type': 'y', detail: JSON.parse(change(`y${key}`)) }))
    },
    'a link': () => page.evaluate(change => {
      const bytes = new Blob([JSON.stringify({ change })]).stream().pipeThrough(new CompressionStream('deflate-raw'))
      const opened = new Promise(resolve => addEventListener('hashchange', resolve, { once: true }))
      return new Response(bytes).bytes().then(b => (location.hash = '#v1.' + btoa(String.fromCharCode(...b)).replaceAll('+', '-').replaceAll('/', '_').replaceAll('=', ''))).then(() => opened)
    }, change(`z${key}`)),
  }
  for (const [what, replace] of Object.entries(others)) {
    await paste(page, 'change-editor', change(key))
    await page.check('#with-secrets')
    await page.getByLabel('Show IkeConfig.Psk').click()
    await page.fill('#field-Name', what)
    await psk.fill(`w${key}`)
    assert.deepEqual(await seen(), ['text', true], what)
    await replace()
    await selectInput(page, 'Form')
    await page.waitForFunction(old => document.getElementById('field-IkeConfig.Psk').value !== old, `w${key}`)
    assert.deepEqual(await seen(), ['password', false], what)
  }
}))

test('all characters of a new key are equally likely', withPage(async page => {
  await page.locator('#form details').evaluateAll(all => all.forEach(d => (d.open = true)))
  // 208 and 248 are the first bytes beyond the last whole multiple of 52 letters, and of 62 letters and digits.
  await page.evaluate(() => {
    const bytes = [208, 255, 51, ...Array(31).fill([248, 255, 61]).flat()]
    // The core reads more than one byte at a time.
    const own = crypto.getRandomValues.bind(crypto)
    crypto.getRandomValues = array => (array.length === 1 ? array.fill(bytes.shift()) : own(array))
  })
  await page.getByLabel('Generate IkeConfig.Psk').click()
  assert.equal(await page.locator('[id="field-IkeConfig.Psk"]').inputValue(), 'z' + '9'.repeat(31))
}))
