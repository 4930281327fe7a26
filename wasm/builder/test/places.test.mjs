// This file tests that each finding is at its place: at its field, in the gutter, under the text, in the list.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { changeText, output, paste, usePage } from './harness.mjs'
import { bad, browser, deep, example, field, selectInput, server, unfold, withPage } from './fixtures.mjs'

test('a bad value is reported at its field, in the gutter and under the text', withPage(async page => {
  await paste(page, 'change-editor', bad)
  await field(page, 'IkeConfig.Psk').getByText('blank').first().waitFor()
  assert.equal(await page.locator('[id="field-IkeConfig.IkeVersion"]').getAttribute('aria-invalid'), 'true')
  await page.locator('#change-editor .cm-lint-marker-error').first().waitFor()
  // The editor may render its markers again at any time, so the current one is read.
  await page.waitForFunction(() => {
    const mark = document.querySelector('#change-editor').shadowRoot.querySelector('.cm-lint-marker-error')
    return mark && getComputedStyle(mark, '::before').content === '"●"'
  })
  assert.equal(await page.locator('#change-editor .cm-lintRange-error').count() > 0, true)
  await page.click('#change-format')
  assert.equal(await page.locator('#change-editor .cm-lint-marker-error').count(), 2)
  assert.match(await output(page), /No request while there are errors/)
  await page.locator('#findings li.error .finding-link').first().click()
  assert.equal(await page.evaluate(() => document.activeElement.id), 'field-IkeConfig.Psk')
  const help = await page.locator('#findings li.error a').first().getAttribute('href')
  const reference = await page.context().newPage()
  await reference.goto(server.url + help)
  assert.equal(await reference.locator('article:target').count(), 1)
}))

test('text that is not JSON is reported where parsing stops, and the form is kept', withPage(async page => {
  await paste(page, 'change-editor', '{"RegionId": "cn-hangzhou",\n  nonsense')
  await page.getByText('The change is not valid JSON').waitFor()
  assert.equal(await page.locator('#findings li.error').count(), 1)
  await paste(page, 'change-editor', '{"RegionId": "cn-hangzhou"}')
  assert.equal(await page.locator('#field-RegionId').inputValue(), 'cn-hangzhou')
}))

test('JSON that nests too deeply is a finding like any other', withPage(async page => {
  const change = (n, more = '') => `{"RegionId":"cn-hangzhou","VpnConnectionId":"vco-1","Name":"a"${more},"X":${deep(n)}}`
  for (const text of ['['.repeat(20_000), change(20_000), change(64), change(20_000, ',/* " */"a":1'), '[},'.repeat(20_000)]) {
    await paste(page, 'change-editor', text)
    assert.match(await page.locator('#findings li.error').first().innerText(), /JSON/, text.slice(0, 90))
    assert.match(await output(page), /There is no request|No request/)
  }
  await paste(page, 'change-editor', change(63))
  assert.doesNotMatch(await page.locator('#findings').innerText(), /nested deeper/)
  await selectInput(page, 'Current')
  await paste(page, 'current-editor', '['.repeat(5000))
  await page.locator('#current-diff .note.error').waitFor()
  await paste(page, 'current-editor', '')
  await selectInput(page, 'Event + rules')
  await paste(page, 'event-editor', `{"detail":${deep(20_000)}}`)
  await page.locator('#explanation').getByText('nested deeper than 64').waitFor()
  await selectInput(page, 'Form')
  await paste(page, 'change-editor', JSON.stringify({ RegionId: 'cn-hangzhou', VpnConnectionId: 'vco-1', IkeConfig: `{"X":${deep(20_000)}}` }))
  await unfold(page)
  await page.locator('[id="field-IkeConfig.LocalId"]').fill('a.example')
  assert.deepEqual(JSON.parse(await changeText(page)).IkeConfig, { LocalId: 'a.example' })
}))

