// This file tests the request in its formats: the signature, the commands, and that they work.

import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { createHash, createHmac } from 'node:crypto'
import { test } from 'node:test'
import { output, paste, usePage } from './harness.mjs'
import { credentials, describe, startEmulator } from './emulator.mjs'
import { browser, example, selectInput, server, unfold, withPage } from './fixtures.mjs'

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
