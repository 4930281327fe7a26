// This file is a reporter of node --test: how long the tests of each file took.
export default async function* slowest(events) {
  const files = new Map()
  for await (const { type, data } of events) {
    if ((type !== 'test:pass' && type !== 'test:fail') || data.nesting > 0 || !data.file || data.name === data.file) continue
    files.set(data.file, (files.get(data.file) ?? 0) + data.details.duration_ms / 1000)
  }
  for (const [file, seconds] of files) yield `slow: ${seconds.toFixed(1)} s ${file.replace(/.*\/(?=wasm\/)/, '')}\n`
}