test('markers move along with the text, and disappear with their findings', withPage(async page => {
  const marks = () => page.locator('#change-editor .cm-lintRange-error').allInnerTexts()
  await paste(page, 'change-editor', '{"RegionId": "cn-hangzhou", "VpnConnectionId": "vco-1", "Name": "a", "LocalSubnet": "10.0.0.0/33", "RemoteSubnet": "10.0.0.0/24"}')
  assert.deepEqual(await marks(), ['"10.0.0.0/33"'])
  await page.locator('#field-Name').fill('longer')
  assert.deepEqual(await marks(), ['"10.0.0.0/33"'])
  await page.locator('#field-RemoteSubnet').fill('10.0.0.0/34')
  assert.deepEqual(await marks(), ['"10.0.0.0/33"', '"10.0.0.0/34"'])
  await page.locator('#field-LocalSubnet').fill('10.0.1.0/24')
  assert.deepEqual(await marks(), ['"10.0.0.0/34"'])
  await page.locator('#field-RemoteSubnet').fill('10.0.0.0/24')
  assert.deepEqual(await marks(), [])
}))

test('a finding links to its place in its document', withPage(async page => {
  const at = () => page.evaluate(() => {
    const { id, shadowRoot } = document.activeElement
    return [id, shadowRoot?.getSelection?.().toString() ?? '']
  })
  const marks = editor => page.locator(`#${editor} .cm-lintRange-error`).allInnerTexts()
  const lead = async () => {
    await selectInput(page, 'Form')
    await page.locator('#findings li.error .finding-link').first().click()
    return at()
  }
  await example(page, 'inventory-sites')
  const rules = more => JSON.stringify({ rules: [{ name: 'a', match: { source: ['com.example.inventory'] }, with: { RegionId: 'cn-hangzhou', VpnConnectionId: 'vco-1' }, ...more }] })
  await paste(page, 'rules-editor', rules({ fom: {} }))
  assert.deepEqual([await lead(), await marks('change-editor')], [['rules-editor', '"fom"'], []])
  // A path that finds nothing in the event.
  await paste(page, 'rules-editor', rules({ from: { Name: 'detail.nothing' } }))
  assert.deepEqual([await lead(), await marks('change-editor')], [['rules-editor', '"detail.nothing"'], []])
  // An event that can't be opened, as a whole and at a place.
  await paste(page, 'rules-editor', '{"rules":[]}')
  await paste(page, 'event-editor', '{"source": "a",\n nonsense')
  assert.deepEqual([(await lead())[0], await marks('change-editor')], ['event-editor', []])
  await selectInput(page, 'Event + rules')
  await paste(page, 'event-editor', JSON.stringify({ Records: [{ eventSource: 'aws:sqs', messageId: '1', body: 5 }] }))
  assert.deepEqual([await lead(), await marks('change-editor')], [['event-editor', '5'], []])
  const help = await page.locator('#findings li.error a').first().getAttribute('href')
  await page.goto(server.url + help)
  assert.equal(await page.locator('article:target').count(), 1)
}))

test('of many findings the first are rendered, and all on request', withPage(async page => {
  const many = n => JSON.stringify({ RegionId: 'cn-hangzhou', VpnConnectionId: 'vco-1', ...Object.fromEntries(Array.from({ length: n }, (_, i) => [`X${i}`, 1])) })
  const entries = () => page.locator('#findings-list li').count()
  await paste(page, 'change-editor', many(500))
  await page.getByText('more Show all').waitFor()
  assert.equal(await entries(), 100)
  const rest = Number(/and (\d+) more/.exec(await page.locator('#findings-list').innerText())[1])
  await page.getByRole('button', { name: 'Show all' }).click()
  assert.equal(await entries(), 100 + rest)
  await paste(page, 'change-editor', many(1))
  await paste(page, 'change-editor', many(500))
  assert.equal(await entries(), 100)
}))

