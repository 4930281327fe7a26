// The running module: strings are passed in and out through its memory.

import { ConsoleStdout, OpenFile, File, WASI } from "@bjorn3/browser_wasi_shim";
import { CoreError } from "./error.js";
import type { Call } from "./types.js";

interface Exports {
  memory: WebAssembly.Memory;
  input(size: number): number;
  output(): number;
}

/** The names of the functions that take JSON text. */
export const calls: readonly Call[] = ["validate", "fix", "build", "transform", "test", "diff", "sign", "snippet", "parameters", "version"];

const functions = ["input", "output", ...calls];

const encoder = new TextEncoder();
const decoder = new TextDecoder();

export class Core {
  readonly #exports: Exports & Record<Call, (size: number) => number>;
  #stopped: unknown;

  private constructor(exports: WebAssembly.Exports) {
    this.#exports = exports as never;
  }

  /** Starts the module. Throws a CoreError when it is not the module of this package. */
  static async start(module: WebAssembly.Module): Promise<Core> {
    const has = new Set(WebAssembly.Module.exports(module).map((e) => e.name));
    const missing = functions.find((name) => !has.has(name));
    if (missing !== undefined) {
      throw new CoreError("load-failed", `vpnattach: this is not the WebAssembly module of this package: it does not export ${missing}`);
    }
    try {
      // What the Go runtime prints when it stops goes to the console; stdin is empty.
      const output = ConsoleStdout.lineBuffered((line) => console.error(`vpnattach: ${line}`));
      const wasi = new WASI([], [], [new OpenFile(new File([])), output, output], { debug: false });
      const instance = await WebAssembly.instantiate(module, { wasi_snapshot_preview1: wasi.wasiImport });
      wasi.initialize(instance as never);
      return new Core(instance.exports);
    } catch (error) {
      throw new CoreError("load-failed", "vpnattach: the module could not be started", { cause: error });
    }
  }

  /** Whether the module has stopped and must be restarted. */
  get stopped(): boolean {
    return this.#stopped !== undefined;
  }

  /** Calls a function with JSON text and returns the JSON text of its result. */
  call(name: Call, input: string): string {
    if (this.stopped) throw this.#stopped;
    const exports = this.#exports;
    try {
      // At most three bytes of UTF-8 for each UTF-16 unit. Memory may move in any call.
      const capacity = input.length * 3;
      const pointer = exports.input(capacity);
      const { written } = encoder.encodeInto(input, new Uint8Array(exports.memory.buffer, pointer, capacity));
      const size = exports[name](written);
      const bytes = new Uint8Array(exports.memory.buffer, exports.output(), size);
      const result = decoder.decode(bytes);
      bytes.fill(0); // it may contain keys
      return result;
    } catch (error) {
      this.#stopped = new CoreError("stopped", "vpnattach: the module has stopped; call init() to restart it", { cause: error });
      throw this.#stopped;
    }
  }
}
