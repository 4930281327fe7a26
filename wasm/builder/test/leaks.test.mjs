// This file puts a key of its own into every way into the page, and looks for it wherever the page keeps, shows or hands on anything.

import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { test } from 'node:test'
import { paste, root, usePage } from './harness.mjs'
import { browser, selectInput, server } from './fixtures.mjs'

const answer = JSON.parse(readFileSync(join(root, 'shared/emulator/testdata/describe-single.json'), 'utf8'))
const change = more => JSON.stringify({ RegionId: 'cn-hangzhou', VpnConnectionId: 'vco-localsingle', ...more })
const base64 = text => Buffer.from(text).toString('base64')

async function pasteAt(page, text) {
  await page.evaluate(text => navigator.clipboard.writeText(text), text)
  await page.locator('h1').click()
  await page.keyboard.press('ControlOrMeta+v')
}

async function event(page, value, rules) {
  await selectInput(page, 'Event + rules')
  await paste(page, 'event-editor', typeof value === 'string' ? value : JSON.stringify(value, null, 2))
  if (rules) await paste(page, 'rules-editor', JSON.stringify(rules))
}

const rule = more => ({ name: 'r', match: { kind: ['k'] }, with: { RegionId: 'cn-hangzhou', VpnConnectionId: 'vco-localsingle' }, ...more })
const kinesis = data => ({ Records: [{ kinesis: { kinesisSchemaVersion: '1.0', partitionKey: 'p', sequenceNumber: '1', data, approximateArrivalTimestamp: 1793611800.5 }, eventSource: 'aws:kinesis', eventVersion: '1.0', eventID: 's:1', eventName: 'aws:kinesis:record', eventSourceARN: 'arn:aws:kinesis:eu-central-1:123456789012:stream/changes', awsRegion: 'eu-central-1' }] })

const ways = {
  'a change': (page, key) => paste(page, 'change-editor', change({ IkeConfig: { Psk: key } })),
  'a change as it is typed, which is not JSON yet': (page, key) => paste(page, 'change-editor', change({ IkeConfig: { Psk: key } }).slice(0, -3)),
  'a change with a comment': (page, key) => pasteAt(page, `// new\n${change({ IkeConfig: { Psk: key } })}`),
  'an aliyun command': (page, key) => pasteAt(page, `aliyun vpc ModifyVpnAttachmentAttribute --RegionId cn-hangzhou --VpnConnectionId vco-localsingle --IkeConfig '{"Psk":"${key}"}'`),
  'an aliyun command that can\'t be read': (page, key) => pasteAt(page, `aliyun vpc ModifyVpnAttachmentAttribute --RegionId cn-hangzhou ${key} --IkeConfig '{"Psk":"${key}' --${key} x`),
  'a curl command': (page, key) => pasteAt(page, `curl -H 'Authorization: Bearer ${key}' 'https://vpc.aliyuncs.com/?Action=ModifyVpnAttachmentAttribute&VpnConnectionId=vco-localsingle' -d 'IkeConfig={"Psk":"a&${key}=b&c${key}"}'`),
  'a Terraform resource': (page, key) => pasteAt(page, `resource "alicloud_vpn_gateway_vpn_attachment" "a" {\n  local_subnet = "10.0.0.0/8"\n  ike_config {\n    psk = "${key}"\n  }\n  unknown = "${key}"\n}`),
  'prose': (page, key) => pasteAt(page, `The new key of site A is ${key}.`),
  'the field of the key': async (page, key) => {
    await selectInput(page, 'Form')
    await paste(page, 'change-editor', change({}))
    await page.locator('#form details[data-section="Phase 1"] > summary').click()
    await page.fill('[data-path="IkeConfig.Psk"] input', key)
  },
  'the current configuration': async (page, key) => {
    await pasteAt(page, JSON.stringify({ ...answer, IkeConfig: { ...answer.IkeConfig, Psk: key } }))
    await paste(page, 'change-editor', change({ Name: 'n' }))
  },
  'a current configuration that is not JSON': (page, key) => pasteAt(page, JSON.stringify({ ...answer, IkeConfig: { ...answer.IkeConfig, Psk: key } }).replaceAll('"', "'").replace(/\}$/, ',}')),
  'an event with a change': (page, key) => event(page, { version: '0', id: 'e', 'detail-type': 'VPN Attachment Change', source: 's', time: '2026-11-02T09:30:00Z', detail: JSON.parse(change({ IkeConfig: { Psk: key } })) }),
  'an event with a key by another name, and a rule for it': (page, key) => event(page, { kind: 'k', data: { value: key, headers: [{ name: 'Authorization', value: `Bearer ${key}` }] } }, { rules: [rule({ from: { 'IkeConfig.Psk': 'data.value' } })] }),
  'a constant of a rule': (page, key) => event(page, { kind: 'k' }, { rules: [rule({ with: { RegionId: 'cn-hangzhou', VpnConnectionId: 'vco-localsingle', 'IkeConfig.Psk': key } })] }),
  'a test of a rule': (page, key) => event(page, { kind: 'k' }, { rules: [rule({ from: { 'IkeConfig.Psk': 'psk' } })], tests: [{ name: 't', event: { kind: 'k', psk: key }, want: [JSON.parse(change({ IkeConfig: { Psk: key } }))] }] }),
  'text within an event': (page, key) => event(page, { kind: 'k', message: `{"psk": "${key}"}`, log: `psk=${key}, ok` }),
  'base64 within an event': (page, key) => event(page, kinesis(base64(change({ IkeConfig: { Psk: key } })))),
  'gzip within an event': (page, key) => event(page, kinesis(gzipSync(change({ IkeConfig: { Psk: key } })).toString('base64'))),
  'the access key': async (page, key) => {
    await paste(page, 'change-editor', change({ Name: 'n' }))
    await page.locator('details.signing > summary').click()
    await page.fill('#accessKeyId', 'LTAI-example')
    await page.fill('#accessKeySecret', key)
    await page.fill('#securityToken', key)
    for (const format of ['Parameters', 'Signature', 'HTTP message']) await page.selectOption('#language', { label: format })
  },
  'the endpoint': async (page, key) => {
    await paste(page, 'change-editor', change({ Name: 'n' }))
    await page.locator('details.signing > summary').click()
    await page.fill('#endpoint', `https://user:${key}@example.com/?${key}`)
  },
  'the way of an event': async (page, key) => {
    await event(page, { kind: 'k' }, { rules: [rule({ via: ['bus'] })] })
    await page.fill('#via', key)
  },
}

