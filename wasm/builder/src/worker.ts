// This file is the worker for large events. It has a module of its own, which is loaded with the first of them.

import { applied, type Ask } from './applied'
import * as core from './core'

addEventListener('message', async ({ data }: MessageEvent<Ask>) => {
  try {
    await core.load()
    postMessage({ applied: applied(data) })
  } catch (e) {
    postMessage({ failed: e instanceof Error ? e.message : String(e) })
  }
})
