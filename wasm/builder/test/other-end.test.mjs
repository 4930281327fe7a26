// This file tests the configuration of the other end: each form of it, and what it can't have.

import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { accessible, output, paste, root } from './harness.mjs'
import { selectInput, withPage } from './fixtures.mjs'

const key = 'OtherEndTestKey2026NotASecret'
const answer = JSON.parse(readFileSync(join(root, 'shared/emulator/testdata/describe-dual.json'), 'utf8'))
for (const [i, t] of answer.TunnelOptionsSpecification.TunnelOptions.entries()) t.TunnelIkeConfig.Psk = `OtherEndNow${i}NotASecret2026`
const change = TunnelIkeConfig => JSON.stringify({ RegionId: 'cn-hangzhou', VpnConnectionId: 'vco-localdual', TunnelOptionsSpecification: [{ TunnelIndex: 2, TunnelIkeConfig }] })

async function start(page, ike) {
  await selectInput(page, 'Current')
  await paste(page, 'current-editor', JSON.stringify(answer, null, 2))
  await paste(page, 'change-editor', change(ike))
  await selectInput(page, 'Form')
}

test('each form has both tunnels, without keys unless they are asked for', withPage(async page => {
  await start(page, { Psk: key, IkeLifetime: 27000 })
  for (const [name, parts] of [
    ['Other end: AWS CLI', [/aws ec2 modify-vpn-tunnel-options[^]*aws ec2 modify-vpn-tunnel-options[^]*Phase1LifetimeSeconds\W+27000/]],
    ['Other end: AWS Terraform', [/resource "aws_vpn_connection"/, /"aws_vpn_connection" "tunnel_1"/, /"aws_vpn_connection" "tunnel_2"[^]*tunnel1_phase1_lifetime_seconds\s*= 27000/, /# warning: LocalSubnet has several CIDR blocks/]],
    ['Other end: strongSwan', [/connections \{/, /secrets \{/, /local_ts/, /remote_ts/, /tunnel_2 \{[^]*rekey_time = 24300s\n\s*over_time = 2700s/]],
    ['Other end: parameters', [/The other end of vco-localdual/, /^tunnel_1$/m, /^tunnel_2$[^]*27000/m]],
  ]) {
    const text = await output(page, name)
    for (const part of parts) assert.match(text, part, text)
    assert.doesNotMatch(text, /NotASecret/)
    await page.evaluate(() => navigator.clipboard.writeText(''))
    await page.locator('#with-secrets').press('Space')
    const shown = await output(page)
    assert.match(shown, new RegExp(key))
    assert.match(shown, /OtherEndNow0NotASecret2026/)
    await page.locator('#copy').press('Enter')
    await page.waitForFunction(() => navigator.clipboard.readText().then(t => t.includes('OtherEndTestKey')))
    await page.locator('#status').getByText('Copied, with secrets.').waitFor()
    await page.locator('#with-secrets').press('Space')
  }
}))

test('what the other end can\'t have is a finding', withPage(async page => {
  for (const [peer, ike, finding] of [['aws', { IkeEncAlg: 'des' }, 'aws does not support'], ['azure', { IkeAuthAlg: 'sha512' }, 'azure does not support'], ['gcp', { IkeEncAlg: '3des', IkePfs: 'group1' }, 'gcp']]) {
    await page.getByLabel('Other end').selectOption('')
    await start(page, { Psk: key, ...ike })
    assert.doesNotMatch(await page.locator('#findings-list').innerText(), /peer-/)
    await page.getByLabel('Other end').selectOption(peer)
    await page.locator('#findings-list').getByText(/^peer-/).first().waitFor()
    assert.match(await page.locator('#findings-list').innerText(), new RegExp(finding))
  }
  for (const colorScheme of ['light', 'dark']) {
    await page.emulateMedia({ colorScheme })
    await accessible(page)
  }
}))

test('all that AWS as the other end can\'t have is told, and leads to its tunnel', withPage(async page => {
  await start(page, { Psk: key, IkeEncAlg: 'des', IkePfs: 'group1', IkeLifetime: 60 })
  for (const name of ['Other end: AWS CLI', 'Other end: AWS Terraform']) {
    const text = await output(page, name)
    assert.match(text, /The other end can’t have this configuration:/)
    for (const part of [/IkeEncAlg is des/, /IkePfs is group1/, /IkeLifetime is 60/]) assert.match(text, part)
    await page.locator('#output-panel .blocking').getByRole('button', { name: /IkeEncAlg is des/ }).press('Enter')
    assert.equal(await page.evaluate(() => document.activeElement.closest('[data-path]')?.dataset.path), 'TunnelOptionsSpecification[0].TunnelIkeConfig.IkeEncAlg')
    await page.locator('#verdict').getByText('The other end can’t have this configuration.').waitFor()
  }
  assert.doesNotMatch(await output(page, 'Other end: strongSwan'), /can’t have/)
}))
