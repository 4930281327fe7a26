// Fetches or reads the module, and compiles it.

import { CoreError, messageOf } from "./error.js";
import type { ResponseLike, Source } from "./source.js";

/** Opens a URL; Node reads file URLs from disk. */
export type Open = (url: URL) => Promise<ResponseLike | BufferSource>;

/**
 * Compiles the module from the source, by default from the file beside this one. Every
 * failure is a CoreError with code "load-failed".
 */
export async function load(source: Source | undefined, open: Open): Promise<WebAssembly.Module> {
  let name = "the given source";
  try {
    let from: unknown = await (source ?? defaultUrl());
    if (typeof from === "string" || from instanceof URL) {
      name = String(from);
      from = await open(new URL(from, globalThis.location?.href ?? import.meta.url));
    }
    if (from instanceof WebAssembly.Module) return from;
    if (!isResponse(from)) return await WebAssembly.compile(from as BufferSource);
    name = from.url || name;
    return await compile(from);
  } catch (error) {
    if (error instanceof CoreError) throw error;
    // Some bundlers do not take the file beside this one along.
    const remedy = source === undefined ? "; copy vpnattach/dist/vpnattach.wasm there, or pass its URL to init()" : "";
    throw new CoreError("load-failed", `vpnattach: the module could not be loaded from ${name}: ${messageOf(error)}${remedy}`, { cause: error });
  }
}

// A script that was bundled in another format, or that comes from a blob, has no URL
// to resolve against.
function defaultUrl(): URL {
  try {
    return new URL("./vpnattach.wasm", import.meta.url);
  } catch (error) {
    throw new CoreError("load-failed", "vpnattach: the URL of this script is not known: pass the URL of vpnattach.wasm to init()", { cause: error });
  }
}

// A Response may come from another realm, such as an iframe or a fetch library.
function isResponse(from: unknown): from is ResponseLike {
  return typeof (from as ResponseLike).headers?.get === "function" && typeof (from as ResponseLike).arrayBuffer === "function";
}

async function compile(response: ResponseLike): Promise<WebAssembly.Module> {
  if (!response.ok) throw new Error(`HTTP status ${response.status} ${response.statusText}`.trimEnd());
  // compileStreaming accepts exactly this type, without parameters.
  if (response.headers.get("content-type") === "application/wasm" && response instanceof Response) {
    return WebAssembly.compileStreaming(response);
  }
  return WebAssembly.compile(await response.arrayBuffer());
}
