// Loads the module once, and again after a failure.

import { Core } from "./core.js";
import { CoreError } from "./error.js";
import { load, type Open } from "./load.js";
import type { Source } from "./source.js";

let core: Core | undefined;
let starting: Promise<void> | undefined;
let compiled: WebAssembly.Module | undefined;

/** Makes init() for a host that opens URLs in its own way. */
export function initWith(open: Open): (source?: Source) => Promise<void> {
  return (source) => {
    if (core !== undefined && !core.stopped) return Promise.resolve();
    starting ??= start(source, open).finally(() => (starting = undefined));
    return starting;
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
