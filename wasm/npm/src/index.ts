// What a page imports.

import { initWith } from "./init.js";

/**
 * Loads the module: from `source`, or from the file beside this one. Once it is loaded,
 * calls do nothing. One that comes while another is loading waits for it: when that
 * fails, it tries its own source, unless they are the same. One that failed may be
 * tried again.
 *
 * @throws CoreError with code "load-failed"
 */
export const init = initWith((url) => fetch(url));

export * from "./calls.js";
export { CoreError, type CoreErrorCode } from "./error.js";
export type { Source } from "./source.js";
