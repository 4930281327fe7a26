// The entry point for Node: as for browsers, but file URLs are read from disk.

import { readFile } from "node:fs/promises";
import { initWith } from "./init.js";

export const init = initWith((url) => (url.protocol === "file:" ? readFile(url) : fetch(url)));

export * from "./calls.js";
export { CoreError, type CoreErrorCode } from "./error.js";
export type { Source } from "./source.js";
