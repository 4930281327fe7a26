// This file tests that the reference leaves nothing out: every parameter, finding and error code, and all that is said of each.

import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { referencePages } from '../reference.mjs'
import { root } from './harness.mjs'

const tables = JSON.parse(execFileSync('go', ['run', './wasm/generate', 'tables'], { cwd: root, maxBuffer: 1 << 26 }))
const pages = referencePages(tables)
const ids = text => [...text.matchAll(/<(?:tr|article) id="([^"]+)"/g)].map(m => m[1])

test('every finding has its meaning, reason, remedy and source', () => {
  const page = pages['reference/findings.html']
  assert.deepEqual(ids(page), tables.core.rules.map(r => r.id))
  for (const article of page.split('<article ').slice(1)) {
    const id = ids('<article ' + article)[0]
    assert.match(article, /<h4>.*(error|warning|info)<\/span><\/h4><p>.{10,}<\/p>/, id)
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
  assert.deepEqual(ids(page), tables.codes.map(c => c.name))
  for (const c of tables.codes) assert.equal([c.class, c.meaning, c.remedy, c.source].every(text => text?.length > 3), true, c.name)
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
  const all = (rows, around) => rows.flatMap(p => [around + p.name, ...all(p.fields ?? [], `${around}${p.name}.`)])
  const want = all(tables.core.parameters, '')
  assert.deepEqual(ids(pages['reference/parameters.html']).toSorted(), want.toSorted())
  assert.equal(want.length > 50, true)
})

test('links within the reference lead somewhere', () => {
  const targets = Object.fromEntries(Object.entries(pages).map(([name, text]) => [name.replace('reference/', ''), [...text.matchAll(/ id="([^"]+)"/g)].map(m => m[1])]))
  for (const [name, text] of Object.entries(pages)) {
    for (const [, file, id] of text.matchAll(/href="(\w+\.html)#([^"]+)"/g)) assert.equal(targets[file].includes(id), true, `${name}: ${file}#${id}`)
  }
})
