// This file lists what the script that comes later takes from the first one; the build says so when a name is missing.

export { syntaxTree, indentUnit } from '@codemirror/language'
export {
  Annotation, CharCategory, codePointAt, codePointSize, combineConfig, EditorSelection, Facet, fromCodePoint, MapMode, Prec, RangeSet, RangeValue, StateEffect, StateField, Text, Transaction,
} from '@codemirror/state'
export { Decoration, Direction, EditorView, getTooltip, keymap, logException, showTooltip, ViewPlugin, WidgetType } from '@codemirror/view'
export { findNodeAtLocation, getLocation } from 'jsonc-parser'
export { html, nothing, render } from 'lit-html'
export { changeEditor } from './change'
export { currentEditor, setCurrent } from './current'
export { LARGE, parse, parseNested, parsePath, read, tooDeep, write } from './document'
export { eventEditor, rulesEditor } from './event'
export { findingNote } from './finding-item'
export { step } from './findings'
export { showInput } from './input-tabs'
export { copy } from './output'
export { confirmLink, isFromLink, noteLink } from './opened'
export { isSecret, leaves, MASK, masked, secretsIn } from './secrets'
export { service } from './serving'
export { linkOf, shareable } from './share'
export { derived, onChange, state, update } from './state'
export { showStatus } from './status'
export { parameterAt, parameterPath, tables, TUNNELS } from './tables'
