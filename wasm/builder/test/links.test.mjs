// This file tests that a link brings the state back, holds no secret, and does no harm, whoever made it.

import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { deflateRawSync, inflateRawSync } from 'node:zlib'
import { changeText, output, paste, root, within } from './harness.mjs'
import { browser, input, on, server } from './fixtures.mjs'

const example = (page, name) => page.selectOption('#examples', name)
const key = 'BuilderTestKey2026NotASecret42'
const single = JSON.parse(readFileSync(join(root, 'shared/emulator/testdata/describe-single.json'), 'utf8'))

const fragment = shared => '#v1.' + deflateRawSync(Buffer.from(typeof shared === 'string' ? shared : JSON.stringify(shared))).toString('base64url')

/** What the link holds, and what the page says of it. */
async function share(page) {
  await page.evaluate(() => history.replaceState(null, '', location.pathname))
  await page.locator('#said').evaluate(e => (e.textContent = ''))
  await page.click('#share')
  await page.waitForFunction(() => document.getElementById('said').textContent !== '')
  const hash = await page.evaluate(() => location.hash)
  return { hash, text: inflateRawSync(Buffer.from(hash.slice(4), 'base64url')).toString(), said: await page.locator('#said').innerText() }
}

const shared = async page => JSON.parse((await share(page)).text)

const change = more => JSON.stringify({ RegionId: 'cn-hangzhou', VpnConnectionId: 'vco-1', ...more })

test('a link has a change’s key in no form, and all else of the change', on(async page => {
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
    const { text: held, said } = await share(page)
    assert.doesNotMatch(held, /Builder|NotASecret|7301234/, text)
    assert.match(said, /^Link copied, without secrets\.$/)
    assert.equal(JSON.parse(JSON.parse(held).change).VpnConnectionId, 'vco-1')
  }
  const all = { ClientToken: 'token-1', LocalSubnet: ['10.1.0.0/16', '10.2.0.0/16'], IkeConfig: '{"Psk":"","IkeVersion":"ikev2","IkeLifetime":86400,"LocalIdIPsec":"a"}', HealthCheckConfig: { enable: true } }
  await paste(page, 'change-editor', change(all))
  assert.equal((await shared(page)).change, change(all))
}))

