// This file opens a page in Chromium without DevTools, which copy each response and so take longer than what is measured.

import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { json } from 'node:stream/consumers'
import { respondWith, args, executablePath, serve, site } from './harness.mjs'

// The browser has finished its start when the page is opened.
const start = page => `<!doctype html><title>start</title><script>setTimeout(() => location.replace(${JSON.stringify(page)}), 1000)</script>`

/** Opens a page a number of times, each in a new browser. Returns what the page posted to /report. */
export async function reportsOf(times, page, others) {
  let report
  const server = await serve(site, '/', {
    '/start': respondWith('text/html', start(page)),
    async '/report'(request, response) {
      report(await json(request))
      response.end()
    },
    ...others,
  })
  const reports = []
  try {
    for (let i = 0; i < times; i++) {
      const reported = new Promise((resolve, reject) => {
        report = resolve
        setTimeout(reject, 60_000, new Error(`${page} has not reported`)).unref()
      })
      reports.push(await visit(server.url + 'start', reported))
    }
  } finally {
    await server.close()
  }
  return reports
}

async function visit(url, reported) {
  const profile = await mkdtemp(join(tmpdir(), 'vpnattach-'))
  // Without a port the browser would exit once the page is loaded.
  const browser = spawn(await executablePath(), [...args, '--remote-debugging-port=0', `--user-data-dir=${profile}`, url], { stdio: 'ignore' })
  const ended = once(browser, 'exit')
  try {
    return await Promise.race([reported, ended.then(([code]) => Promise.reject(new Error(`the browser ended with ${code}`)))])
  } finally {
    browser.kill()
    await ended
    await rm(profile, { recursive: true, force: true, maxRetries: 5 })
  }
}
