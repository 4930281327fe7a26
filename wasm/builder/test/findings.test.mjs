// This file tests the findings panel: fixes, filters, and the way from the request to what blocks it.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { changeText, output, paste } from './harness.mjs'
import { selectInput, withPage } from './fixtures.mjs'

const findings = page => page.locator('#findings')
const active = page => page.evaluate(() => document.activeElement.id)

test('what is not JSON is mended at a press where it can mean one thing', withPage(async page => {
  await paste(page, 'change-editor', "{'region_id': “cn-hangzhou”, // the region\n 'VpnConnectionId': 'vco-1',}")
  await findings(page).getByText('not JSON (line 1, column 2)').waitFor()
  await findings(page).getByRole('button', { name: 'Mend the JSON' }).press('Enter')
  assert.deepEqual(JSON.parse(await changeText(page)), { RegionId: 'cn-hangzhou', VpnConnectionId: 'vco-1' })
  await paste(page, 'change-editor', '{"RegionId": nonsense words')
  await findings(page).getByText('not JSON').waitFor()
  assert.equal(await findings(page).getByRole('button', { name: 'Mend the JSON' }).count(), 0)
}))

test('a JSON fault is marked where the finding says, also behind characters of two units', withPage(async page => {
  await paste(page, 'change-editor', '{"RegionId": "cn-hangzhou",\n"Name": "😀", VpnConnectionId: "vco-1"}')
  await findings(page).getByText('(line 2, column 14)').waitFor()
  await page.waitForFunction(() => document.querySelector('#change-editor').shadowRoot.querySelector('.cm-lintRange-error')?.textContent === 'V')
}))

test('a vendor’s names and values are fixed from the core’s data, one by one or all', withPage(async page => {
  const text = '{\n  "region_id": "cn-hangzhou",\n  "VpnConnectionId": "vco-1",\n  "IkeConfig": { "Psk":"BuilderTestKey2026NotASecret42", "IkeEncAlg":"AES-256", "ike_pfs": 14 }\n}'
  await paste(page, 'change-editor', text)
  const names = await findings(page).locator('.finding-meta').getByRole('button').allInnerTexts()
  for (const name of ['Rename to RegionId', 'Replace with "aes256"', 'Rename to IkePfs']) assert.equal(names.includes(name), true, String(names))
  await findings(page).getByRole('button', { name: 'Replace with "aes256"' }).click()
  assert.equal(await changeText(page), text.replace('AES-256', 'aes256'))
  assert.equal(await page.locator('#findings').getByText('RegionId is required').count(), 0, 'a misspelt name is told once')
  await findings(page).getByRole('button', { name: /^Fix all \d certain$/ }).press('Enter')
  // What else the author wrote stays as it was.
  assert.equal(await changeText(page), text.replace('AES-256', 'aes256').replace('region_id', 'RegionId').replace('"ike_pfs": 14', '"IkePfs": "group14"'))
  assert.equal(await findings(page).locator('li.error').count(), 0)
}))

test('findings are in the order of severity, and one severity can be shown alone', withPage(async page => {
  await paste(page, 'change-editor', '{"EffectImmediately":"True","RegionId":"cn-hangzhou","VpnConnectionId":"vco-1","LocalSubnet":"10.0.0.1/8","IkeConfig":{"IkeVersion":"ikev9","IkeEncAlg":"aes512"}}')
  const items = page.locator('#findings-list li')
  const kinds = async () => (await items.evaluateAll(all => all.map(li => li.className)))
  const order = ['error', 'warning', 'info']
  const all = await kinds()
  assert.deepEqual(all, all.toSorted((a, b) => order.indexOf(a) - order.indexOf(b)))
  assert.deepEqual([...new Set(all)], order)
  const filter = findings(page).getByRole('button', { name: /^Only \d errors?$/ })
  await filter.press('Enter')
  assert.deepEqual([...new Set(await kinds())], ['error'])
  assert.equal(await filter.getAttribute('aria-pressed'), 'true')
  await page.keyboard.press('F8')
  assert.match(await active(page), /^field-IkeConfig/)
  await filter.press('Enter')
  assert.deepEqual(await kinds(), all)
  // Where none of that severity is left, all are shown.
  await findings(page).getByRole('button', { name: /^Only \d errors?$/ }).click()
  await paste(page, 'change-editor', '{"RegionId":"cn-hangzhou","VpnConnectionId":"vco-1","LocalSubnet":"10.0.0.1/8"}')
  await items.first().waitFor()
  assert.equal((await kinds()).includes('warning'), true)
}))

test('the request names what blocks it, and leads there', withPage(async page => {
  await paste(page, 'change-editor', '{"RegionId":"cn-hangzhou","VpnConnectionId":"vco-1","IkeConfig":{"IkeVersion":"ikev9"}}')
  assert.match(await output(page), /No request while there are errors:[^]*IkeConfig\.IkeVersion is "ikev9"/)
  await page.locator('#output').getByRole('button', { name: /ikev9/ }).press('Enter')
  assert.equal(await active(page), 'field-IkeConfig.IkeVersion')
}))

