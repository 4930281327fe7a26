// This file tests the page as a person uses it.

import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { createHash, createHmac } from 'node:crypto'
import { cpSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { brotliDecompressSync, deflateRawSync, gunzipSync } from 'node:zlib'
import { AxeBuilder } from '@axe-core/playwright'
import { changeText, close, open, output, paste, root, screenshots, serve, site, usePage } from './harness.mjs'
import { credentials, describe, startEmulator } from './emulator.mjs'
import { allValues, browser, selectInput, server, withPage } from './fixtures.mjs'

const key = 'BuilderTestKey2026NotASecret42'
const bad = '{"RegionId":"cn-hangzhou","VpnConnectionId":"vco-localsingle","IkeConfig":{"Psk":"has a blank","IkeVersion":"ikev9"}}'

mkdirSync(screenshots, { recursive: true })

const field = (page, path) => page.locator(`[data-path="${path}"]`)
const example = (page, name) => page.selectOption('#examples', name)

/** Opens all sections of the form. */
const unfold = page => page.evaluate(() => document.querySelectorAll('#form details').forEach(d => (d.open = true)))

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

const deep = n => '['.repeat(n) + ']'.repeat(n)

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

test('a field replaces a value that is not an object', withPage(async page => {
  for (const value of ['"hello"', 'null', '5']) {
    await paste(page, 'change-editor', `{"IkeConfig":${value},"RegionId":"cn-hangzhou"}`)
    await unfold(page)
    await page.locator('[id="field-IkeConfig.LocalId"]').fill('a.example')
    assert.deepEqual(JSON.parse(await changeText(page)), { IkeConfig: { LocalId: 'a.example' }, RegionId: 'cn-hangzhou' })
  }
}))

test('an unambiguous fix is one click', withPage(async page => {
  await paste(page, 'change-editor', '{"RegionId":"cn-hangzhou","VpnConnectionId":"vco-1","LocalSubnet":"10.1.1.9/24,10.1.1.0/24","RemoteSubnet":["192.168.7.1/24"],"EffectImmediately":"true","BgpConfig":{"LocalAsn":"1.10"},"IkeConfig":{"LocalIdIPsec":"198.51.100.1"},"HealthCheckConfig":{"Enable":false}}')
  await page.getByRole('button', { name: 'Rename to LocalId' }).click()
  assert.deepEqual(JSON.parse(await changeText(page)).IkeConfig, { LocalId: '198.51.100.1' })
  await page.getByRole('button', { name: /^Fix all \d/ }).click()
  // A block with host bits may be meant as one address, so it is not certain, and has a button of its own.
  assert.deepEqual(JSON.parse(await changeText(page)).RemoteSubnet, ['192.168.7.1/24'])
  await page.getByRole('button', { name: 'Clear the host bits' }).click()
  const { LocalSubnet, RemoteSubnet, EffectImmediately, BgpConfig, HealthCheckConfig } = JSON.parse(await changeText(page))
  assert.deepEqual({ LocalSubnet, RemoteSubnet, EffectImmediately, BgpConfig, HealthCheckConfig }, {
    LocalSubnet: '10.1.1.0/24', RemoteSubnet: ['192.168.7.0/24'], EffectImmediately: true, BgpConfig: { LocalAsn: 65546 }, HealthCheckConfig: { enable: false },
  })
  assert.equal(await page.locator('#findings').getByRole('button', { name: /^Fix|^Rename|^Remove|^Clear|^Replace/ }).count(), 0)
}))

const focusedText = page => page.evaluate(() => document.activeElement.innerText)

test('after a fix the focus is on the next finding, so that pressing a key twice fixes once', withPage(async page => {
  await paste(page, 'change-editor', '{"RegionId":"cn-hangzhou","VpnConnectionId":"vco-1","LocalSubnet":"10.1.1.9/24","RemoteSubnet":"192.168.7.1/24","EffectImmediately":"True","EnableDpd":"False"}')
  const buttons = page.locator('#findings-list .finding-meta button')
  const all = page.getByRole('button', { name: 'Fix all 2 certain' })
  assert.equal(await all.getAttribute('title'), 'EffectImmediately: Replace with true; EnableDpd: Replace with false')
  await buttons.first().focus()
  await page.keyboard.press('Enter')
  assert.equal(await buttons.count(), 3)
  assert.equal(await focusedText(page), await page.locator('#findings-list .finding-link').first().innerText())
  assert.equal(await page.locator('#status').innerText(), 'Fixed: Clear the host bits.')
  await page.keyboard.press('Enter')
  assert.equal(await buttons.count(), 3)
  assert.equal(await page.evaluate(() => document.activeElement.id), 'field-RemoteSubnet')
  await buttons.last().focus()
  await page.keyboard.press('Enter')
  assert.equal(await focusedText(page), await page.locator('#findings-list .finding-link').last().innerText())
  await page.keyboard.press('Shift+Tab')
  await paste(page, 'change-editor', '{"RegionId":"cn-hangzhou","VpnConnectionId":"vco-1","EffectImmediately":"True","EnableDpd":"False"}')
  await page.getByRole('button', { name: 'Fix all 2 certain' }).focus()
  await page.keyboard.press('Enter')
  assert.equal(await page.evaluate(() => document.activeElement.id), 'findings-title')
}))

test('what replaced a button has the focus, since the button is gone', withPage(async page => {
  const at = () => page.evaluate(() => document.activeElement.id)
  const pressed = async name => {
    await page.getByRole('button', { name }).focus()
    await page.keyboard.press('Enter')
    return at()
  }
  await selectInput(page, 'Current')
  assert.equal(await pressed('Example: single'), 'input-panel')
  for (const [name, id] of [['Revert to the event', 'change-title'], ['Create an event from the change', 'input-panel']]) {
    await example(page, 'inventory-sites')
    await paste(page, 'change-editor', '{"RegionId":"cn-hangzhou","VpnConnectionId":"vco-1"}')
    assert.equal(await pressed(name), id)
  }
}))

test('of duplicate blocks the one in canonical form stays', withPage(async page => {
  const forms = [
    ['10.0.0.1/8, 10.0.0.0/8', '10.0.0.0/8'],
    [['10.0.0.1/8', '10.0.0.0/8', '10.1.0.0/16'], ['10.0.0.0/8', '10.1.0.0/16']],
    [['10.1.0.0/16', '10.0.0.0/8', '10.0.0.1/8'], ['10.1.0.0/16', '10.0.0.0/8']],
    ['10.0.0.1/8,10.0.0.2/8', '10.0.0.1/8'],
  ]
  for (const [RemoteSubnet, want] of forms) {
    await paste(page, 'change-editor', JSON.stringify({ RegionId: 'cn-hangzhou', VpnConnectionId: 'vco-1', RemoteSubnet }))
    await page.getByRole('button', { name: 'Remove duplicates', exact: true }).first().click()
    assert.deepEqual(JSON.parse(await changeText(page)).RemoteSubnet, want)
    assert.equal(await page.getByRole('button', { name: 'Remove duplicates', exact: true }).count(), 0)
  }
  await paste(page, 'change-editor', JSON.stringify({ RegionId: 'cn-hangzhou', VpnConnectionId: 'vco-1', LocalSubnet: '10.0.0.1/0', RemoteSubnet: '255.255.255.255/1, 10.0.0.1/8' }))
  for (const name of ['LocalSubnet', 'RemoteSubnet']) await page.locator('#findings li').filter({ hasText: name }).getByRole('button', { name: 'Clear the host bits' }).first().click()
  const { LocalSubnet, RemoteSubnet } = JSON.parse(await changeText(page))
  assert.deepEqual([LocalSubnet, RemoteSubnet], ['0.0.0.0/0', '128.0.0.0/1,10.0.0.0/8'])
}))

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

test('every output format has a text, without secrets by default', withPage(async page => {
  await example(page, 'eventbridge-psk')
  const psk = 'ExamplePskSiteANov2026NotASecret'
  const names = await page.locator('#output [role=tab]').allInnerTexts()
  for (const name of names) {
    const text = await output(page, name)
    assert.equal(text.length > 40 && !text.includes(psk), true, name)
  }
  assert.match(await output(page, 'Signature'), /Canonical request[^]*ModifyVpnAttachmentAttribute[^]*ACS3-HMAC-SHA256/)
  await page.check('#with-secrets')
  assert.match(await output(page, 'curl'), /Enter an access key/)
  await page.locator('.signing summary').click()
  await page.fill('#accessKeyId', 'testid')
  await page.fill('#accessKeySecret', 'testsecret')
  assert.match(await output(page), new RegExp(psk))
  assert.match(await output(page, 'Signature'), /Signature=[0-9a-f]{64}/)
  await page.selectOption('#signature-version', 'v1')
  assert.match(await output(page, 'Signature'), /HMAC-SHA1[^]*Signature=[^*]/)
}))

test('the current configuration gives a diff, the merged request, and values for the form', withPage(async page => {
  await selectInput(page, 'Current')
  await paste(page, 'current-editor', readFileSync(join(root, 'shared/emulator/testdata/describe-dual.json'), 'utf8'))
  await selectInput(page, 'Form')
  assert.equal(await page.locator('#field-VpnConnectionId').inputValue(), 'vco-localdual')
  assert.equal(await page.locator('#field-RegionId').inputValue(), 'cn-hangzhou')
  assert.equal(await page.getByRole('radio', { name: 'Dual tunnel' }).isChecked(), true)
  await page.locator('[id="field-TunnelOptionsSpecification[0].TunnelIkeConfig.IkeLifetime"]').fill('3600')
  await selectInput(page, 'Current')
  const table = page.locator('#current-diff .compare')
  assert.deepEqual(await table.locator('tr.differs').evaluateAll(all => all.map(r => [...r.children].map(c => c.innerText.trim()))), [['IkeLifetime', '28800', '3600']])
  assert.match(await table.locator('[data-group="Tunnel 1, Phase 1"]').innerText(), /1 of 9 differs[^]*Psk\s+\*\*\*\s+\*\*\*/)
  assert.equal(await table.locator('[data-group="Tunnel 2, Phase 1"] tr').count(), 1)
  await page.getByLabel('Show all fields').check()
  assert.match(await table.locator('[data-group="Tunnel 2, Phase 1"]').innerText(), /9 unchanged[^]*IkeLifetime\s+28800\s+28800/)
  const merged = await page.locator('#current-diff .merged').innerText()
  assert.match(merged, /TunnelIkeConfig\.Psk\s+\*\*\*/)
  assert.match(merged, /TunnelIkeConfig\.IkeEncAlg\s+aes256/)
  assert.doesNotMatch(await page.locator('#current-diff').innerText(), /local-dual-key/)
  // An item is found by its TunnelId, at any position.
  await paste(page, 'change-editor', '{"RegionId":"cn-hangzhou","VpnConnectionId":"vco-localdual","TunnelOptionsSpecification":[{"TunnelId":"tun-localdual2","TunnelIkeConfig":{"IkeLifetime":3600}}]}')
  await table.locator('[data-group="Tunnel 2, Phase 1"] tr.differs').getByRole('button', { name: 'IkeLifetime' }).click()
  assert.equal(await page.evaluate(() => document.activeElement.id), 'field-TunnelOptionsSpecification[0].TunnelIkeConfig.IkeLifetime')
}))

test('current and proposed are next to each other, also in a narrow window', async () => {
  for (const width of [1440, 360]) {
    await usePage(browser, server.url, async page => {
      await selectInput(page, 'Current')
      await page.getByRole('button', { name: 'Example: dual' }).click()
      await paste(page, 'change-editor', '{"RegionId":"cn-hangzhou","VpnConnectionId":"vco-localdual","Name":"site-b","TunnelOptionsSpecification":[{"TunnelIndex":2,"TunnelIkeConfig":{"Psk":"BuilderTestKey2026NotASecret42","IkeLifetime":3600},"TunnelBgpConfig":{"LocalAsn":65010}}]}')
      await page.locator('#current-diff tr.differs').first().waitFor()
      const places = await page.locator('#current-diff tr.differs').evaluateAll(all => all.map(r => {
        const [name, from, to] = [...r.children].map(c => c.getBoundingClientRect())
        return { part: r.closest('tbody').dataset.group, field: r.children[0].innerText.trim(), level: from.top === to.top && from.bottom === to.bottom, apart: from.right <= to.left, above: name.bottom <= from.top, width: from.width, inside: to.right <= innerWidth }
      }))
      assert.deepEqual(places.map(p => `${p.part}: ${p.field}`), ['Connection: Name', 'Tunnel 2, Phase 1: Psk', 'Tunnel 2, Phase 1: IkeLifetime', 'Tunnel 2, BGP: LocalAsn'])
      assert.match(await page.locator('[data-field$="TunnelIkeConfig.Psk"]').innerText(), /Psk\s+\*\*\*\s+replaced$/)
      for (const p of places) assert.deepEqual([p.level, p.apart, p.above, p.width > 90, p.inside], [true, true, width === 360, true, true], JSON.stringify(p))
    }, { viewport: { width, height: 900 } })
  }
})

test('values in the Describe response need not be entered again', withPage(async page => {
  const { ZoneNo: _, ...dual } = JSON.parse(readFileSync(join(root, 'shared/emulator/testdata/describe-dual.json'), 'utf8'))
  const zones = [['cn-hangzhou-b', 'cn-hangzhou'], ['eu-central-1a', 'eu-central-1']]
  for (const [zone, region] of zones) {
    await paste(page, 'change-editor', '')
    await selectInput(page, 'Current')
    await paste(page, 'current-editor', JSON.stringify(dual).replaceAll(/"ZoneNo":"[^"]*"/g, `"ZoneNo":"${zone}"`))
    assert.deepEqual(JSON.parse(await changeText(page)), { VpnConnectionId: 'vco-localdual', RegionId: region })
  }
  await selectInput(page, 'Form')
  assert.equal(await page.getByRole('radio', { name: 'Dual tunnel' }).isChecked(), true)
  assert.equal(await allValues(page).innerText(), 'Show current values')
  // Every field shows the current value, and a new value needs no other one beside it.
  const lifetime = page.locator('[id="field-TunnelOptionsSpecification[0].TunnelIpsecConfig.IpsecLifetime"]')
  assert.match(await lifetime.getAttribute('placeholder'), /^current: \d+$/)
  await lifetime.fill('7200')
  assert.equal(await page.locator('#findings li.error, #findings li.warning').count(), 0)
  assert.match(await output(page), /\| curl /)
}))

test('an invalid Describe response, or that of another attachment, is reported at its place', withPage(async page => {
  await selectInput(page, 'Current')
  await paste(page, 'current-editor', '{"VpnConnectionId": nonsense')
  await page.locator('#current-diff').getByText('not JSON (line 1, column 21)').waitFor()
  await page.locator('#current-editor .cm-lint-marker-error').waitFor()
  await page.locator('#current-clear').click()
  await paste(page, 'change-editor', '{"RegionId":"cn-hangzhou","VpnConnectionId":"vco-other","Name":"x"}')
  await page.getByRole('button', { name: 'Example: single' }).click()
  await page.locator('#current-diff .note.error').getByText('vco-localsingle').waitFor()
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

test('removed parameters are restored only for the attachment that they belong to', async () => {
  const dual = id => JSON.stringify({ RegionId: 'cn-hangzhou', VpnConnectionId: id, TunnelOptionsSpecification: [{ TunnelIndex: 1, EnableDpd: true }] })
  const others = {
    'another example': page => example(page, 'bare-dual'),
    'a pasted change': page => paste(page, 'change-editor', dual('vco-other')),
    'the same id, pasted': page => paste(page, 'change-editor', dual('vco-localsingle')),
    'an event': async page => {
      await selectInput(page, 'Event + rules')
      await paste(page, 'event-editor', JSON.stringify({ 'detail-type': 'a', source: 'b', detail: JSON.parse(dual('vco-other')) }))
      await selectInput(page, 'Form')
    },
    'the id in the form': page => page.fill('#field-VpnConnectionId', 'vco-other'),
  }
  for (const [what, replace] of Object.entries(others)) {
    await usePage(browser, server.url, async page => {
      await example(page, 'eventbridge-psk')
      await selectInput(page, 'Form')
      await page.getByText('Dual tunnel').click()
      await replace(page)
      await page.getByText('Single tunnel').click()
      assert.doesNotMatch(await changeText(page), /Psk|IkeConfig/, what)
    })
  }
})

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
  const seen = new Set()
  for (let i = 0; i < 20; i++) {
    await page.getByLabel('Generate IkeConfig.Psk').click()
    seen.add(await psk.inputValue())
    assert.match(await psk.inputValue(), /^[A-Za-z][A-Za-z0-9]{31}$/)
    assert.equal(await field(page, 'IkeConfig.Psk').locator('.note').count(), 0)
  }
  assert.equal(seen.size, 20)
  await page.getByLabel('Show IkeConfig.Psk').click()
  assert.equal(await psk.getAttribute('type'), 'text')
  const masked = () => page.locator('#change-editor .cm-masked').count()
  assert.equal(await masked() > 0, true)
  await page.click('#change-reveal')
  assert.equal(await masked(), 0)
}))

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

test('an event that can’t be opened is marked at the error', withPage(async page => {
  await selectInput(page, 'Event + rules')
  await paste(page, 'event-editor', '{"source": "a",\n nonsense')
  await page.locator('#event-editor .cm-lint-marker-error').waitFor()
  await page.locator('#explanation .note.error').first().waitFor()
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

test('the steps of the signature can be followed by hand', withPage(async page => {
  await example(page, 'bare-single')
  await page.locator('.signing summary').click()
  await page.fill('#accessKeyId', 'testid')
  await page.fill('#accessKeySecret', 'testsecret')
  await page.check('#with-secrets')
  const steps = await output(page, 'Signature')
  const [, canonical, toSign, authorization] = /^# 1[^\n]*\n([^]*?)\n\n# 2[^\n]*\n([^]*?)\n\n# 3[^\n]*\nauthorization: ([^]*)$/.exec(steps.replaceAll('\r', ''))
  assert.equal(toSign, `ACS3-HMAC-SHA256\n${createHash('sha256').update(canonical).digest('hex')}`)
  assert.match(authorization, new RegExp(`Signature=${createHmac('sha256', 'testsecret').update(toSign).digest('hex')}`))
  await page.selectOption('#signature-version', 'v1')
  const old = await output(page, 'Signature')
  const [, text, signature] = /^# 1[^\n]*\n([^]*?)\n\n# 2[^\n]*\nSignature=(.*)/.exec(old)
  assert.equal(decodeURIComponent(signature.trim()), createHmac('sha1', 'testsecret&').update(text).digest('base64'))
}))

test('the page says what the aliyun CLI can’t send, and shows it as curl', withPage(async page => {
  await example(page, 'bare-dual')
  const text = await output(page, 'aliyun CLI')
  assert.match(text, /^# TunnelOptionsSpecification needs an aliyun CLI [^\n]*curl:\n# Sends one [^]*\| curl /)
  await example(page, 'bare-single')
  assert.match(await output(page, 'aliyun CLI'), /(^|\n)aliyun vpc ModifyVpnAttachmentAttribute /)
}))

test('a link restores the state, without the secret', async () => {
  const page = await open(browser, server.url)
  await paste(page, 'change-editor', JSON.stringify({ RegionId: 'cn-hangzhou', VpnConnectionId: 'vco-localsingle', Name: 'site «a»', IkeConfig: { Psk: key, IkeVersion: 'ikev2' } }))
  await page.locator('.signing summary').click()
  await page.fill('#accessKeySecret', 'anothersecret')
  await page.fill('#endpoint', 'elsewhere.example')
  await page.click('#share')
  await page.getByText('Link copied, without secrets').waitFor()
  const link = await page.evaluate(() => navigator.clipboard.readText())
  assert.match(link, /#v1\./)
  await close(page)
  const other = await open(browser, link)
  const change = JSON.parse(await changeText(other))
  assert.deepEqual(change, { RegionId: 'cn-hangzhou', VpnConnectionId: 'vco-localsingle', Name: 'site «a»', IkeConfig: { Psk: '***', IkeVersion: 'ikev2' } })
  assert.doesNotMatch(await other.evaluate(() => document.documentElement.innerHTML), /anothersecret/)
  assert.equal(await other.locator('#endpoint').inputValue(), '')
  await close(other)
})

test('work that a link or an example replaced can be restored until the next edit', withPage(async page => {
  page.on('dialog', dialog => dialog.accept())
  const undo = page.getByRole('button', { name: 'Undo' })
  const link = name => 'v1.' + deflateRawSync(JSON.stringify({ change: JSON.stringify({ Name: name }) })).toString('base64url')
  let links = 0
  const replacing = {
    'a link': () => page.evaluate(hash => (location.hash = hash), link(`link ${links++}`)),
    'an example of a change': () => example(page, 'bare-dual'),
    'an example of an event, after another': () => example(page, 'bare-single').then(() => example(page, 'inventory-sites')),
  }
  const all = async () => {
    await selectInput(page, 'Event + rules')
    const texts = [await changeText(page), ...(await page.locator('#event-editor, #rules-editor').evaluateAll(editors => editors.map(e => e.shadowRoot.querySelector('.cm-content').textContent)))]
    await selectInput(page, 'Form')
    return texts
  }
  const work = {
    'a change': async () => {
      await paste(page, 'change-editor', '{"RegionId":"cn-hangzhou","VpnConnectionId":"vco-1","Name":"mine","IkeConfig":{"IkePfs":"group14"}}')
      await page.getByText('Dual tunnel').click()
    },
    'an event and rules, and an edited change': async () => {
      await selectInput(page, 'Event + rules')
      await paste(page, 'event-editor', '{"source":"mine","id":"vco-2"}')
      await paste(page, 'rules-editor', '{"rules":[{"name":"a","match":{"source":["mine"]},"from":{"VpnConnectionId":"$.id"}}]}')
      await paste(page, 'change-editor', '{"RegionId":"cn-hangzhou","VpnConnectionId":"vco-3"}')
    },
  }
  for (const [kind, make] of Object.entries(work)) {
    await make()
    const before = await all()
    for (const [what, replace] of Object.entries(replacing)) {
      await replace()
      await undo.waitFor()
      assert.notDeepEqual(await all(), before, `${kind}, ${what}`)
      await undo.focus()
      await page.keyboard.press('Enter')
      assert.equal(await undo.count(), 0)
      assert.equal(await page.evaluate(() => document.activeElement.id), 'change-title')
      assert.deepEqual(await all(), before, `${kind}, ${what}`)
    }
    if (kind !== 'a change') continue
    await page.getByText('Single tunnel').click() // the parameters that the form removed are restored, too
    assert.deepEqual(JSON.parse(await changeText(page)).IkeConfig, { IkePfs: 'group14' })
  }
  await example(page, 'bare-single')
  await page.fill('#field-Name', 'a')
  assert.equal(await undo.count(), 0)
}))

test('Undo is one Shift+Tab before the examples', withPage(async page => {
  await page.fill('#field-Name', 'mine')
  await example(page, 'bare-single')
  await page.focus('#examples')
  await page.keyboard.press('Shift+Tab')
  assert.equal(await page.evaluate(() => document.activeElement.innerText), 'Undo')
}))

test('a broken link says so and leaves the page usable', async () => {
  for (const [hash, says] of [['#v1.AAAA', 'broken'], ['#v9.abc', 'another version'], ['#nonsense', 'not a link of this page']]) {
    await usePage(browser, server.url + hash, async page => {
      await page.getByText(says).waitFor()
      await page.fill('#field-RegionId', 'cn-hangzhou')
      assert.deepEqual(JSON.parse(await changeText(page)), { RegionId: 'cn-hangzhou' })
    })
  }
})

test('a link to a change that nests too deeply leaves the page usable', async () => {
  const shared = { change: `{"X":${deep(20_000)}}`, current: '['.repeat(20_000) }
  const hash = '#v1.' + deflateRawSync(JSON.stringify(shared)).toString('base64url')
  await usePage(browser, server.url + hash, async page => {
    await page.locator('#findings li.error').first().waitFor()
    await paste(page, 'change-editor', '{"RegionId":"cn-hangzhou"}')
    assert.equal(await page.locator('#field-RegionId').inputValue(), 'cn-hangzhou')
  })
})

test('the page reports a stopped module, and restarts it with the work kept', async () => {
  const context = await browser.newContext({ serviceWorkers: 'block' })
  const page = await context.newPage()
  const errors = []
  page.on('pageerror', error => errors.push(String(error)))
  page.on('console', message => message.type() === 'error' && errors.push(message.text()))
  await page.addInitScript(() => {
    const start = WebAssembly.instantiate
    WebAssembly.instantiate = async (module, imports) => {
      const { exports } = await start(module, imports)
      const trapping = name => [name, size => {
        if (window.trap === name) throw new WebAssembly.RuntimeError('unreachable')
        return exports[name](size)
      }]
      return { exports: { ...exports, ...Object.fromEntries(['build', 'snippet', 'transform'].map(trapping)) } }
    }
  })
  await page.goto(server.url)
  await page.waitForSelector('html[data-ready]')
  const trap = name => page.evaluate(name => (window.trap = name), name)
  const stops = {
    build: () => page.fill('#field-Name', 'boom'),
    snippet: () => page.fill('#field-Name', 'boom'),
    transform: () => paste(page, 'event-editor', '{"source":"a"}'),
  }
  for (const [name, act] of Object.entries(stops)) {
    await example(page, 'bare-single')
    if (name === 'transform') await selectInput(page, 'Event + rules')
    await trap(name)
    await act()
    await page.locator('#notice').getByText('The module has stopped. Your work is kept').waitFor()
    assert.match(await output(page), /There is no request/, name)
    await page.evaluate(() => (document.getElementById('notice-text').textContent = ''))
    await page.click('#retry')
    await page.locator('#notice').getByText('has stopped').waitFor()
    await trap('')
    if (name !== 'transform') {
      await page.fill('#field-Name', 'boom2')
      assert.equal(JSON.parse(await changeText(page)).Name, 'boom2')
    }
    await page.click('#retry')
    await page.locator('#notice').waitFor({ state: 'hidden' })
    if (name === 'transform') assert.match(await page.locator('#event-editor .cm-content').innerText(), /source/)
    else assert.match(await output(page), /add Name 'boom2'/, name)
  }
  // Also in a call from a button.
  await example(page, 'bare-single')
  await trap('snippet')
  await page.click('#copy')
  await page.locator('#notice').getByText('has stopped').waitFor()
  assert.deepEqual(errors, [])
  await context.close()
})

test('leaving asks for confirmation only when something would be lost; a reference opens in a new tab', withPage(async page => {
  let asked = 0
  page.on('dialog', dialog => {
    asked += dialog.type() === 'beforeunload'
    return dialog.accept()
  })
  const leave = async () => {
    const before = asked
    await page.reload()
    await page.waitForSelector('html[data-ready]')
    return asked - before
  }
  await page.click('#change-title')
  assert.equal(await leave(), 0)
  await page.click('#change-title')
  await example(page, 'bare-single')
  assert.equal(await leave(), 0)
  await page.getByRole('button', { name: 'Start empty' }).click()
  await page.fill('#field-Name', 'site-a')
  await page.locator('.field-help a').waitFor()
  for (const link of [page.locator('.field-help a'), page.locator('#findings li .finding-meta a').first(), page.getByRole('link', { name: 'Reference', exact: true })]) {
    const opened = page.waitForEvent('popup')
    await link.click()
    const reference = await opened
    await reference.waitForURL(/reference/)
    assert.equal(await reference.evaluate(() => window.opener), null)
    await reference.close()
  }
  assert.equal(await page.locator('#field-Name').inputValue(), 'site-a')
  assert.equal(await leave(), 0) // the draft keeps it
  assert.equal(await page.locator('#field-Name').inputValue(), 'site-a')
  await unfold(page)
  await page.locator('[id="field-IkeConfig.Psk"]').fill('Another-key-of-the-page')
  assert.equal(await leave(), 1)
  await page.fill('#field-Name', 'site-b')
  await example(page, 'bare-single') // work that can still be restored
  await page.click('#change-title')
  assert.equal(await leave(), 1)
}))

test('the copied curl changes the emulated attachment', async () => {
  const emulator = await startEmulator()
  try {
    await usePage(browser, server.url, async page => {
      const name = `it's "$HOME" \\ 中`
      await page.fill('#field-RegionId', 'cn-hangzhou')
      await page.fill('#field-VpnConnectionId', 'vco-localsingle')
      await page.fill('#field-Name', name)
      await page.locator('.signing summary').click()
      await page.fill('#accessKeyId', credentials.accessKeyId)
      await page.fill('#accessKeySecret', credentials.accessKeySecret)
      await page.fill('#endpoint', emulator.endpoint)
      await page.check('#with-secrets')
      await selectInput(page, 'Current')
      await paste(page, 'current-editor', JSON.stringify(await describe(emulator.endpoint, 'vco-localsingle')))
      await page.click('#copy')
      await page.getByText('Copied, with secrets.').waitFor()
      const command = await page.evaluate(() => navigator.clipboard.readText())
      const run = (command, env) => JSON.parse(execFileSync('sh', ['-c', command], { env: { PATH: process.env.PATH, no_proxy: '*', ...env }, stdio: ['ignore', 'pipe', 'ignore'] }))
      const response = run(command)
      assert.equal(response.VpnConnectionId, 'vco-localsingle', JSON.stringify(response))
      assert.equal((await describe(emulator.endpoint, 'vco-localsingle')).Name, name)
      // Without secrets it signs by itself, with the keys of its environment.
      await selectInput(page, 'Form')
      const psk = 'Another-key-of-the-page'
      await unfold(page)
      await page.locator('[id="field-IkeConfig.Psk"]').fill(psk)
      await page.uncheck('#with-secrets')
      await page.click('#copy')
      await page.getByText('Copied, without secrets.').waitFor()
      const script = await page.evaluate(() => navigator.clipboard.readText())
      assert.equal(script.includes(psk) || script.includes(credentials.accessKeySecret), false)
      const signed = run(script, { ALIBABA_CLOUD_ACCESS_KEY_ID: credentials.accessKeyId, ALIBABA_CLOUD_ACCESS_KEY_SECRET: credentials.accessKeySecret, VPN_PSK: psk })
      assert.equal(signed.VpnConnectionId, 'vco-localsingle', JSON.stringify(signed))
      assert.equal((await describe(emulator.endpoint, 'vco-localsingle')).IkeConfig.Psk, psk)
    })
  } finally {
    await emulator.close()
  }
})

test('the keyboard alone leads from the empty page to the copied request', withPage(async page => {
  await page.keyboard.press('?')
  await page.getByRole('dialog').waitFor()
  assert.equal(await page.evaluate(() => document.activeElement.id), 'help-title')
  await page.keyboard.press('Escape')
  await page.keyboard.press('g')
  await page.keyboard.press('f')
  await page.keyboard.type('cn-hangzhou')
  await page.keyboard.press('Tab') // past the button that removes the value
  await page.keyboard.press('Tab')
  await page.keyboard.type('vco-localsingle')
  for (let i = 0; i < 3; i++) await page.keyboard.press('Tab')
  await page.keyboard.type('site-a')
  await page.keyboard.press('Control+Enter')
  await page.getByText('Copied, without secrets.').waitFor()
  assert.match(await page.evaluate(() => navigator.clipboard.readText()), /^# Sends one [^]*\n  add Name 'site-a'\n  add RegionId 'cn-hangzhou'\n  add VpnConnectionId 'vco-localsingle'\n/)
  await page.keyboard.press('Escape')
  await page.keyboard.press('g')
  await page.keyboard.press('j')
  await page.keyboard.type(' ')
  await page.keyboard.press('Escape') // closes the completions
  await page.keyboard.press('Escape') // leaves the editor
  assert.equal(await page.evaluate(() => document.activeElement.id), 'change-title')
  await page.keyboard.press('g')
  await page.keyboard.press('o')
  assert.equal(await page.evaluate(() => document.activeElement.id), 'language')
  await page.keyboard.type('al')
  assert.equal(await page.locator('#language option:checked').innerText(), 'aliyun CLI')
}))

test('single keys do nothing in a select, and can be turned off permanently', withPage(async page => {
  const at = () => page.evaluate(() => document.activeElement.id)
  const dialog = page.getByRole('dialog')
  await unfold(page)
  for (const [selector, id] of [['#examples', 'examples'], ['[id="field-IkeConfig.IkeVersion"]', 'field-IkeConfig.IkeVersion'], ['#accessKeyId', 'accessKeyId'], ['#field-Name', 'field-Name']]) {
    await page.evaluate(() => (document.querySelector('.signing').open = true))
    await page.focus(selector)
    for (const key of ['?', 'g', 'o']) await page.keyboard.press(key)
    assert.equal(await at(), id)
    assert.equal(await dialog.isVisible(), false)
  }
  await page.keyboard.press('Escape')
  await page.keyboard.press('?')
  await dialog.getByLabel('Single-key shortcuts').uncheck()
  await page.keyboard.press('Escape')
  for (let visit = 0; visit < 2; visit++) {
    for (const key of ['?', 'g', 'x']) await page.keyboard.press(key)
    assert.equal(await dialog.isVisible(), false)
    assert.notEqual(await at(), 'examples')
    assert.deepEqual(await page.evaluate(() => localStorage.getItem('vpnattach-single-keys')), 'off')
    assert.doesNotMatch(await page.evaluate(() => JSON.stringify(Object.entries(localStorage))), /accessKey|signing/i)
    await page.reload()
    await page.waitForSelector('html[data-ready]')
  }
  await page.click('#show-help')
  await dialog.getByLabel('Single-key shortcuts').check()
  await page.getByRole('button', { name: 'Close' }).click()
  await page.keyboard.press('g')
  await page.keyboard.press('x')
  assert.equal(await at(), 'examples')
}))

test('a prefix without a key after it times out', withPage(async page => {
  const pressed = (...keys) => page.evaluate(keys => {
    document.activeElement.blur()
    for (const [key, at] of keys) {
      const event = new KeyboardEvent('keydown', { key, bubbles: true })
      Object.defineProperty(event, 'timeStamp', { value: at })
      document.dispatchEvent(event)
    }
    return document.activeElement.id
  }, keys)
  assert.equal(await pressed(['g', 10_000], ['x', 13_000]), '')
  assert.equal(await pressed(['g', 20_000], ['x', 21_000]), 'examples')
  assert.equal(await pressed(['g', 30_000], ['g', 33_000], ['x', 33_500]), 'examples')
}))

test('screen readers get groups, required fields, and the number of findings', withPage(async page => {
  await example(page, 'bare-dual')
  await unfold(page)
  for (const n of [1, 2]) {
    await page.getByRole('group', { name: `Tunnel ${n}`, exact: true }).getByLabel('EnableDpd', { exact: true }).waitFor()
    await page.getByRole('group', { name: `Tunnel ${n} Phase 1` }).getByLabel('IkeVersion', { exact: true }).waitFor()
  }
  assert.deepEqual(await page.locator('[aria-required=true]').evaluateAll(all => all.map(e => e.id)), ['field-RegionId', 'field-VpnConnectionId'])
  await page.getByText('Single tunnel').click()
  await paste(page, 'change-editor', '{"RegionId":"cn-hangzhou","VpnConnectionId":"vco-1","IkeConfig":{"IkeVersion":"ikev9"},"LocalSubnet":"10.0.0.1/8","RemoteSubnet":["11.0.0.1/8"]}')
  const count = page.locator('#findings-count')
  const heard = (await count.ariaSnapshot()).split('\n')[0].replace(/^- text: /, '').trim()
  const of = severity => page.locator(`#findings li.${severity}`).count()
  const [errors, warnings, notes] = [await of('error'), await of('warning'), await of('info')]
  const some = (n, word) => (n === 0 ? [] : [`${n} ${word}${n > 1 ? 's' : ''}`])
  assert.equal(errors > 0 && warnings > 0, true)
  assert.equal(heard, [...some(errors, 'error'), ...some(warnings, 'warning'), ...some(notes, 'note')].join(', '))
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

test('status messages are in the header, and cover nothing else', withPage(async page => {
  await example(page, 'bare-single')
  const [status, header] = await page.evaluate(() => ['#status', 'header'].map(s => document.querySelector(s).getBoundingClientRect().toJSON()))
  assert.equal(status.width > 0 && status.top >= header.top && status.bottom <= header.bottom, true)
  const [right, left] = await page.evaluate(() => [document.querySelector('.status-line').getBoundingClientRect().right, document.querySelector('nav').getBoundingClientRect().left])
  assert.equal(right <= left, true)
}))

test('in a low window the panes keep a usable height, and the page scrolls', async () => {
  await usePage(browser, server.url, async page => {
    await paste(page, 'change-editor', bad)
    const heights = await page.evaluate(() => ['#change-editor', '#findings-list', '#output-panel'].map(s => document.querySelector(s).clientHeight))
    assert.equal(heights.every(h => h >= 130), true, String(heights))
    assert.equal(await page.evaluate(() => document.documentElement.scrollHeight > innerHeight), true)
  }, { viewport: { width: 960, height: 540 } })
})

test('the selected tab is visible with forced colours', async () => {
  await usePage(browser, server.url, async page => {
    const edges = await page.evaluate(() => ['true', 'false'].map(s => getComputedStyle(document.querySelector(`.tabs [aria-selected=${s}]`)).borderBottomColor))
    assert.notEqual(edges[0], edges[1])
    const colours = await page.evaluate(() => [...document.querySelectorAll('.switch span')].map(s => getComputedStyle(s).backgroundColor))
    assert.notEqual(colours[0], colours[1])
  }, { forcedColors: 'active' })
})

test('a long name in a finding stays within the panel', async () => {
  await usePage(browser, server.url, async page => {
    await paste(page, 'change-editor', JSON.stringify({ ['Unknown'.repeat(20)]: 1 }))
    const [inner, outer] = await page.evaluate(() => ['#findings-list .message', '#findings-list'].map(s => document.querySelector(s).getBoundingClientRect().right))
    assert.equal(inner <= outer, true, `${inner} ${outer}`)
    assert.equal(await page.evaluate(() => document.querySelector('#findings-list').scrollWidth <= innerWidth), true)
  }, { viewport: { width: 360, height: 780 } })
})

test('fix buttons are aligned', withPage(async page => {
  await paste(page, 'change-editor', '{"RegionId":"cn-hangzhou","VpnConnectionId":"vco-1","LocalSubnet":"10.1.1.9/24,10.1.1.0/24","BgpConfig":{"LocalAsn":"1.10"}}')
  const edges = await page.locator('#findings-list .finding-meta button').evaluateAll(all => all.map(b => Math.round(b.getBoundingClientRect().right)))
  assert.equal(edges.length >= 3 && new Set(edges).size === 1, true, String(edges))
}))

test('a printed page contains the whole change, findings and request', withPage(async page => {
  await example(page, 'bare-dual')
  await page.evaluate(() => (document.querySelector('.signing').open = true))
  await page.emulateMedia({ media: 'print' })
  const cut = await page.evaluate(() => ['body', 'main', '#change', '#findings-list', '#output-panel', '#change-editor'].filter(s => {
    const e = document.querySelector(s)
    return e.clientHeight < e.scrollHeight || getComputedStyle(e).overflowY !== 'visible'
  }))
  assert.deepEqual(cut, [])
  const places = await page.evaluate(() => ['#change-editor', '#findings-list', '#output-panel'].map(s => document.querySelector(s).getBoundingClientRect()).map(r => [Math.round(r.top), Math.round(r.bottom)]))
  assert.equal(places[0][1] <= places[1][0] && places[1][1] <= places[2][0] && places.every(([top, bottom]) => bottom > top), true, String(places))
  for (const s of ['#input', '.toolbar', '.signing', 'nav']) assert.equal(await page.locator(s).first().isVisible(), false, s)
}))

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

test('it works from any path, and offline once loaded', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'vpnattach-site-'))
  cpSync(site, folder, { recursive: true })
  const elsewhere = await serve(folder, '/some/where/')
  try {
    await usePage(browser, elsewhere.url, async page => {
      await page.evaluate(() => navigator.serviceWorker.ready)
      await elsewhere.close()
      await page.reload()
      await page.waitForSelector('html[data-ready]')
      await example(page, 'bare-single')
      assert.match(await output(page), /\| curl /)
      page.errors = page.errors.filter(f => !/Failed to load resource|ERR_CONNECTION_REFUSED|script resource/.test(f)) // there is no network
    })
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
})

test('only the page’s own files are cached', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'vpnattach-site-'))
  cpSync(site, folder, { recursive: true })
  writeFileSync(join(folder, 'outcomes'), '{}')
  const served = await serve(folder)
  try {
    await usePage(browser, served.url, async page => {
      await page.evaluate(() => navigator.serviceWorker.ready)
      await page.reload()
      await page.waitForSelector('html[data-ready]')
      const kept = await page.evaluate(async () => {
        await fetch('outcomes')
        await fetch('index.js?v=2')
        return (await (await caches.open('vpnattach')).keys()).map(r => r.url.slice(location.origin.length + 1))
      })
      assert.deepEqual(kept.toSorted(), ['', 'core.js', 'icon.svg', 'index.html', 'index.js', 'late.css', 'late.js', 'reference/commands.html', 'reference/errors.html', 'reference/events.html', 'reference/findings.html', 'reference/outcomes.html', 'reference/parameters.html', 'reference/reference.css', 'reference/rules.html', 'reference/search.js', 'samples.js', 'style.css', 'vpnattach.wasm', 'worker.js'])
    })
  } finally {
    await served.close()
    rmSync(folder, { recursive: true, force: true })
  }
})

test('files of another program at the same address are not cached', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'vpnattach-site-'))
  cpSync(site, folder, { recursive: true, filter: name => !name.endsWith('.gz') }) // the files change here, and the compressed ones would not
  const served = await serve(folder)
  try {
    await usePage(browser, served.url, async page => {
      await page.evaluate(() => navigator.serviceWorker.ready)
      for (const name of ['index.html', 'index.js']) writeFileSync(join(folder, name), 'another program')
      assert.equal(await page.evaluate(async () => (await fetch('index.js')).text()), 'another program')
      await page.goto(served.url)
      assert.equal(await page.locator('body').innerText(), 'another program')
      // A worker of another build does not cache such files either.
      const offline = join(folder, 'offline.js')
      writeFileSync(offline, readFileSync(offline, 'utf8') + '\n')
      const state = await page.evaluate(async () => {
        const registration = await navigator.serviceWorker.ready
        const found = new Promise(resolve => registration.addEventListener('updatefound', () => resolve(registration.installing)))
        await registration.update()
        const worker = await found
        while (!['redundant', 'activated'].includes(worker.state)) await new Promise(resolve => worker.addEventListener('statechange', resolve, { once: true }))
        return worker.state
      })
      assert.equal(state, 'redundant')
      await served.close()
      await page.reload()
      await page.waitForSelector('html[data-ready]')
      await example(page, 'bare-single')
      assert.match(await output(page), /\| curl /)
      page.errors = page.errors.filter(f => !/Failed to load resource|ERR_CONNECTION_REFUSED|script resource|not the files of one build/.test(f)) // there is no network
    })
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
})

test('serve has the page at /, under the same policy', async () => {
  const emulator = await startEmulator()
  try {
    await usePage(browser, emulator.page, async page => {
      await example(page, 'bare-single')
      assert.match(await output(page), /\| curl /)
      const policies = await page.evaluate(async () => [(await fetch('./')).headers.get('content-security-policy'), document.querySelector('meta[http-equiv]').content])
      assert.equal(policies[0], `${policies[1]}; frame-ancestors 'none'`)
      const opened = page.waitForEvent('popup')
      await page.getByRole('link', { name: 'Reference' }).click()
      const reference = await opened
      await reference.getByRole('link', { name: 'Findings' }).click()
      await reference.locator('article').first().waitFor()
      assert.equal(await reference.locator('article').count() > 90, true)
    })
  } finally {
    await emulator.close()
  }
})

test('the page reports in one sentence that the module does not load, and tries again', async () => {
  const context = await browser.newContext({ serviceWorkers: 'block' })
  const page = await context.newPage()
  await page.route('**/vpnattach.wasm', route => route.fulfill({ status: 503, body: '' }))
  await page.goto(server.url)
  await page.locator('#notice').getByText('503').waitFor()
  await page.unroute('**/vpnattach.wasm')
  await page.click('#retry')
  await page.waitForSelector('html[data-ready]')
  assert.equal(await page.locator('#notice').isVisible(), false)
  await context.close()
})

test('the core is ready before the rest of the page has loaded', async () => {
  const context = await browser.newContext({ serviceWorkers: 'block' })
  const page = await context.newPage()
  let goOn
  const held = new Promise(resolve => (goOn = resolve))
  await page.route('**/index.js', async route => {
    await held
    await route.continue()
  })
  await page.goto(server.url, { waitUntil: 'commit' })
  await page.waitForFunction(async () => {
    const core = await import('./core.js')
    try {
      return core.build('{}', { signature: 'v3' }).findings.length > 0
    } catch {
      return false // not yet
    }
  })
  goOn()
  await page.waitForSelector('html[data-ready]')
  await context.close()
})

test('a compressed file has the content of the original', () => {
  const [compressed, smaller] = ['.gz', '.br'].map(ext => readdirSync(site).filter(name => name.endsWith(ext)))
  for (const name of smaller) assert.equal(brotliDecompressSync(readFileSync(join(site, name))).equals(readFileSync(join(site, name.slice(0, -3)))), true, name)
  assert.deepEqual(smaller.map(name => name.slice(0, -3)), compressed.map(name => name.slice(0, -3)))
  assert.deepEqual(compressed, ['core.js.gz', 'index.js.gz', 'late.css.gz', 'late.js.gz', 'offline.js.gz', 'samples.js.gz', 'style.css.gz', 'vpnattach.wasm.gz', 'worker.js.gz'])
  for (const name of compressed) assert.equal(gunzipSync(readFileSync(join(site, name))).equals(readFileSync(join(site, name.slice(0, -3)))), true, name)
})

test('without JavaScript the page says what it needs', async () => {
  const context = await browser.newContext({ javaScriptEnabled: false })
  const page = await context.newPage()
  await page.goto(server.url)
  assert.match(await page.locator('noscript p').innerText(), /needs JavaScript and WebAssembly/)
  assert.equal(await page.locator('noscript p').isVisible(), true)
  // Nothing is there that would do nothing.
  const dead = await page.locator('main, #verdict, #loading, button, select').evaluateAll(all => all.filter(e => e.checkVisibility()).length)
  assert.equal(dead, 0)
  await context.close()
})

test('without WebAssembly the page says so in one sentence, and shows nothing that would not work', async () => {
  const context = await browser.newContext()
  const page = await context.newPage()
  await page.addInitScript(() => delete window.WebAssembly)
  await page.goto(server.url)
  await page.locator('#notice').getByText('This page needs WebAssembly').waitFor()
  const dead = await page.locator('main, #verdict, #loading, button, select').evaluateAll(all => all.filter(e => e.checkVisibility()).map(e => e.id))
  assert.deepEqual(dead, [])
  await context.close()
})

test('a slow first load shows that it loads, from the first file on', async () => {
  const context = await browser.newContext({ serviceWorkers: 'block' })
  const page = await context.newPage()
  const held = {}
  for (const name of ['index.js', 'vpnattach.wasm']) await page.route(`**/${name}`, route => new Promise(resolve => (held[name] = () => resolve(route.continue()))))
  await page.goto(server.url, { waitUntil: 'commit' })
  const line = page.locator('#loading')
  await line.getByText('Loading the request builder: the page').waitFor()
  while (!held['index.js'] || !held['vpnattach.wasm']) await page.evaluate(() => new Promise(requestAnimationFrame))
  held['index.js']()
  await line.getByText('the core').waitFor()
  assert.equal(await line.isVisible(), true)
  held['vpnattach.wasm']()
  await page.waitForSelector('html[data-ready]')
  assert.equal(await line.isVisible(), false)
  await context.close()
})

const looks = [
  ['light', {}],
  ['dark', { colorScheme: 'dark' }],
  ['narrow', { viewport: { width: 360, height: 780 } }],
  ['narrow-dark', { viewport: { width: 360, height: 780 }, colorScheme: 'dark' }],
]

const scenes = {
  empty: async () => {},
  change: page => example(page, 'eventbridge-psk').then(() => selectInput(page, 'Form')),
  dual: page => example(page, 'bare-dual'),
  findings: async page => {
    await paste(page, 'change-editor', bad)
    await page.click('#change-format')
  },
  event: page => example(page, 'inventory-sites'),
  rules: async page => {
    await selectInput(page, 'Event + rules')
    await paste(page, 'rules-editor', '{"rules": [{\n  "name": "a b",\n  "match": {"source": []},\n  "fom": {}\n}]}')
  },
  signature: async page => {
    await example(page, 'bare-single')
    await output(page, 'Signature')
    await page.locator('.signing summary').click()
  },
  current: async page => {
    await example(page, 'eventbridge-dual')
    await selectInput(page, 'Current')
    await page.getByRole('button', { name: 'Example: dual' }).click()
  },
  help: async page => page.click('#show-help'),
}

async function accessible(page, what) {
  const { violations } = await new AxeBuilder({ page }).analyze()
  assert.deepEqual(violations.map(v => `${v.id}: ${v.nodes.map(n => `${n.target} ${n.failureSummary}`).join('; ')}`), [], what)
}

for (const [look, options] of looks) {
  test(`${look}: axe finds no violations, and everything is within the window`, async () => {
    for (const [scene, show] of Object.entries(scenes)) {
      await usePage(browser, server.url, async page => {
        await show(page)
        await page.evaluate(() => document.getElementById('status').remove())
        await page.screenshot({ path: join(screenshots, `${scene}-${look}.png`), fullPage: look.startsWith('narrow') })
        if (look === 'light' || look === 'dark' && ['findings', 'rules', 'current'].includes(scene) || look === 'narrow' && ['dual', 'current'].includes(scene)) await accessible(page, scene)
        assert.equal(await page.evaluate(() => document.documentElement.scrollWidth <= innerWidth), true, scene)
        const cut = await page.evaluate(() => [...document.querySelectorAll('.bar, #explanation, #current-diff, #findings-list')].filter(e => e.scrollWidth > e.clientWidth).map(e => e.id || e.innerText))
        assert.deepEqual(cut, [], `${scene}: cut off or scrolled sideways`)
      }, options)
    }
  })
}

test('the picture for the README, in light and dark', async () => {
  for (const colorScheme of ['light', 'dark']) {
    await usePage(browser, server.url, async page => {
      await selectInput(page, 'Current')
      await page.getByRole('button', { name: 'Example: single' }).click()
      await selectInput(page, 'Form')
      await paste(page, 'change-editor', '{"RegionId":"cn-hangzhou","VpnConnectionId":"vco-localsingle","RemoteSubnet":"10.30.0.9/24","IkeConfig":{"IkeVersion":"ikev2","IkePfs":"group2","LocalIdIPsec":"198.51.100.10"}}')
      await page.click('#change-format')
      assert.equal(await page.locator('#findings li').count(), 4)
      await output(page, 'Terraform')
      const picture = join(screenshots, `picture-${colorScheme}.png`)
      await page.screenshot({ path: picture })
      const kept = join(root, `wasm/builder/picture-${colorScheme}.png`)
      if (process.env.UPDATE) cpSync(picture, kept)
      const size = statSync(kept).size
      assert.equal(size > 20_000 && size <= 150_000, true, `${kept}: ${size} bytes`)
    }, { viewport: { width: 1280, height: 560 }, colorScheme })
  }
})

for (const name of ['parameters', 'findings', 'errors', 'events', 'rules', 'outcomes', 'commands']) {
  test(`the reference of ${name} fits the window in light, dark and narrow`, async () => {
    for (const [look, options] of looks.slice(0, 3)) {
      const context = await browser.newContext(options)
      const page = await context.newPage()
      await page.goto(`${server.url}reference/${name}.html`)
      await page.screenshot({ path: join(screenshots, `reference-${name}-${look}.png`) })
      if (look === 'light') await accessible(page, name)
      assert.equal(await page.evaluate(() => document.documentElement.scrollWidth <= innerWidth), true, look)
      await context.close()
    }
  })
}

test('dark is dark', withPage(async page => {
  const [ground] = await page.evaluate(() => getComputedStyle(document.documentElement).backgroundColor.match(/\d+/g).map(Number))
  assert.equal(ground < 60, true)
}, { colorScheme: 'dark' }))
