// This file has a page visited in a Chromium without developer tools: those copy each answer, which takes longer than what is measured.

import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { json } from 'node:stream/consumers'
import { answer, args, executablePath, serve, site } from './harness.mjs'

// The browser has settled when the page is opened.
const start = page => `<!doctype html><title>start</title><script>setTimeout(() => location.replace(${JSON.stringify(page)}), 1000)</script>`

/** Visits a page of the site or of others, each time in a browser of its own. Gives what the page posted to /report. */
export async function visits(times, page, others) {
  let report
  const server = await serve(site, '/', {
    '/start': answer('text/html', start(page)),
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
        setTimeout(reject, 60_000, new Error(`${page} has reported nothing`)).unref()
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
  // Without a port it would end once the page is loaded.
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
