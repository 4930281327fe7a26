// This file tests what the page says of what it copies: hidden keys, a missing access key, a key in a URL, a signature's age.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { changeText, output, paste } from './harness.mjs'
import { selectInput, withPage } from './fixtures.mjs'

const key = 'BuilderTestKey2026NotASecret42'
const clipboard = page => page.evaluate(() => navigator.clipboard.readText())
const single = JSON.stringify({ RegionId: 'cn-hangzhou', VpnConnectionId: 'vco-1', IkeConfig: { Psk: key, IkeVersion: 'ikev2' } }, null, 1)
const dual = JSON.stringify({ RegionId: 'cn-hangzhou', VpnConnectionId: 'vco-1', TunnelOptionsSpecification: [{ TunnelIndex: 2, TunnelIkeConfig: { Psk: key } }] })

test('what is copied from an editor has stars for the keys that it hides', withPage(async page => {
  await paste(page, 'change-editor', single)
  await page.keyboard.press('Control+a')
  await page.keyboard.press('Control+c')
  await page.locator('#status').getByText('Copied with *** in place of what is hidden').waitFor()
  assert.equal(await clipboard(page), single.replace(key, '***'))
  // One line, without a selection, and a part of a key.
  await page.locator('#change-editor .cm-line', { hasText: 'Psk' }).click()
  await page.keyboard.press('Control+c')
  assert.match(await clipboard(page), /"Psk": "\*\*\*"/)
  await page.locator('#change-editor .cm-line', { hasText: 'Psk' }).dblclick({ position: { x: 160, y: 8 } })
  await page.keyboard.press('Control+c')
  assert.doesNotMatch(await clipboard(page), /Builder|NotASecret/)
  // What is cut is not lost.
  await page.keyboard.press('Control+a')
  await page.keyboard.press('Control+x')
  assert.equal(await changeText(page), '')
  assert.doesNotMatch(await clipboard(page), /NotASecret/)
  await page.keyboard.press('Control+v')
  assert.equal(JSON.parse(await changeText(page)).IkeConfig.Psk, key)
  // Shown keys are copied.
  await page.click('#change-reveal')
  await page.locator('#change-editor .cm-content').click()
  await page.keyboard.press('Control+a')
  await page.keyboard.press('Control+c')
  assert.equal(JSON.parse(await clipboard(page)).IkeConfig.Psk, key)
}))

test('tokens and authorization headers of an event are masked', withPage(async page => {
  await selectInput(page, 'Event + rules')
  const token = 'abcdef0123456789'
  const jwt = 'eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0NTY3ODkwIn0.c2lnbmF0dXJl'
  const events = [
    { headers: { Authorization: `Token ${token}` } },
    { multiValueHeaders: { authorization: [`Bearer ${token}`] } },
    { headers: { 'Proxy-Authorization': token, Cookie: `session=${token}` } },
    { headers: [{ name: 'Authorization', value: `Token ${token}` }] },
    { headers: [{ name: 'x', value: 'y' }, { name: 'Set-Cookie', value: token }] },
    { via: `Bearer ${token}` }, { via: 'basic dXNlcjpwYXNzd29yZDE=' }, { text: `curl -H 'Authorization: Bearer ${token}' https://x` }, { anything: jwt }, { message: `it came with ${jwt}` },
    { headers: { 'x-api-key': token } },
  ]
  const seen = () => page.locator('#event-editor .cm-content').evaluate(content => {
    const copy = content.cloneNode(true)
    for (const hidden of copy.querySelectorAll('.cm-masked')) hidden.remove()
    return copy.textContent
  })
  for (const event of events) {
    await paste(page, 'event-editor', JSON.stringify(event))
    await page.locator('#event-editor .cm-masked').first().waitFor()
    assert.doesNotMatch(await seen(), /abcdef|0123456789|eyJ|dXNlcjp/, JSON.stringify(event))
  }
  await paste(page, 'event-editor', JSON.stringify({ source: 'basic configuration', name: 'token bucket exceeded', list: [{ name: 'vpn', value: 'site-a' }] }))
  assert.match(await seen(), /basic configuration.*token bucket exceeded.*site-a/)
}))

test('before copying, the page says that there is no access key, and that a URL has the key', withPage(async page => {
  const notes = async tab => (await output(page, tab), page.locator('#copy-notes').innerText())
  await paste(page, 'change-editor', dual)
  assert.match(await notes('curl'), /^Without an access key here, it signs with ALIBABA_CLOUD_ACCESS_KEY_ID/)
  assert.match(await notes('HTTP message'), /^Without an access key the signature is \*\*\*: this can’t be sent\.$/)
  assert.match(await notes('Python'), /takes the one of its own environment/)
  assert.equal(await notes('Terraform'), '')
  await paste(page, 'change-editor', single)
  assert.match(await notes('curl'), /With a single tunnel the key is in the URL’s query/)
  assert.equal(await notes('Terraform'), '')
  await page.locator('.signing summary').click()
  await page.fill('#accessKeyId', 'id')
  await page.fill('#accessKeySecret', 'a-secret')
  assert.match(await notes('HTTP message'), /^Without secrets the signature is \*\*\*/)
  await page.check('#with-secrets')
  assert.equal(await notes('HTTP message'), 'With a single tunnel the key is in the URL’s query, which proxies and logs may keep.')
  assert.match(await output(page), new RegExp(`\\?[^\\n]*${key}`))
}))

test('the bar says how old the signature is, and Copy signs anew', withPage(async page => {
  await page.clock.install()
  await paste(page, 'change-editor', dual)
  await page.locator('.signing summary').click()
  await page.fill('#accessKeyId', 'id')
  await page.fill('#accessKeySecret', 'a-secret')
  const bar = page.locator('#verdict')
  assert.doesNotMatch(await bar.innerText(), /Signed/)
  await page.check('#with-secrets')
  for (const version of ['v3', 'v1']) {
    await page.selectOption('#signature-version', version)
    await bar.getByText('Signed just now, valid for 15 minutes.').waitFor()
    await page.clock.fastForward('04:00')
    await bar.getByText('Signed 4 minutes ago, valid for 11 minutes.').waitFor()
    await page.clock.fastForward('11:30')
    await bar.getByText('Signed 15 minutes ago, which is too long: Copy signs anew.').waitFor()
    await page.keyboard.press('Control+Enter')
    await bar.getByText('Signed just now').waitFor()
  }
  await output(page, 'Terraform')
  assert.doesNotMatch(await bar.innerText(), /Signed/)
}))
