// This file lists what the script that comes later takes from the first one; the build says so when a name is missing.

export { setCurrent } from './current'
export { parse } from './document'
export { state, update } from './state'
export { showStatus } from './status'
