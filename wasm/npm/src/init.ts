// Loads the module once, and again after a failure.

import { Core } from "./core.js";
import { CoreError } from "./error.js";
import { load, type Open } from "./load.js";
import type { Source } from "./source.js";

let core: Core | undefined;
let starting: { source: Source | undefined; done: Promise<void> } | undefined;
let compiled: WebAssembly.Module | undefined;

/** Makes init() for a host that opens URLs in its own way. */
export function initWith(open: Open): (source?: Source) => Promise<void> {
  return (source) => {
    // A promise that is not needed, or not yet, may fail without harm.
    if (source instanceof Promise) source.catch(() => {});
    if (core !== undefined && !core.stopped) return Promise.resolve();
    if (starting === undefined || starting.source !== source) {
      const own = () => start(source, open);
      const done = starting === undefined ? own() : starting.done.catch(own);
      const mine = { source, done: done.finally(() => starting === mine && (starting = undefined)) };
      starting = mine;
    }
    return starting.done;
  };
}

async function start(source: Source | undefined, open: Open): Promise<void> {
  // A module that has stopped is started anew from what was compiled, unless the
  // caller gives another.
  if (source !== undefined || compiled === undefined) {
    compiled = undefined;
    const module = await load(source, open);
    core = await Core.start(module);
    compiled = module;
    return;
  }
  core = await Core.start(compiled);
}

/** The running module, or a CoreError that says why there is none. */
export function running(): Core {
  if (core !== undefined) return core;
  throw new CoreError(
    "not-initialised",
    starting === undefined
      ? "vpnattach: call init() and wait for it before anything else"
      : "vpnattach: init() is not done yet; wait for its promise",
  );
}
