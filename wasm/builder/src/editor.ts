// This file creates a JSON editor: highlighting, findings underlined and in the gutter, masked secrets.

import { defaultKeymap, history, historyKeymap } from '@codemirror/commands'
import { json } from '@codemirror/lang-json'
import { bracketMatching, HighlightStyle, indentOnInput, syntaxHighlighting, syntaxTree } from '@codemirror/language'
import { forEachDiagnostic, lintGutter, setDiagnostics, type Diagnostic } from '@codemirror/lint'
import { Annotation, Compartment, EditorState, Prec, StateEffect, type Extension, type TransactionSpec } from '@codemirror/state'
import { Decoration, EditorView, drawSelection, highlightActiveLine, keymap, lineNumbers, ViewPlugin } from '@codemirror/view'
import { tags } from '@lezer/highlight'
import { LARGE, parseNested } from './document'
import { MASK, secretsIn } from './secrets'
import { showStatus } from './status'

export interface Editor {
  show(text: string, diagnostics: Diagnostic[]): void
  select(from: number, to: number): void
  focus(): void
  isAllSelected(): boolean
  reveal(visible: boolean): void
  extend(extension: Extension): void // with what is loaded later
}

// Marks an edit that comes from the state, and must not be reported back to it.
const fromState = Annotation.define<true>()

const colours = HighlightStyle.define([
  { tag: tags.propertyName, color: 'var(--code-name)' },
  { tag: tags.string, color: 'var(--code-text)' },
  { tag: [tags.number, tags.bool, tags.null], color: 'var(--code-value)' },
])

// Underlines and gutter icons are drawn with CSS: CodeMirror's own are data: images, which the content security policy of
// the page does not allow.
const wavy = (colour: string) => ({ backgroundImage: 'none', textDecoration: `underline wavy var(--${colour})`, textDecorationSkipInk: 'none', textUnderlineOffset: '3px' })
const gutterIcon = (colour: string, text: string) => ({ content: 'normal', color: `var(--${colour})`, '&::before': { content: `"${text}"` } })

const theme = EditorView.theme({
  '&': { height: '100%', fontSize: '12.5px', backgroundColor: 'var(--panel)', color: 'var(--text)' },
  '&.cm-focused': { outline: 'none' },
  '.cm-scroller': { fontFamily: 'var(--mono)', lineHeight: '1.55' },
  '.cm-content': { caretColor: 'var(--text)', padding: '6px 0' },
  '.cm-cursor': { borderLeftColor: 'var(--text)' },
  '.cm-gutters': { backgroundColor: 'var(--panel)', color: 'var(--faint)', border: 'none' },
  '.cm-lineNumbers .cm-gutterElement': { minWidth: '24px', padding: '0 6px 0 2px' },
  '.cm-gutter-lint': { width: '15px' },
  '.cm-gutter-lint .cm-gutterElement': { padding: '0 0 0 4px' },
  '.cm-activeLine': { backgroundColor: 'var(--line-active)' },
  '&.cm-focused > .cm-scroller > .cm-selectionLayer .cm-selectionBackground, .cm-selectionBackground': { backgroundColor: 'var(--selection)' },
  '&.cm-focused .cm-matchingBracket': { backgroundColor: 'var(--selection)' },
  '.cm-lintRange-error': wavy('error'),
  '.cm-lintRange-warning': wavy('warning'),
  '.cm-lintRange-info': wavy('info'),
  '.cm-lint-marker': { width: '11px', height: '1.55em', fontFamily: 'var(--sans)', fontSize: '10px', textAlign: 'center' },
  '.cm-lint-marker-error': gutterIcon('error', '●'),
  '.cm-lint-marker-warning': gutterIcon('warning', '▲'),
  '.cm-lint-marker-info': gutterIcon('info', '○'),
  '.cm-tooltip': { backgroundColor: 'var(--raised)', color: 'var(--text)', border: '1px solid var(--line)', borderRadius: '6px', boxShadow: 'var(--shadow)', overflow: 'hidden', maxWidth: 'min(440px, 90vw)' },
  '.cm-diagnostic': { padding: '6px 10px', fontFamily: 'var(--sans)', fontSize: '12.5px' },
  '.cm-diagnostic-error': { borderLeft: '3px solid var(--error)' },
  '.cm-diagnostic-warning': { borderLeft: '3px solid var(--warning)' },
  '.cm-diagnostic-info': { borderLeft: '3px solid var(--info)' },
  '.cm-tooltip.cm-tooltip-autocomplete > ul': { fontFamily: 'var(--mono)', fontSize: '12px', maxHeight: '15em' },
  '.cm-tooltip.cm-tooltip-autocomplete > ul > li': { padding: '3px 8px' },
  '.cm-tooltip-autocomplete ul li[aria-selected]': { backgroundColor: 'var(--accent)', color: 'var(--on-accent)' },
  '.cm-completionDetail': { fontStyle: 'normal', opacity: '.75', marginLeft: '1.2em' },
  '.cm-completionMatchedText': { textDecoration: 'none', fontWeight: '700' },
  '.cm-tooltip.cm-completionInfo': { fontFamily: 'var(--sans)', fontSize: '12px', padding: '6px 10px' },
  '.cm-masked': { '-webkit-text-security': 'disc' },
  '.cm-masked *': { '-webkit-text-security': 'disc' },
})

