// This file runs the programs that the documentation shows for a page of one's own.

import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { root } from './harness.mjs'

const says = {
  'README.md': /findings/,
  'wasm/README.md': /POST https:\/\/vpc\.aliyuncs\.com\/\?.*RemoteSubnet=10\.1\.3\.1%2F24[^]*ACS3-HMAC-SHA256 Credential=testid,/,
  'wasm/npm/README.md': /RemoteSubnet[^]*https:\/\//,
}

for (const [page, wanted] of Object.entries(says)) {
  test(`the program in ${page}`, () => {
    const [, program] = /```[jt]s\n(import .* from "vpnattach";\n[^]*?)```/.exec(readFileSync(join(root, page), 'utf8'))
    const own = program.replace('"vpnattach"', JSON.stringify(join(root, 'wasm/npm/dist/node.js')))
    assert.match(execFileSync(process.execPath, ['--input-type=module', '-e', own], { encoding: 'utf8' }), wanted)
    assert.equal(program.trim().split('\n').length <= 11, true)
  })
}
