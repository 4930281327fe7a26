// This file tests that the reference leaves nothing out: every parameter, finding and error code, and all that is said of each.

import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { referencePages } from '../reference.mjs'
import { problems, reasons } from '../reasons.mjs'
import { root } from './harness.mjs'

const tables = JSON.parse(execFileSync('go', ['run', './wasm/builder/tables'], { cwd: root, maxBuffer: 1 << 26 }))
const pages = referencePages(tables)
const ids = text => [...text.matchAll(/<(?:tr|article) id="([^"]+)"/g)].map(m => m[1])

test('every finding has its meaning, reason, remedy and source', () => {
  const rules = [...tables.core.rules, ...tables.rules]
  const page = pages['reference/findings.html']
  assert.deepEqual(ids(page), [...rules.map(r => r.id), ...Object.keys(problems)])
  assert.deepEqual(Object.keys(reasons).filter(id => !rules.some(r => r.id === id)), [], 'reasons of findings that there are not')
  for (const article of page.split('<article ').slice(1)) {
    const id = ids('<article ' + article)[0]
    assert.match(article, /<h4>.*(error|warning|info)<\/span><\/h4><p>.{10,}<\/p>/, id)
    for (const part of ['Why', 'How to mend it', 'Source']) assert.match(article, new RegExp(`<dt>${part}</dt><dd>[^]{10,}?</dd>`), `${id} lacks: ${part}`)
  }
})

test('every problem of an input has its place, since findings link there', () => {
  const types = /type ProblemCode =([^;]+);/.exec(readFileSync(join(root, 'wasm/npm/src/types.ts'), 'utf8'))[1]
  const codes = [...types.matchAll(/"([a-z-]+)"/g)].map(m => m[1])
  const opening = [...readFileSync(join(root, 'shared/core/event/error.go'), 'utf8').matchAll(/ Code = "([a-z-]+)"/g)].map(m => m[1])
  assert.equal(codes.length > 12 && opening.length > 7, true, String(codes))
  const there = ids(pages['reference/findings.html'])
  const own = [...readFileSync(join(root, 'wasm/builder/src/state.ts'), 'utf8').matchAll(/code: '([a-z-]+)'/g)].map(m => m[1])
  assert.deepEqual([...codes, ...opening, ...own].filter(code => !there.includes(code)), [])
  assert.deepEqual(opening.filter(code => !codes.includes(code)), [], 'codes that the package’s types lack')
})

test('every error code has its class, meaning and remedy', () => {
  const page = pages['reference/errors.html']
  assert.deepEqual(ids(page), tables.codes.map(c => c.name))
  for (const c of tables.codes) assert.equal([c.class, c.meaning, c.remedy, c.source].every(text => text?.length > 3), true, c.name)
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