// What the page can't know to be a key is shown in the editor that it was pasted into, and in what is said of a way.
const isTyped = (where, name) => (where === 'editors' && /another name|base64/.test(name)) || (where === 'words' && /the way/.test(name))

/** All that the page keeps, says in words, attributes and titles, and hands on; not what is typed into its fields and editors. */
const traces = page => page.evaluate(async () => {
  const words = []
  const walk = node => {
    for (const a of node.attributes ?? []) if (!(a.name === 'value' && node.matches('input'))) words.push(a.value)
    for (const child of node.childNodes) child.nodeType === Node.TEXT_NODE ? words.push(child.data) : walk(child)
  }
  walk(document.documentElement) // an editor is in a shadow tree
  const editors = [...document.querySelectorAll('.editor')].filter(e => e.checkVisibility()).map(e => e.shadowRoot?.querySelector('.cm-content')?.innerText ?? '')
  const packed = location.hash.replace(/^#v1\./, '')
  const bytes = Uint8Array.from(atob(packed.replaceAll('-', '+').replaceAll('_', '/')), c => c.charCodeAt(0))
  return {
    storage: JSON.stringify([{ ...localStorage }, { ...sessionStorage }]), history: JSON.stringify(history.state), address: decodeURIComponent(location.href),
    title: document.title, words: words.join('\n'), editors: editors.join('\n'), clipboard: await navigator.clipboard.readText(),
    link: packed && (await new Response(new Blob([bytes]).stream().pipeThrough(new DecompressionStream('deflate-raw'))).text()),
    caches: JSON.stringify(await Promise.all((await caches.keys()).map(async name => (await (await caches.open(name)).keys()).map(r => r.url)))),
  }
})

// One page for all: each way begins with what a reload has left of the one before.
test('a key is nowhere but where it was entered', t => usePage(browser, server.url, async page => {
  const log = []
  page.on('console', m => log.push(m.text()))
  page.on('dialog', d => d.accept())
  for (const [i, [name, enter]] of Object.entries(ways).entries()) await t.test(`in ${name}`, async () => {
    const key = `Zq${i}xW9vLeakTest7Kp2mR4tY8bN6cD`
    const look = async step => {
      const found = { ...(await traces(page)), log: log.join('\n') }
      const encoded = [key, base64(key).slice(0, -4), base64(` ${key}`).slice(4, -4), base64(`  ${key}`).slice(4, -4)]
      if (name.startsWith('gzip')) assert.equal(found.storage.includes('H4sI'), false, step)
      const shown = Object.keys(found).filter(where => encoded.some(k => found[where].includes(k)) && !isTyped(where, name))
      assert.deepEqual(shown.map(where => `${where} after ${step}: ${found[where].slice(Math.max(0, found[where].indexOf(key) - 60), found[where].indexOf(key) + 10)}`), [])
    }
    await enter(page, key)
    await page.evaluate(() => navigator.clipboard.writeText(''))
    await look('entering it')
    if (await page.locator('#copy').isEnabled()) await page.locator('#copy').click()
    await look('Copy')
    await page.getByRole('button', { name: 'Share' }).click()
    const without = page.getByRole('button', { name: /^Share without/ })
    if (await without.count() > 0) await without.click()
    await look('Share')
    for (const tab of ['Form', 'Event + rules', 'Current']) {
      await selectInput(page, tab)
      await look(tab)
    }
    await page.locator('#show-history').click()
    await look('the last requests')
    await page.keyboard.press('Escape')
    await page.evaluate(() => dispatchEvent(new Event('pagehide')))
    await look('leaving')
    await page.reload()
    await page.waitForSelector('html[data-ready]')
    await look('a reload')
  })
}))
