// This file colours the output: comments, strings, names and numbers, which look alike in all of its languages.

import { html } from 'lit-html'

const LIMIT = 30_000 // characters: a longer text is drawn at each key press in one piece

const tokens = /((?:^|(?<=\s))(?:#|\/\/)[^\n]*)|("(?:[^"\\\n]|\\.)*"|'[^'\n]*'|`[^`]*`)(?=(\s*:|\s*=(?!=))?)|(?<![%\w.-])(\d+(?:\.\d+)*)(?!\.?[%\w-])|\b(true|false|null|nil|None|True|False)\b|(?<![-\w.])(if|then|fi|else|do|done|for|in|set|export|import|from|const|let|await|async|def|return|func|package|var|type|resource|variable|provider|terraform|required_providers|new|try|except|raise)(?![-\w])|^([A-Za-z][\w.-]*)(?=\s?[:=] )/gm

/** The text with its parts coloured. Only the text nodes count when it is copied. */
export function coloured(text: string): unknown {
  if (text.length > LIMIT) return text
  const parts: unknown[] = []
  let at = 0
  for (const m of text.matchAll(tokens)) {
    const [all, comment, string, isName, number, constant, keyword] = m
    const kind = comment ? 'comment' : string ? (isName === undefined ? 'string' : 'name') : number || constant ? 'value' : keyword ? 'keyword' : 'name'
    parts.push(text.slice(at, m.index), html`<span class="c-${kind}">${all}</span>`)
    at = m.index + all.length
  }
  return [...parts, text.slice(at)]
}
