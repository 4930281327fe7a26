// This file runs the program that the README shows for a page of one's own.

import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { root } from './harness.mjs'

test('the README’s program signs a request', () => {
  const [, program] = /```js\n(import .* from "vpnattach";\n[^]*?)```/.exec(readFileSync(join(root, 'README.md'), 'utf8'))
  const own = program.replace('"vpnattach"', JSON.stringify(join(root, 'wasm/npm/dist/node.js')))
  const said = execFileSync(process.execPath, ['--input-type=module', '-e', own], { encoding: 'utf8' })
  assert.match(said, /POST https:\/\/vpc\.aliyuncs\.com\/\?.*RemoteSubnet=10\.1\.3\.0%2F24[^]*ACS3-HMAC-SHA256 Credential=testid,/)
  assert.equal(program.trim().split('\n').length <= 11, true)
})
