// Gets the module from wherever it is, and compiles it.

import { CoreError } from "./error.js";

/** Where the module comes from: its URL, what fetch made of that, its bytes, or itself. */
export type Source = string | URL | Response | BufferSource | WebAssembly.Module | Promise<Response>;

/** Opens a URL; Node has one of its own for files. */
export type Open = (url: URL) => Promise<Response | BufferSource>;

/** Compiles the module. Every failure is a CoreError with code "load-failed". */
export async function load(source: Source, open: Open): Promise<WebAssembly.Module> {
  try {
    let from = await source;
    if (typeof from === "string" || from instanceof URL) {
      from = await open(new URL(from, globalThis.location?.href ?? import.meta.url));
    }
    if (from instanceof WebAssembly.Module) return from;
    return await (isResponse(from) ? compile(from) : WebAssembly.compile(from));
  } catch (error) {
    if (error instanceof CoreError) throw error;
    const reason = error instanceof Error ? error.message : String(error);
    throw new CoreError("load-failed", `vpnattach: the module could not be loaded from ${nameOf(source)}: ${reason}`, { cause: error });
  }
}

// A Response may come from another realm, such as an iframe or a fetch library.
function isResponse(from: Response | BufferSource): from is Response {
  return typeof (from as Response).arrayBuffer === "function";
}

async function compile(response: Response): Promise<WebAssembly.Module> {
  if (!response.ok) throw new Error(`the answer is ${response.status} ${response.statusText}`.trimEnd());
  // Hosts stream exactly this type, without parameters, and refuse any other.
  if (response.headers.get("content-type") === "application/wasm" && response instanceof Response) {
    return WebAssembly.compileStreaming(response);
  }
  return WebAssembly.compile(await response.arrayBuffer());
}

function nameOf(source: Source): string {
  if (typeof source === "string" || source instanceof URL) return String(source);
  if (source instanceof WebAssembly.Module) return "the module given";
  return (source as Response | null)?.url || "what was given";
}
