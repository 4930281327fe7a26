// This file tests that a link restores the state, contains no secret, and does no harm when it is broken or malicious.

import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { deflateRawSync, inflateRawSync } from 'node:zlib'
import { changeText, output, paste, root, usePage } from './harness.mjs'
import { browser, selectInput, server, withPage } from './fixtures.mjs'

const example = (page, name) => page.selectOption('#examples', name)
const key = 'BuilderTestKey2026NotASecret42'
const single = JSON.parse(readFileSync(join(root, 'shared/emulator/testdata/describe-single.json'), 'utf8'))

const fragment = shared => '#v1.' + deflateRawSync(Buffer.from(typeof shared === 'string' ? shared : JSON.stringify(shared))).toString('base64url')

/** The content of the link, and the status message. */
async function share(page) {
  const { hash, status } = await page.evaluate(async () => {
    const status = document.getElementById('status')
    history.replaceState(null, '', location.pathname)
    status.textContent = ''
    document.getElementById('share').click()
    while (status.textContent === '') await new Promise(requestAnimationFrame)
    return { hash: location.hash, status: status.innerText }
  })
  return { hash, text: inflateRawSync(Buffer.from(hash.slice(4), 'base64url')).toString(), status }
}

/** Goes to the link on a page that is open already; a notice about the link before is gone then. */
const go = (page, hash) => page.evaluate(hash => new Promise(resolve => {
  addEventListener('hashchange', resolve, { once: true })
  location.hash = hash
}), hash)

/** Opens the link on a page with work, which tells once it is opened. */
async function openLink(page, hash) {
  await paste(page, 'change-editor', change({ Name: 'work' }))
  await go(page, hash)
  await page.locator('#status').getByText('Link opened.').waitFor()
}

const shared = async page => JSON.parse((await share(page)).text)

const change = more => JSON.stringify({ RegionId: 'cn-hangzhou', VpnConnectionId: 'vco-1', ...more })

test('a link contains the change without its key, in any form of it', withPage(async page => {
  const forms = [
    { IkeConfig: { Psk: key } },
    { IkeConfig: { Psk: 7301234567890 } },
    { IkeConfig: { Psk: [key, { a: key }] } },
    { IkeConfig: { Psk: { value: key } } },
    { IkeConfig: { 'PSK ': key } },
    { IkeConfig: { psk: key, PreShared: key, PreSharedKey: key } },
    { IkeConfig: { Unheard: key }, Description: key },
    { IkeConfig: `{"\\u0050sk":"${key}"}` },
    { IkeConfig: `{"Psk":"abc\\"${key}"}` },
    { IkeConfig: `{"Psk":"${key}` },
    { IkeConfig: JSON.stringify(JSON.stringify({ Psk: key })) },
    { IkeConfig: key },
    { IkeConfig: { Psk: `${key}***` } },
    { IkeConfig: { Psk: key }, Name: `site of ${key}` },
    { TunnelOptionsSpecification: JSON.stringify([{ TunnelIndex: 1, TunnelIkeConfig: JSON.stringify({ Psk: key }) }]) },
  ].map(change)
  forms.push(`{"RegionId":"cn-hangzhou","VpnConnectionId":"vco-1","IkeConfig":{"\\u0050sk":"${key}"}}`, `{"RegionId":"cn-hangzhou","VpnConnectionId":"vco-1","IkeConfig":{"Psk":"${key}","Psk":"x${key}"}}`)
  for (const text of forms) {
    await paste(page, 'change-editor', text)
    const { text: link, status } = await share(page)
    assert.doesNotMatch(link, /Builder|NotASecret|7301234/, text)
    assert.match(status, /^Link copied, without secrets\.$/)
    assert.equal(JSON.parse(JSON.parse(link).change).VpnConnectionId, 'vco-1')
  }
  const all = { ClientToken: 'token-1', LocalSubnet: ['10.1.0.0/16', '10.2.0.0/16'], IkeConfig: '{"Psk":"","IkeVersion":"ikev2","IkeLifetime":86400,"LocalIdIPsec":"a"}', HealthCheckConfig: { enable: true } }
  await paste(page, 'change-editor', change(all))
  assert.equal((await shared(page)).change, change(all))
}))

test('a link contains the paths and references of a rule file, and no key', withPage(async page => {
  await selectInput(page, 'Event + rules')
  const rule = { name: 'a', match: { source: ['x'], detail: { password: [{ exists: true }] } }, from: { VpnConnectionId: 'detail.id', 'IkeConfig.Psk': 'detail.psk' }, version: 'detail.secretVersion', credentials: 'site-a' }
  const reference = { RegionId: 'cn-hangzhou', 'IkeConfig.RemoteId': 'b', 'Tunnel.1.TunnelIkeConfig.Psk': '{{resolve:ssm-secure:/vpn/psk}}' }
  const text = JSON.stringify({ rules: [{ ...rule, with: reference }] })
  await paste(page, 'rules-editor', text)
  assert.equal((await shared(page)).rules, text)
  for (const given of [{ 'IkeConfig.Psk': key }, { IkeConfig: { Psk: key } }, { 'IkeConfig.Psk': 7301234567890 }, { 'IkeConfig.psk ': key }, { IkeConfig: `{"\\u0050sk":"${key}"}` }, { Unheard: key }]) {
    await paste(page, 'rules-editor', JSON.stringify({ rules: [{ ...rule, with: given }], more: key }))
    assert.doesNotMatch((await share(page)).text, /Builder|NotASecret|7301234/, JSON.stringify(given))
  }
}))