test('a long change is formatted when the form edits it, and keeps its values', withPage(async page => {
  const change = { RegionId: 'cn-hangzhou', VpnConnectionId: 'vco-1', RemoteSubnet: Array.from({ length: 5000 }, (_, i) => `10.${i >> 8}.${i & 255}.0/24`) }
  await paste(page, 'change-editor', JSON.stringify(change))
  await page.fill('#field-Name', 'a')
  await page.click('#share')
  await page.waitForFunction(() => location.hash !== '')
  const shared = await page.evaluate(async () => {
    const bytes = Uint8Array.from(atob(location.hash.replace('#v1.', '').replaceAll('-', '+').replaceAll('_', '/')), c => c.charCodeAt(0))
    return new Response(new Blob([bytes]).stream().pipeThrough(new DecompressionStream('deflate-raw'))).text()
  })
  const text = JSON.parse(shared).change
  assert.equal(text, JSON.stringify({ RegionId: change.RegionId, VpnConnectionId: change.VpnConnectionId, Name: 'a', RemoteSubnet: change.RemoteSubnet }, null, 2))
}))

test('a finding about a name marks the name, not its value', withPage(async page => {
  await paste(page, 'change-editor', '{"RegionId": "cn-hangzhou", "VpnConnectionId": "vco-1", "RegionId": "cn-hangzhou", "Foo": 1, "IkeConfig": {"LocalIdIPsec": "a.example"}}')
  await page.locator('#change-editor .cm-lintRange-info').first().waitFor()
  const marks = await page.locator('#change-editor .cm-lintRange').allInnerTexts()
  assert.deepEqual(['"LocalIdIPsec"', '"a.example"', '"Foo"', '1'].map(t => marks.includes(t)), [true, false, true, false], String(marks))
}))

test('a wrong endpoint is reported with the core’s message, also at its field', withPage(async page => {
  await example(page, 'bare-single')
  await page.locator('.signing summary').click()
  const endpoint = page.locator('#endpoint')
  for (const wrong of ['foo bar', 'https://u:p@h.example/', 'https://h/path', '::1', 'h:99999']) {
    await endpoint.fill(wrong)
    for (const tab of ['curl', 'Terraform', 'Parameters', 'Signature']) assert.match(await output(page, tab), /endpoint: it must be a host/, `${wrong}: ${tab}`)
    assert.equal(await endpoint.getAttribute('aria-invalid'), 'true')
    assert.match(await page.locator('#findings li.error').innerText(), /must be a host/)
    assert.match(await page.evaluate(() => document.getElementById(document.getElementById('endpoint').getAttribute('aria-describedby')).innerText), /must be a host/)
  }
  await page.locator('.signing summary').click()
  await page.locator('#findings li.error .finding-link').click()
  assert.equal(await page.evaluate(() => document.activeElement.id), 'endpoint')
  await endpoint.fill('[::1]:8080')
  assert.equal(await page.locator('#findings li.error').count(), 0)
  assert.match(await output(page, 'curl'), /\| curl /)
  assert.equal(await endpoint.getAttribute('aria-invalid'), null)
}))

test('a long name in a finding stays within the panel', async () => {
  await usePage(browser, server.url, async page => {
    await paste(page, 'change-editor', JSON.stringify({ ['Unknown'.repeat(20)]: 1 }))
    const [inner, outer] = await page.evaluate(() => ['#findings-list .message', '#findings-list'].map(s => document.querySelector(s).getBoundingClientRect().right))
    assert.equal(inner <= outer, true, `${inner} ${outer}`)
    assert.equal(await page.evaluate(() => document.querySelector('#findings-list').scrollWidth <= innerWidth), true)
  }, { viewport: { width: 360, height: 780 } })
})

test('F8 goes from finding to finding', withPage(async page => {
  await paste(page, 'change-editor', bad)
  const at = () => page.evaluate(() => document.activeElement.id)
  const visited = []
  for (let i = 0; i < 4; i++) {
    await page.keyboard.press('F8')
    visited.push(await at())
  }
  assert.equal(visited.includes('field-IkeConfig.Psk') && visited.includes('field-IkeConfig.IkeVersion'), true, String(visited))
}))