// What is copied is what is seen. Pasted again on this page, it is what it was.
let copied = { text: '', shown: '' }

/** Puts stars in place of the hidden keys of what is copied, as it is selected in the whole text. */
function copyMasked(text: string, state: EditorState): string {
  const parts = state.selection.ranges.filter(r => !r.empty)
  const ranges = parts.length > 0 ? parts : state.selection.ranges.map(r => state.doc.lineAt(r.from))
  const all = secretsIn(state.doc.toString())
  const shown = ranges.map(({ from, to }) =>
    all.filter(s => s.from < to && s.to > from).reduceRight((t, s) => t.slice(0, Math.max(s.from - from, 0)) + MASK + t.slice(s.to - from), state.sliceDoc(from, to))).join(state.lineBreak)
  if (shown === text) return text
  copied = { text, shown }
  showStatus('Copied with *** in place of what is hidden. “Show keys” copies the keys, too.')
  return shown
}

const masked = Decoration.mark({ class: 'cm-masked' })

const masks = ViewPlugin.define(
  view => ({
    decorations: maskAll(view),
    update(u) {
      const moved = u.state.doc.length > LARGE && (u.viewportChanged || syntaxTree(u.startState) !== syntaxTree(u.state))
      if (u.docChanged || moved) this.decorations = maskAll(u.view)
    },
  }),
  { decorations: plugin => plugin.decorations },
)

function maskAll(view: EditorView) {
  const { doc } = view.state
  const found = doc.length > LARGE ? view.visibleRanges.flatMap(r => secretsWithin(view.state, r.from, r.to)) : secretsIn(doc.toString())
  const once = new Map(found.filter(p => p.to > p.from).map(p => [`${p.from} ${p.to}`, p]))
  return Decoration.set([...once.values()].map(p => masked.range(p.from, p.to)), true)
}

/** The secrets in a part of a large text, by the editor's tree of it. What that does not reach yet is hidden as a whole. */
function secretsWithin(state: EditorState, from: number, to: number): { from: number; to: number }[] {
  const tree = syntaxTree(state)
  const found = tree.length < to ? [{ from: Math.max(from, tree.length), to }] : []
  // Text that is not JSON has no names in the tree, so what is there counts, too.
  found.push(...secretsIn(state.sliceDoc(from, to)).map(s => ({ from: s.from + from, to: s.to + from })))
  tree.iterate({
    from, to,
    enter(node) {
      if (!/^(String|Number|True|False)$/.test(node.name)) return
      const at = node.from
      found.push(...secretsIn(state.sliceDoc(at, node.to), namesAround(node.node, state)).map(s => ({ from: s.from + at, to: s.to + at })))
    },
  })
  return found
}

type SyntaxNode = ReturnType<ReturnType<typeof syntaxTree>['resolve']>

/** The names on the path to a value, outermost first. */
function namesAround(node: SyntaxNode, state: EditorState): string[] {
  const names: string[] = []
  for (let n: SyntaxNode | null = node; n; n = n.parent) {
    const name = n.name === 'Property' ? n.getChild('PropertyName') : null
    if (name) names.unshift(String(parseNested(state.sliceDoc(name.from, name.to)) ?? ''))
  }
  return names
}

