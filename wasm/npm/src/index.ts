// The entry point for browsers.

import { initWith } from "./init.js";

/**
 * Loads the module from `source`, by default from the file beside this one. Once it is
 * loaded, further calls do nothing. A call during another one waits for it, and tries
 * its own source only when that one fails and had a different source. After a failure,
 * init() may be called again.
 *
 * @throws CoreError with code "load-failed"
 */
export const init = initWith((url) => fetch(url));

export * from "./calls.js";
export { CoreError, type CoreErrorCode } from "./error.js";
export type { Source } from "./source.js";
