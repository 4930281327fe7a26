// This file is the entry of the script that comes after the first paint, with its styles: all that needs a press, a paste or a file first.

import { changeEditor } from './change'
import { changeCompletion, closing } from './completion'
import { currentEditor } from './current'
import { eventEditor, rulesEditor } from './event'
import './fetch-current'
import './history'
import './paste'
import './rule-assist'
import { ruleCompletion } from './rule-completion'
import './share-panel'
import './shortcuts'
import './try'
import './welcome'

export { isSafe, restore } from './draft'

changeEditor.extend(changeCompletion)
rulesEditor.extend(ruleCompletion)
eventEditor.extend(closing)
currentEditor.extend(closing)

const style = document.createElement('link')
style.rel = 'stylesheet'
style.href = 'late.css'
await new Promise(resolve => {
  style.onload = style.onerror = resolve
  document.head.append(style)
})
