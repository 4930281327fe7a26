// Gets the module from wherever it is, and compiles it.

import { CoreError, messageOf } from "./error.js";
import type { Answer, Source } from "./source.js";

/** Opens a URL; Node has one of its own for files. */
export type Open = (url: URL) => Promise<Answer | BufferSource>;

/**
 * Compiles the module, that of the file beside this one if there is no source. Every
 * failure is a CoreError with code "load-failed".
 */
export async function load(source: Source | undefined, open: Open): Promise<WebAssembly.Module> {
  let name = "what was given";
  try {
    let from: unknown = await (source ?? beside());
    if (typeof from === "string" || from instanceof URL) {
      name = String(from);
      from = await open(new URL(from, globalThis.location?.href ?? import.meta.url));
    }
    if (from instanceof WebAssembly.Module) return from;
    if (!isAnswer(from)) return await WebAssembly.compile(from as BufferSource);
    name = from.url || name;
    return await compile(from);
  } catch (error) {
    if (error instanceof CoreError) throw error;
    throw new CoreError("load-failed", `vpnattach: the module could not be loaded from ${name}: ${messageOf(error)}`, { cause: error });
  }
}

// Code that has been bundled as another format, or that comes from a blob, has no
// place that anything could be beside.
function beside(): URL {
  try {
    return new URL("./vpnattach.wasm", import.meta.url);
  } catch (error) {
    throw new CoreError("load-failed", "vpnattach: this script can't tell where it is, nor where the module is: give init() the module's URL", { cause: error });
  }
}

// A Response may come from another realm, such as an iframe or a fetch library.
function isAnswer(from: unknown): from is Answer {
  return typeof (from as Answer).headers?.get === "function" && typeof (from as Answer).arrayBuffer === "function";
}

async function compile(answer: Answer): Promise<WebAssembly.Module> {
  if (!answer.ok) throw new Error(`the answer is ${answer.status} ${answer.statusText}`.trimEnd());
  // Hosts stream exactly this type, without parameters, and refuse any other.
  if (answer.headers.get("content-type") === "application/wasm" && answer instanceof Response) {
    return WebAssembly.compileStreaming(answer);
  }
  return WebAssembly.compile(await answer.arrayBuffer());
}