const data = { id: 'vco-1', k: key, key, ike_key: key, preSharedKeyValue: key, apiKey: key, token: key, secrets: [key], SecretString: { value: key }, password: 7301234567890, note: `psk is ${key}`, blob: Buffer.from(key).toString('base64') }
const rule = { name: 'a', match: { source: ['x'], detail: { password: [{ exists: true }], id: [{ prefix: 'vco' }] } }, with: { RegionId: 'cn-hangzhou', Name: 'n' }, from: { VpnConnectionId: 'detail.id' } }

test('a link contains only the values of an event that the rules read', withPage(async page => {
  await selectInput(page, 'Event + rules')
  const rules = (...more) => JSON.stringify({ rules: [{ ...rule, ...Object.assign({}, ...more) }] })
  const none = /Builder|NotASecret|QnVpbGRlcl|7301234/
  await paste(page, 'event-editor', JSON.stringify({ source: 'x', 'detail-type': 'y', id: '1', detail: data }))
  // Without rules, with broken ones, and with some that do not match.
  for (const text of ['', '{"rules":[', rules({ match: { source: ['other'] } })]) {
    await paste(page, 'rules-editor', text || ' ')
    const { text: link, status } = await share(page)
    assert.doesNotMatch(link, none)
    assert.equal(JSON.parse(link).event, undefined)
    assert.match(status, /Not included[^]*event/)
  }
  // A pattern that needs what may be a key: the change is shared instead of the event.
  await paste(page, 'rules-editor', rules({ match: { source: ['x'], detail: { password: [7301234567890] } } }))
  const instead = await share(page)
  const link = JSON.parse(instead.text)
  assert.equal(link.event, undefined)
  assert.deepEqual(JSON.parse(link.change), { RegionId: 'cn-hangzhou', VpnConnectionId: 'vco-1', Name: 'n' })
  assert.doesNotMatch(link.change, none)
  assert.match(instead.status, /Not included[^]*event/)
  // What is read is shared, and a key that the rule takes from there is not.
  for (const from of [{}, { 'IkeConfig.Psk': 'detail.k' }, { 'IkeConfig.Psk': 'detail.secrets.0' }, { IkeConfig: 'detail.ike' }]) {
    await paste(page, 'event-editor', JSON.stringify({ source: 'x', 'detail-type': 'y', id: '1', detail: { ...data, ike: { Psk: key, IkeVersion: 'ikev2' }, copy: 'n', other: 'not read' } }))
    await paste(page, 'rules-editor', rules({ from: { ...rule.from, ...from } }))
    const { text, status } = await share(page)
    assert.doesNotMatch(text, none, JSON.stringify(from))
    assert.equal(status, 'Link copied, without secrets.')
    const event = JSON.parse(JSON.parse(text).event)
    assert.deepEqual([event.source, event.detail.id, event.detail.password, event.detail.other], ['x', 'vco-1', '***', '***'])
  }
}))

/** All strings in a JSON document, also those in nested JSON and base64. */
function texts(value) {
  if (typeof value === 'object' && value !== null) return Object.values(value).flatMap(texts)
  const text = String(value)
  const inner = [text, Buffer.from(text, 'base64').toString()].filter(t => /^\s*["[{]/.test(t)).flatMap(t => {
    try {
      return texts(JSON.parse(t))
    } catch {
      return [t]
    }
  })
  return [text, ...inner]
}

