// This file tests fixes: what one press changes, what it leaves, and where the focus is after it.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { changeText, paste } from './harness.mjs'
import { example, selectInput, withPage } from './fixtures.mjs'

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

test('fix buttons are aligned', withPage(async page => {
  await paste(page, 'change-editor', '{"RegionId":"cn-hangzhou","VpnConnectionId":"vco-1","LocalSubnet":"10.1.1.9/24,10.1.1.0/24","BgpConfig":{"LocalAsn":"1.10"}}')
  const edges = await page.locator('#findings-list .finding-meta button').evaluateAll(all => all.map(b => Math.round(b.getBoundingClientRect().right)))
  assert.equal(edges.length >= 3 && new Set(edges).size === 1, true, String(edges))
}))
