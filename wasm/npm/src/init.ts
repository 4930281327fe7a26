// Loads the module once, and again after a failure.

import { Core } from "./core.js";
import { CoreError } from "./error.js";
import { load, type Open } from "./load.js";
import type { Source } from "./source.js";

let core: Core | undefined;
let starting: { source: Source | undefined; done: Promise<void> } | undefined;
let compiled: WebAssembly.Module | undefined;

/** Returns init() for a host with its own way to open URLs. */
export function initWith(open: Open): (source?: Source) => Promise<void> {
  return (source) => {
    // The promise may not be needed, or not yet: its rejection is not unhandled.
    if (source instanceof Promise) source.catch(() => {});
    if (core !== undefined && !core.stopped) return Promise.resolve();
    if (starting === undefined || starting.source !== source) {
      const attempt = () => start(source, open);
      const done = starting === undefined ? attempt() : starting.done.catch(attempt);
      const current = { source, done: done.finally(() => starting === current && (starting = undefined)) };
      starting = current;
    }
    return starting.done;
  };
}

async function start(source: Source | undefined, open: Open): Promise<void> {
  // A module that has stopped is restarted from its compiled form, unless the caller
  // gives another source.
  if (source !== undefined || compiled === undefined) {
    compiled = undefined;
    const module = await load(source, open);
    core = await Core.start(module);
    compiled = module;
    return;
  }
  core = await Core.start(compiled);
}

/** Returns the running module. Throws a CoreError when it is not loaded. */
export function running(): Core {
  if (core !== undefined) return core;
  throw new CoreError(
    "not-initialised",
    starting === undefined
      ? "vpnattach: not initialised: call init() and await its promise first"
      : "vpnattach: init() has not finished: await its promise first",
  );
}
