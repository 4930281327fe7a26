// This file runs `vpnattach serve`, with the page and the emulated API, and describes attachments there.

import { execFileSync, spawn } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { init, sign } from '../../npm/dist/node.js'
import { root, site } from './harness.mjs'

export const credentials = { accessKeyId: 'local', accessKeySecret: 'local-secret' }

let built // once for a file of tests

/** Starts serve; more are variables of its environment. With VPC_ENDPOINT there is no emulator. */
export async function startEmulator(more = {}) {
  const folder = mkdtempSync(join(tmpdir(), 'vpnattach-'))
  built ??= execFileSync('make', ['--silent', 'program'], { cwd: root })
  const program = join(root, '.build/vpnattach')
  const child = spawn(program, ['serve'], {
    env: { PATH: process.env.PATH, PORT: '0', VPC_PORT: '0', VPC_UPDATE_TIME: '0s', STATE_DIR: join(folder, 'state'), SITE_DIR: site, ...more },
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  const ended = new Promise(resolve => child.on('exit', resolve))
  const urls = {}
  await new Promise((resolve, reject) => {
    child.on('exit', code => reject(new Error(`serve ended with ${code}`)))
    createInterface(child.stdout).on('line', line => {
      const [, label, url] = /^\s*\W*(VPC API|page)\W.*?(http:\/\/[^\s\x1b]+)/.exec(line) ?? []
      if (label) urls[label] = url
      if (urls.page && (urls['VPC API'] || more.VPC_ENDPOINT)) resolve()
    })
  })
  return {
    endpoint: urls['VPC API'],
    page: urls.page,
    async close() {
      child.kill()
      await ended
      rmSync(folder, { recursive: true, force: true })
    },
  }
}

export async function describe(endpoint, VpnConnectionId) {
  await init()
  const { request, error } = sign({ describe: { RegionId: 'cn-hangzhou', VpnConnectionId } }, credentials, { endpoint })
  if (error) throw new Error(error.message)
  const { host: _, ...headers } = request.headers
  const response = await fetch(request.url, { method: request.method, headers, body: request.body })
  return response.json()
}
