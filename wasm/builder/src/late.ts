// This file is the entry of the script that comes after the first paint, with its styles: all that needs a press, a paste or a file first.

import './paste'

const style = document.createElement('link')
style.rel = 'stylesheet'
style.href = 'late.css'
await new Promise(resolve => {
  style.onload = style.onerror = resolve
  document.head.append(style)
})