test('rules with via take the event by the way that is given, and a link keeps it', withPage(async page => {
  await selectInput(page, 'Event + rules')
  await paste(page, 'event-editor', '{"site":"a"}')
  await paste(page, 'rules-editor', JSON.stringify({ rules: [{ name: 'hook', via: ['webhook:netbox'], match: { site: ['a'] }, with: { RegionId: 'cn-hangzhou', VpnConnectionId: 'vco-1', Name: 'n' } }] }))
  await page.getByText('no match').waitFor()
  await page.getByLabel('Came by').fill('webhook:netbox')
  await page.getByText('✓ matched').waitFor()
  assert.equal(JSON.parse(await changeText(page)).Name, 'n')
  await page.getByRole('button', { name: 'Share' }).click()
  await page.getByText('Link copied').waitFor()
  const link = await page.evaluate(() => location.href)
  const other = await page.context().newPage()
  await other.goto(link)
  await other.waitForSelector('html[data-ready]')
  await other.getByText('✓ matched').waitFor()
  assert.equal(await other.getByLabel('Came by').inputValue(), 'webhook:netbox')
  await other.close()
}))

test('the tests of a rule file run, and one that fails leads to its place', withPage(async page => {
  await page.selectOption('#examples', 'netbox-tunnel')
  await page.locator('#rule-tests').getByText(/^✓ \d+ tests? passed$/).waitFor()
  const rules = { rules: [{ name: 'r', match: { id: [{ exists: true }] }, with: { RegionId: 'cn-hangzhou', Name: 'n' }, from: { VpnConnectionId: 'id' } }],
    tests: [{ name: 'good', event: { id: 'vco-1' }, want: [{ RegionId: 'cn-hangzhou', VpnConnectionId: 'vco-1', Name: 'n' }] },
      { name: 'bad', event: { id: 'vco-1' }, want: [{ RegionId: 'cn-hangzhou', VpnConnectionId: 'vco-1', Name: 'm' }] },
      { name: 'elsewhere', event: 'mine.json', want: [] }] }
  await paste(page, 'rules-editor', JSON.stringify(rules, null, 1))
  await page.locator('#rule-tests').getByText('2 of 3 tests failed').waitFor()
  const failed = page.getByLabel('Tests that failed')
  assert.match(await failed.innerText(), /bad: the change is another one than wanted[^]*Name wanted m, got n[^]*elsewhere: the file mine.json is not given/)
  await failed.getByRole('button', { name: /^error: bad/ }).press('Enter')
  assert.equal(await active(page), 'rules-editor')
}))

test('findings of one kind about a list are one row, which is unfolded; what fixes one fixes all', withPage(async page => {
  const change = { RegionId: 'cn-hangzhou', VpnConnectionId: 'vco-1', LocalSubnet: Array.from({ length: 40 }, (_, i) => `2001:db8:${i + 1}::/48`), RemoteSubnet: Array.from({ length: 40 }, (_, i) => `10.${i}.0.9/24`).join(','), Foo: 1 }
  await paste(page, 'change-editor', JSON.stringify(change))
  const rows = page.locator('#findings-list > ul > li')
  const row = name => rows.filter({ has: page.getByRole('link', { name, exact: true }) })
  await row('subnet-ipv6').waitFor()
  assert.equal(await rows.count(), 3)
  assert.match(await row('subnet-ipv6').innerText(), /2001:db8:1::\/48 is an IPv6 block, and 39 more: 2001:db8:2::\/48, 2001:db8:3::\/48, …/)
  await findings(page).getByRole('button', { name: 'Only 80 warnings' }).waitFor()
  // The form, the marks in the editor and the keys take them together, too.
  assert.equal(await page.locator('[data-path=LocalSubnet] .note').count(), 1)
  const visited = []
  for (let i = 0; i < 3; i++) {
    await page.keyboard.press('F8')
    visited.push(await active(page))
  }
  assert.deepEqual(visited.slice(1), ['field-LocalSubnet', 'field-RemoteSubnet'])
  // Unfolded, each is there, and leads to its place.
  const unfold = row('subnet-ipv6').getByRole('button', { name: 'Show all 40' })
  await unfold.press('Enter')
  assert.equal(await row('subnet-ipv6').locator('li').count(), 40)
  await row('subnet-ipv6').locator('li').last().getByRole('button', { name: /2001:db8:40::/ }).press('Enter')
  assert.equal(await active(page), 'field-LocalSubnet')
  await row('subnet-ipv6').getByRole('button', { name: 'Fold' }).press('Enter')
  assert.equal(await row('subnet-ipv6').locator('li').count(), 0)
  await row('cidr-not-canonical').getByRole('button', { name: 'Clear the host bits' }).press('Enter')
  assert.deepEqual(JSON.parse(await changeText(page)), { ...change, RemoteSubnet: change.RemoteSubnet.replaceAll('.9/', '.0/') })
}))

test('each of the findings that were folded has its own fix, where they are at different places', withPage(async page => {
  await selectInput(page, 'Event + rules')
  await paste(page, 'rules-editor', JSON.stringify({ rules: ['a', 'b', 'c'].map(name => ({ name, mach: { id: ['1'] }, with: { RegionId: 'cn-hangzhou', VpnConnectionId: 'vco-1', Name: name } })) }))
  const list = page.getByLabel('Findings in the rules')
  await list.getByRole('button', { name: 'Show all 3' }).first().press('Enter')
  await list.getByRole('button', { name: 'Rename to match' }).last().press('Enter')
  await list.getByRole('button', { name: 'Rename to match' }).nth(1).waitFor()
  assert.equal(await list.getByRole('button', { name: 'Rename to match' }).count(), 2)
}))