/** Returns an editor in host, which is created on first use. */
export function createEditor(host: HTMLElement, label: string, onEdit: (text: string) => void): Editor {
  const masking = new Compartment()
  let view: EditorView | undefined
  let more: Extension = []
  const hidden = [masks, EditorView.clipboardOutputFilter.of(copyMasked), EditorView.dragMovesSelection.of(() => false)]
  const get = () => (view ??= createView(host, label, onEdit, [masking.of(hidden), EditorView.clipboardInputFilter.of(text => (text === copied.shown ? copied.text : text)), more]))
  let current: Diagnostic[] = []
  return {
    show(text, diagnostics) {
      const view = get()
      // In one update of the view, since each update causes a layout.
      const edit = view.state.update(minimalEdit(view.state.doc.toString(), text))
      const updates = isUpToDate(edit.state, current, diagnostics) ? [] : [edit.state.update(setDiagnostics(edit.state, (current = diagnostics)))]
      if (edit.docChanged || updates.length > 0) view.dispatch([edit, ...updates])
    },
    select(from, to) {
      get().dispatch({ selection: { anchor: from, head: to }, effects: EditorView.scrollIntoView(from, { y: 'center' }) })
    },
    focus: () => get().focus(),
    isAllSelected() {
      const { doc, selection: { main } } = get().state
      return main.from === 0 && main.to === doc.length
    },
    reveal(visible) {
      get().dispatch({ effects: masking.reconfigure(visible ? [] : hidden) })
    },
    extend(extension) {
      more = [more, extension]
      view?.dispatch({ effects: StateEffect.appendConfig.of(extension) })
    },
  }
}

/**
 * The view is in a shadow tree, where CodeMirror adds its styles as constructed style sheets, which a policy of
 * style-src 'self' allows.
 */
function createView(host: HTMLElement, label: string, onEdit: (text: string) => void, more: Extension[]): EditorView {
  const root = host.attachShadow({ mode: 'open', delegatesFocus: true })
  const leave = () => {
    host.closest<HTMLElement>('section')?.querySelector<HTMLElement>('h2')?.focus()
    return true
  }
  return new EditorView({
    root,
    parent: root,
    state: EditorState.create({
      extensions: [
        lineNumbers(), lintGutter(), history(), drawSelection(), indentOnInput(), bracketMatching(),
        highlightActiveLine(), EditorView.lineWrapping, json(), syntaxHighlighting(colours), theme, ...more,
        keymap.of([...defaultKeymap.filter(k => k.key !== 'Mod-Enter'), ...historyKeymap]),
        Prec.lowest(keymap.of([{ key: 'Escape', run: leave }])),
        EditorView.contentAttributes.of({ 'aria-label': label, tabindex: '0', spellcheck: 'false', autocapitalize: 'off' }),
        EditorView.updateListener.of(u => {
          if (u.docChanged && !u.transactions.some(t => t.annotation(fromState))) onEdit(u.state.doc.toString())
          // CodeMirror scrolls to the cursor, but does not know what else is in sight; the page's scroll-padding does.
          const moved = u.view.hasFocus && u.transactions.some(t => t.scrollIntoView && !t.isUserEvent('select.pointer'))
          if (moved) requestAnimationFrame(() => root.querySelector('.cm-cursor-primary')?.scrollIntoView({ block: 'nearest' }))
        }),
      ],
    }),
  })
}

/** The one edit that turns the old text into the new one. */
function minimalEdit(old: string, text: string): TransactionSpec {
  if (old === text) return {}
  const most = Math.min(old.length, text.length)
  let from = 0
  while (from < most && old[from] === text[from]) from++
  let tail = 0
  while (tail < most - from && old[old.length - 1 - tail] === text[text.length - 1 - tail]) tail++
  return { changes: { from, to: old.length - tail, insert: text.slice(from, text.length - tail) }, annotations: fromState.of(true) }
}

/** Whether the current diagnostics, which move along with the text, are equal to the wanted ones. */
function isUpToDate(state: EditorState, current: Diagnostic[], wanted: Diagnostic[]): boolean {
  const ranges = new Map<Diagnostic, string>()
  forEachDiagnostic(state, (d, from, to) => ranges.set(d, `${from} ${to}`))
  return current.length === wanted.length && wanted.every((d, i) => current[i]!.message === d.message && current[i]!.severity === d.severity && ranges.get(current[i]!) === `${d.from} ${d.to}`)
}

/** Makes a button show and hide the secrets in an editor. */
export function bindReveal(id: string, editor: Editor): void {
  const button = document.getElementById(id)!
  button.addEventListener('click', () => {
    const visible = button.getAttribute('aria-pressed') !== 'true'
    button.setAttribute('aria-pressed', String(visible))
    editor.reveal(visible)
  })
}
