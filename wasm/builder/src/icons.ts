// This file holds the page's icons.

import { svg, html, type TemplateResult } from 'lit-html'

const icon = (path: TemplateResult) =>
  html`<svg viewBox="0 0 16 16" width="14" height="14" aria-hidden="true" fill="none" stroke="currentColor" stroke-width="1.5" stroke-linecap="round" stroke-linejoin="round">${path}</svg>`

export const eye = icon(svg`<path d="M1.5 8S4 3.5 8 3.5 14.5 8 14.5 8 12 12.5 8 12.5 1.5 8 1.5 8Z"/><circle cx="8" cy="8" r="2"/>`)
export const eyeOff = icon(svg`<path d="M2 2l12 12M6.4 3.7A6.6 6.6 0 0 1 8 3.5c4 0 6.5 4.5 6.5 4.5a11 11 0 0 1-2 2.5M10 12.2a6.4 6.4 0 0 1-2 .3C4 12.5 1.5 8 1.5 8a11 11 0 0 1 2.6-3"/>`)
export const dice = icon(svg`<rect x="2.5" y="2.5" width="11" height="11" rx="2.5"/><path d="M5.7 5.7h.01M10.3 5.7h.01M8 8h.01M5.7 10.3h.01M10.3 10.3h.01" stroke-width="2"/>`)
export const cross = icon(svg`<path d="M4 4l8 8M12 4l-8 8"/>`)
