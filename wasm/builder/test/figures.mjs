// This file prints what was measured beside what is allowed.

export function median(values) {
  return [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)]
}

export function print(what, value, limit, unit) {
  const verdict = value <= limit ? '' : '  OVER'
  console.log(`${what.padEnd(52)} ${value.toFixed(1).padStart(8)} ${unit}   at most ${limit} ${unit}${verdict}`)
}