test('a link has of a rule file its paths and references, and no key', on(async page => {
  await input(page, 'Event + rules')
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

test('a link has of an event what the rules read, and nothing else', on(async page => {
  await input(page, 'Event + rules')
  const rules = (...more) => JSON.stringify({ rules: [{ ...rule, ...Object.assign({}, ...more) }] })
  const none = /Builder|NotASecret|QnVpbGRlcl|7301234/
  await paste(page, 'event-editor', JSON.stringify({ source: 'x', 'detail-type': 'y', id: '1', detail: data }))
  // Without rules, with broken ones, and with some that do not match.
  for (const text of ['', '{"rules":[', rules({ match: { source: ['other'] } })]) {
    await paste(page, 'rules-editor', text || ' ')
    const { text: held, said } = await share(page)
    assert.doesNotMatch(held, none)
    assert.equal(JSON.parse(held).event, undefined)
    assert.match(said, /Left out[^]*event/)
  }
  // A pattern that needs what may be a key: the change is shared instead of the event.
  await paste(page, 'rules-editor', rules({ match: { source: ['x'], detail: { password: [7301234567890] } } }))
  const instead = await share(page)
  const held = JSON.parse(instead.text)
  assert.equal(held.event, undefined)
  assert.deepEqual(JSON.parse(held.change), { RegionId: 'cn-hangzhou', VpnConnectionId: 'vco-1', Name: 'n' })
  assert.doesNotMatch(held.change, none)
  assert.match(instead.said, /Left out[^]*event/)
  // What is read is shared, and a key that the rule takes from there is not.
  for (const from of [{}, { 'IkeConfig.Psk': 'detail.k' }, { 'IkeConfig.Psk': 'detail.secrets.0' }, { IkeConfig: 'detail.ike' }]) {
    await paste(page, 'event-editor', JSON.stringify({ source: 'x', 'detail-type': 'y', id: '1', detail: { ...data, ike: { Psk: key, IkeVersion: 'ikev2' }, copy: 'n', other: 'not read' } }))
    await paste(page, 'rules-editor', rules({ from: { ...rule.from, ...from } }))
    const { text, said } = await share(page)
    assert.doesNotMatch(text, none, JSON.stringify(from))
    assert.equal(said, 'Link copied, without secrets.')
    const event = JSON.parse(JSON.parse(text).event)
    assert.deepEqual([event.source, event.detail.id, event.detail.password, event.detail.other], ['x', 'vco-1', '***', '***'])
  }
}))

/** All texts within a JSON document, those in JSON and base64 inside of it too. */
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

test('a link to an example has its change and no key, whatever envelope the event has', on(async page => {
  const names = await page.locator('#examples option[value]:not([value=""])').evaluateAll(all => all.map(o => o.value))
  let held = 0, events = 0
  for (const name of names) {
    await example(page, name)
    const own = await changeText(page)
    const secrets = [...own.matchAll(/"Psk": "([^"{]+)"/g)].map(m => m[1])
    if (secrets.length > 0) held++
    const { hash, text } = await share(page)
    const said = texts(JSON.parse(text))
    for (const secret of secrets) assert.equal(said.some(t => t.includes(secret)), false, name)
    if (JSON.parse(text).event) events++
    await within(browser, server.url + hash, async other => {
      const want = secrets.reduce((t, s) => t.replaceAll(s, '***'), own)
      assert.deepEqual(JSON.parse(await changeText(other)), JSON.parse(want), name)
    })
  }
  assert.equal(held >= 4, true, `${held} examples hold a key`)
  assert.equal(events >= 12, true, `${events} examples are shared as events`)
}))

test('a link keeps which of an event’s changes is chosen', on(async page => {
  await example(page, 'inventory-sites')
  await page.locator('#explanation select').selectOption('1')
  const { hash } = await share(page)
  await within(browser, server.url + hash, async other => {
    assert.equal(JSON.parse(await changeText(other)).VpnConnectionId, 'vco-p0w5112fgnl2ihlmf0001')
  })
}))

test('a link has of the current configuration what the page knows, without keys', on(async page => {
  await paste(page, 'change-editor', change({ VpnConnectionId: single.VpnConnectionId, Name: 'b' }))
  await input(page, 'Current')
  const own = single.IkeConfig.Psk
  assert.equal(own.length > 10, true)
  const odd = { ...single, IkeConfig: { ...single.IkeConfig, psk: key, PreShared: [key] }, Tag: { Tag: [{ Key: key, Value: key }] }, unheard: key }
  for (const text of [JSON.stringify(single), JSON.stringify({ headers: { 'x-acs-security-token': key }, body: odd }), JSON.stringify({ ...single, IkeConfig: JSON.stringify(odd.IkeConfig) })]) {
    await paste(page, 'current-editor', text)
    const { text: held, hash } = await share(page)
    assert.equal(held.includes(own), false)
    assert.doesNotMatch(held, /Builder|NotASecret/)
    assert.match(held, /ikev/)
    await within(browser, server.url + hash, async other => {
      await input(other, 'Current')
      await other.locator('#current-diff tr.differs').first().waitFor()
    })
  }
  await paste(page, 'current-editor', JSON.stringify({ hello: key }))
  const { text, said } = await share(page)
  assert.equal(JSON.parse(text).current, undefined)
  assert.match(said, /Left out[^]*current/)
}))

test('what a link can’t hold is said', on(async page => {
  await paste(page, 'change-editor', '{"RegionId": "cn-hangzhou",')
  const { text, said } = await share(page)
  assert.equal(JSON.parse(text).change, undefined)
  assert.equal(said, 'Link copied, without secrets. Left out, since it may hold a secret or is not JSON: change.')
}))

test('a link with a peer or a form of the request that there are not opens without', on(async page => {
  await page.evaluate(hash => (location.hash = hash), fragment({ change: change({ Name: 'a' }), peer: 'cisco', language: 'cobol', signature: 'v9' }))
  await page.waitForFunction(() => document.getElementById('field-Name').value === 'a')
  assert.equal(await page.getByLabel('peer').inputValue(), '')
  assert.match(await output(page), /^curl /)
  assert.equal(await page.locator('#output [role=tab][tabindex="0"]').count(), 1)
  assert.equal(await page.locator('#findings li').count(), 0)
}))

test('a link with a choice among changes that there can’t be opens with the first', on(async page => {
  await example(page, 'inventory-sites')
  const held = await shared(page)
  await within(browser, server.url + fragment({ ...held, pick: -1 }), async other => {
    assert.equal(JSON.parse(await changeText(other)).VpnConnectionId, 'vco-p0w5112fgnl2ihlmf0000')
  })
}))

test('a broken link says so, changes nothing, and is forgotten when a good one opens', on(async page => {
  const go = hash => page.evaluate(hash => (location.hash = hash), hash)
  const notice = page.locator('#notice')
  await go('#v1.AAAA')
  await notice.getByText('The page is empty').waitFor()
  await paste(page, 'change-editor', change({ Name: 'mine' }))
  for (const [content, says] of [['5', 'broken'], ['null', 'broken'], ['[]', 'broken'], ['"x"', 'broken'], ['{}', 'broken'], ['{"change":5}', 'broken'], ['{"mode":"single","event":null}', 'broken'], ['{', 'broken']]) {
    await go(fragment({ change: change({ Name: 'good' }) }))
    await notice.waitFor({ state: 'hidden' })
    await page.waitForFunction(() => document.getElementById('field-Name').value === 'good')
    await go(fragment(content))
    await notice.getByText(says).waitFor()
    assert.match(await notice.innerText(), /The page stays as it was/, content)
    assert.equal(JSON.parse(await changeText(page)).Name, 'good', content)
  }
}))

test('a link that unpacks to more than the page takes is refused, and not read to its end', on(async page => {
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
  await page.evaluate(hash => (location.hash = hash), fragment('{"change":"' + ' '.repeat(60_000_000) + '"}'))
  await page.locator('#notice').getByText('more than this page takes').waitFor()
  assert.equal(await page.evaluate(() => window.unpacked) < 6_000_000, true)
  await page.fill('#field-RegionId', 'cn-hangzhou')
  assert.deepEqual(JSON.parse(await changeText(page)), { RegionId: 'cn-hangzhou' })
}))
