// This file tests that the reference leaves nothing out: every parameter, finding and error code, and all that is said of each.

import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { referencePages } from '../reference.mjs'
import { close, launch, root, serve } from './harness.mjs'

const tables = JSON.parse(execFileSync('go', ['run', './wasm/generate', 'tables'], { cwd: root, maxBuffer: 1 << 26 }))
const all = referencePages(tables)
const pages = Object.fromEntries(Object.entries(all).filter(([name]) => name.endsWith('.html')))
const known = JSON.parse(/^const index = (.*)$/m.exec(all['reference/search.js'])[1])
const schema = path => JSON.parse(readFileSync(join(root, path), 'utf8'))
const ids = text => [...text.matchAll(/<(?:tr|article) id="([^"]+)"/g)].map(m => m[1])

test('every finding has its meaning, reason, remedy and source', () => {
  const page = pages['reference/findings.html']
  assert.deepEqual(ids(page), tables.core.rules.map(r => r.id))
  for (const article of page.split('<article ').slice(1)) {
    const id = ids('<article ' + article)[0]
    assert.match(article, /<h4>.*(error|warning|info)<\/span> <a class=\"anchor\".*<\/h4><p>.{10,}<\/p>/, id)
    for (const part of ['Why', 'How to fix', 'Source']) assert.match(article, new RegExp(`<dt>${part}</dt><dd>[^]{10,}?</dd>`), `${id} lacks: ${part}`)
  }
})

test('every problem that the page shows has its place, since findings link there', () => {
  const there = ids(pages['reference/findings.html'])
  const own = ['state', 'core'].flatMap(name => [...readFileSync(join(root, `wasm/builder/src/${name}.ts`), 'utf8').matchAll(/code: '([a-z-]+)'/g)].map(m => m[1]))
  assert.equal(own.length >= 2, true, String(own))
  assert.deepEqual(own.filter(code => !there.includes(code)), [])
})

test('every error code has its class, meaning and remedy', () => {
  const page = pages['reference/errors.html']
  assert.deepEqual(ids(page).toSorted(), [...tables.codes.map(c => c.name), ...tables.sessions.map(c => 'sts-' + c.name), ...tables.causes.map(c => c.name)].toSorted())
  for (const c of tables.causes) assert.equal([c.meaning, c.remedy].every(text => text?.length > 3), true, c.name)
  for (const c of [...tables.codes, ...tables.sessions]) assert.equal([c.class, c.meaning, c.remedy, c.source].every(text => text?.length > 3), true, c.name)
})

test('every form of events is there, with what is taken of it or what to do', () => {
  const page = pages['reference/events.html']
  assert.deepEqual(ids(page).toSorted(), tables.forms.map(f => f.name.replaceAll(' ', '-')).toSorted())
  for (const f of tables.forms) {
    assert.equal(!f.taken !== !f.hint && f.shape.length > 3, true, f.name)
    assert.equal(page.includes(f.taken ? f.taken.slice(0, 20) : f.hint.slice(0, 20)), true, f.name)
  }
  assert.equal(tables.forms.filter(f => !f.taken).length > 4, true)
})

test('every parameter is there, with its meaning', () => {
  const named = (rows, around) => rows.flatMap(p => [around + p.name, ...named(p.fields ?? [], `${around}${p.name}.`)])
  const want = named(tables.core.parameters, '')
  assert.deepEqual(ids(pages['reference/parameters.html']).toSorted(), want.toSorted())
  assert.equal(want.length > 50, true)
})

test('every key of a rule file and every operator is there', () => {
  const page = pages['reference/rules.html']
  const { $defs, properties } = schema('shared/core/rules/rules.schema.json')
  const want = [...Object.keys(properties), ...Object.keys($defs.rule.properties).map(key => 'rule.' + key), ...Object.keys($defs.test.properties).map(key => 'test.' + key),
    ...Object.keys($defs.condition.anyOf.find(c => c.type === 'object').properties).map(key => 'operator-' + key)]
  assert.deepEqual(want.filter(id => !ids(page).includes(id)), [])
})

test('every member of an outcome and every class of failures is there', () => {
  const page = pages['reference/outcomes.html']
  const want = [...Object.keys(schema('shared/outcome/outcome.schema.json').$defs.outcome.properties).map(key => 'detail.' + key), ...tables.codes.map(c => c.class)]
  assert.deepEqual(want.filter(id => !ids(page).includes(id)), [])
})

test('every command is there, as the program tells it', () => {
  const page = pages['reference/commands.html']
  const commands = [...readFileSync(join(root, 'functions/local/program.go'), 'utf8').matchAll(/^\t[A-Z]\w+ +([a-z]+)Command +`cmd/gm)].map(m => m[1])
  assert.equal(commands.length >= 10, true)
  assert.deepEqual(commands.filter(name => !new RegExp(`<h3 id="${name}">.*</h3>\n<pre[^>]*>Usage: vpnattach ${name}`).test(page)), [])
})

test('parameters, checks and error codes lead to each other', () => {
  const row = (page, id) => pages[`reference/${page}.html`].match(new RegExp(`<(tr|article) id="${id.replaceAll('.', '\\.')}"[^]*?</\\1>`))[0]
  assert.match(row('parameters', 'BgpConfig.LocalBgpIp'), /findings\.html#bgp-ip-outside/)
  assert.match(row('parameters', 'BgpConfig.LocalBgpIp'), /errors\.html#/)
  assert.match(row('findings', 'bgp-ip-outside'), /errors\.html#IllegalParam\.LocalBgpIp/)
  assert.match(row('errors', 'IllegalParam.LocalBgpIp'), /findings\.html#bgp-ip-outside/)
  for (const r of tables.core.rules.filter(r => tables.codes.some(c => c.name === r.apiCode))) {
    assert.equal(row('errors', r.apiCode).includes(`findings.html#${r.id}`), true, r.id)
    assert.equal(row('findings', r.id).includes(`errors.html#${r.apiCode}`), true, r.id)
  }
})

test('the search knows every row and heading', () => {
  const places = known.map(([href]) => href)
  for (const [name, text] of Object.entries(pages)) {
    for (const id of ids(text)) assert.equal(places.includes(`${name.replace('reference/', '')}#${id}`), true, `${name}: ${id}`)
  }
})

test('the search leads there by keyboard, finds several words in any order and names that are misspelt, and says when there is nothing', async () => {
  const [browser, server] = await Promise.all([launch(), serve()])
  try {
    const page = await browser.newPage()
    page.errors = []
    page.on('console', message => ['error', 'warning'].includes(message.type()) && page.errors.push(message.text()))
    page.on('pageerror', error => page.errors.push(String(error)))
    await page.goto(server.url + 'reference/parameters.html')
    await page.keyboard.press('/')
    await page.keyboard.type('bgp-ip-outside')
    await page.getByText(/^\d+ found\.$/).waitFor()
    await page.keyboard.press('Enter')
    await page.waitForURL(/findings\.html#bgp-ip-outside$/)
    assert.equal(await page.locator('article:target').count(), 1)
    const query = page.getByLabel('Search the reference')
    const hits = async text => {
      await query.fill(text)
      return page.locator('#results code').allTextContents()
    }
    await query.fill('overdue')
    await page.keyboard.press('ArrowDown')
    assert.match(await page.evaluate(() => document.activeElement.textContent), /^VpnConnection\.FinancialLocked/)
    await page.keyboard.press('Escape')
    assert.equal(await page.locator('#results a').count(), 0)
    assert.deepEqual((await hits('ip bgp local')).slice(0, 3).toSorted(), ['BgpConfig.LocalBgpIp', 'InvalidLocalBgpIp.Malformed', 'TunnelOptionsSpecification.TunnelBgpConfig.LocalBgpIp'])
    assert.equal((await hits('localbgpip'))[0], 'BgpConfig.LocalBgpIp')
    assert.equal((await hits('--redact'))[0], 'build --redact')
    for (const [misspelt, name] of [['LocalSubent', 'LocalSubnet'], ['psk-shrot', 'psk-short'], ['IllegalParam.LocalSubet', 'IllegalParam.LocalSubnet'], ['Aliasused', 'alias-used']]) {
      assert.equal((await hits(misspelt))[0], name)
      assert.match(await page.locator('#found').innerText(), /Spelled alike/)
    }
    const pattern = known.find(([, name]) => name.includes('*'))[1]
    assert.equal((await hits(pattern.replaceAll('*', 'Anything')))[0], pattern)
    await hits('nothing is called so')
    await page.getByText('Nothing is found.').waitFor()
    // A slash in the field is a letter, and with a modifier it is the browser's.
    await query.fill('')
    await page.keyboard.type('a/b')
    assert.equal(await query.inputValue(), 'a/b')
    // A link to a place that is not there any more leads to what is like it.
    await page.goto(server.url + 'reference/findings.html#psk-too-short')
    await page.goto('about:blank')
    await page.goto(server.url + 'reference/findings.html#psk-shorter')
    await page.locator('#results').getByText('psk-short', { exact: true }).waitFor()
    await page.keyboard.press('Enter')
    await page.waitForURL(/findings\.html#psk-short$/)
    // The first Tab skips the search and the pages.
    await page.goto(server.url + 'reference/rules.html')
    await page.keyboard.press('Tab')
    await page.keyboard.press('Enter')
    assert.equal(await page.evaluate(() => document.activeElement.id), 'content')
    await close(page)
  } finally {
    await Promise.all([browser.close(), server.close()])
  }
})

test('every parameter, check and error code leads to those that lead to it', () => {
  const entry = (name, id) => pages[`reference/${name}.html`].match(new RegExp(`<(tr|article) id="${id.replace(/[.*]/g, '\\$&')}"[^]*?</\\1>`))?.[0] ?? ''
  const links = (name, to) => [...pages[`reference/${name}.html`].matchAll(/<(tr|article) id="([^"]+)"[^]*?<\/\1>/g)].flatMap(([text, , id]) => [...text.matchAll(new RegExp(`href="(?:${to}\\.html)#([^"]+)"`, 'g'))].map(([, other]) => [id, other]))
  const said = (name, id, to, other) => entry(name, id).includes(`href="${to}.html#${other}"`)
  let both = 0
  for (const [from, to] of [['parameters', 'findings'], ['parameters', 'errors'], ['errors', 'findings'], ['findings', 'errors']]) {
    for (const [id, other] of links(from, to)) {
      assert.equal(said(to, other, from, id), true, `${from} ${id} leads to ${to} ${other}, and not back`)
      both++
    }
  }
  assert.equal(both > 100, true, String(both))
})

test('all that the program says of a command is there', () => {
  const page = pages['reference/commands.html']
  const words = text => text.replace(/<a class="anchor"[^]*?<\/a>/g, '').replace(/<[^>]*>/g, ' ').replace(/&lt;/g, '<').replace(/&gt;/g, '>').replace(/&quot;/g, '"').replace(/&amp;/g, '&').split(/\s+/).filter(Boolean)
  for (const part of page.split('<h3 id="').slice(1)) {
    const name = part.slice(0, part.indexOf('"'))
    const help = execFileSync(join(root, '.build/vpnattach'), name === 'vpnattach' ? ['--help'] : [name, '--help'], { encoding: 'utf8', env: { COLUMNS: '1000' } })
    const shown = words(part.slice(part.indexOf('<pre')).split('</main>')[0]).map(word => word.replace(/:$/, ''))
    const common = /^(-h,|--help|Show|context-sensitive|help\.|--version|Print|version,|commit|and|Go's|version\.|Flags)$/ // told once, by the program's own
    const told = help.split(/\s+/).filter(Boolean).map(word => word.replace(/:$/, ''))
    assert.deepEqual(shown.filter(word => !common.test(word)), told.filter(word => !common.test(word)), name)
  }
})

test('links within the reference lead somewhere', () => {
  const targets = Object.fromEntries(Object.entries(pages).map(([name, text]) => [name.replace('reference/', ''), [...text.matchAll(/ id="([^"]+)"/g)].map(m => m[1])]))
  for (const [file, all] of Object.entries(targets)) assert.deepEqual(all.filter((id, i) => all.indexOf(id) !== i), [], `${file}: an id twice`)
  for (const [name, text] of Object.entries(pages)) {
    const own = name.replace('reference/', '')
    for (const [, file, id] of text.matchAll(/href="(\w+\.html)?#([^"]+)"/g)) assert.equal(targets[file ?? own].includes(id), true, `${name}: ${file}#${id}`)
  }
})