test('a link to an example contains its change and no key, for every envelope', withPage(async page => {
  const names = await page.locator('#examples option[value]:not([value=""])').evaluateAll(all => all.map(o => o.value))
  let withKey = 0, events = 0
  await usePage(browser, server.url, async other => {
    for (const name of names) {
      await example(page, name)
      const own = await changeText(page)
      const secrets = [...own.matchAll(/"Psk": "([^"{]+)"/g)].map(m => m[1])
      if (secrets.length > 0) withKey++
      const { hash, text } = await share(page)
      const strings = texts(JSON.parse(text))
      for (const secret of secrets) assert.equal(strings.some(t => t.includes(secret)), false, name)
      if (JSON.parse(text).event) events++
      await openLink(other, hash)
      const want = secrets.reduce((t, s) => t.replaceAll(s, '***'), own)
      assert.deepEqual(JSON.parse(await changeText(other)), JSON.parse(want), name)
    }
  })
  assert.equal(withKey >= 4, true, `${withKey} examples contain a key`)
  assert.equal(events >= 12, true, `${events} examples are shared as events`)
}))

test('a link keeps which change of an event is selected; with an impossible selection it opens with the first change', withPage(async page => {
  await example(page, 'inventory-sites')
  await page.locator('#explanation select').selectOption('1')
  const { hash, text } = await share(page)
  await usePage(browser, server.url + hash, async other => {
    assert.equal(JSON.parse(await changeText(other)).VpnConnectionId, 'vco-p0w5112fgnl2ihlmf0001')
    await openLink(other, fragment({ ...JSON.parse(text), pick: -1 }))
    assert.equal(JSON.parse(await changeText(other)).VpnConnectionId, 'vco-p0w5112fgnl2ihlmf0000')
  })
}))

test('a link contains the known values of the current configuration, without keys', withPage(async page => {
  await paste(page, 'change-editor', change({ VpnConnectionId: single.VpnConnectionId, Name: 'b' }))
  await selectInput(page, 'Current')
  const own = single.IkeConfig.Psk
  assert.equal(own.length > 10, true)
  const odd = { ...single, IkeConfig: { ...single.IkeConfig, PresharedKey: key, PreShared: [key] }, Tag: { Tag: [{ Key: key, Value: key }] }, unheard: key }
  const hashes = []
  for (const text of [JSON.stringify(single), JSON.stringify({ headers: { 'x-acs-security-token': key }, body: odd }), JSON.stringify({ ...single, IkeConfig: JSON.stringify(odd.IkeConfig) })]) {
    await paste(page, 'current-editor', text)
    const { text: link, hash } = await share(page)
    assert.equal(link.includes(own), false)
    assert.doesNotMatch(link, /Builder|NotASecret/)
    assert.match(link, /ikev/)
    hashes.push(hash)
  }
  await usePage(browser, server.url + hashes[0], async other => {
    for (const hash of hashes) {
      if (hash !== hashes[0]) await openLink(other, hash)
      await selectInput(other, 'Current')
      await other.locator('#current-diff tr.differs').first().waitFor()
    }
  })
  await paste(page, 'current-editor', JSON.stringify({ hello: key }))
  const { text, status } = await share(page)
  assert.equal(JSON.parse(text).current, undefined)
  assert.match(status, /Not included[^]*current/)
}))

test('the page says what a link can’t contain', withPage(async page => {
  await paste(page, 'change-editor', '{"RegionId": "cn-hangzhou",')
  const { text, status } = await share(page)
  assert.equal(JSON.parse(text).change, undefined)
  assert.equal(status, 'Link copied, without secrets. Not included (not JSON, or may contain a secret): change.')
}))

test('a link with an unknown peer or request format opens without it', withPage(async page => {
  await go(page, fragment({ change: change({ Name: 'a' }), peer: 'cisco', language: 'cobol', signature: 'v9' }))
  await page.waitForFunction(() => document.getElementById('field-Name').value === 'a')
  assert.equal(await page.getByLabel('Other end').inputValue(), '')
  assert.match(await output(page), /\| curl /)
  assert.equal(await page.locator('#language').inputValue(), 'curl')
  assert.equal(await page.locator('#findings li').count(), 0)
}))

test('a broken link says so, changes nothing, and is forgotten when a good one opens', withPage(async page => {
  const notice = page.locator('#notice')
  await go(page, '#v1.AAAA')
  await notice.getByText('The page starts empty').waitFor()
  await paste(page, 'change-editor', change({ Name: 'mine' }))
  await go(page, fragment({ change: change({ Name: 'good' }) }))
  await notice.waitFor({ state: 'hidden' })
  await page.waitForFunction(() => document.getElementById('field-Name').value === 'good')
  for (const content of ['5', 'null', '[]', '"x"', '{}', '{"change":5}', '{"mode":"single","event":null}', '{']) {
    await go(page, fragment(content))
    await notice.getByText(/broken.*Nothing was changed/).waitFor()
    assert.equal(JSON.parse(await changeText(page)).Name, 'good', content)
  }
}))

test('a link that decompresses to more than the limit is rejected, and not read to its end', withPage(async page => {
  const read = await page.evaluate(() => {
    const own = ReadableStreamDefaultReader.prototype.read
    window.unpacked = 0
    ReadableStreamDefaultReader.prototype.read = async function () {
      const part = await own.call(this)
      window.unpacked += part.value?.length ?? 0
      return part
    }
  })
  assert.equal(read, undefined)
  await go(page, fragment('{"change":"' + ' '.repeat(20_000_000) + '"}'))
  await page.locator('#notice').getByText('The link is too large').waitFor()
  assert.equal(await page.evaluate(() => window.unpacked) < 6_000_000, true)
  await page.fill('#field-RegionId', 'cn-hangzhou')
  assert.deepEqual(JSON.parse(await changeText(page)), { RegionId: 'cn-hangzhou' })
}))
