// The running module: strings go in and come out through its memory.

import { ConsoleStdout, OpenFile, File, WASI } from "@bjorn3/browser_wasi_shim";
import { CoreError } from "./error.js";
import type { Call } from "./types.js";

interface Exports {
  memory: WebAssembly.Memory;
  _initialize(): void;
  input(size: number): number;
  output(): number;
}

/** The names of the functions that take JSON text. */
export const calls: readonly Call[] = ["validate", "build", "transform", "diff", "sign", "snippet", "parameters", "version"];

const functions = ["_initialize", "input", "output", ...calls];

const encoder = new TextEncoder();
const decoder = new TextDecoder();

export class Core {
  readonly #exports: Exports & Record<Call, (size: number) => number>;
  #stopped: unknown;

  private constructor(exports: WebAssembly.Exports) {
    this.#exports = exports as never;
  }

  /** Starts the module. A module that is not this package's is a CoreError. */
  static async start(module: WebAssembly.Module): Promise<Core> {
    const has = new Set(WebAssembly.Module.exports(module).map((e) => e.name));
    const missing = functions.find((name) => !has.has(name));
    if (missing !== undefined) {
      throw new CoreError("load-failed", `vpnattach: the module has no function ${missing}, so it is not the one of this package`);
    }
    try {
      // What the runtime says when it stops goes to the console; it reads nothing.
      const say = ConsoleStdout.lineBuffered((line) => console.error(`vpnattach: ${line}`));
      const wasi = new WASI([], [], [new OpenFile(new File([])), say, say], { debug: false });
      const instance = await WebAssembly.instantiate(module, { wasi_snapshot_preview1: wasi.wasiImport });
      wasi.initialize(instance as never);
      return new Core(instance.exports);
    } catch (error) {
      throw new CoreError("load-failed", "vpnattach: the module could not be started", { cause: error });
    }
  }

  /** Whether the module has stopped and must be started anew. */
  get stopped(): boolean {
    return this.#stopped !== undefined;
  }

  /** Calls a function with JSON text and returns the JSON text of its result. */
  call(name: Call, input: string): string {
    if (this.stopped) throw this.#stopped;
    const e = this.#exports;
    try {
      // At most three bytes of UTF-8 for each UTF-16 unit. Memory may move in any call.
      const room = input.length * 3;
      const at = e.input(room);
      const { written } = encoder.encodeInto(input, new Uint8Array(e.memory.buffer, at, room));
      const size = e[name](written);
      const output = new Uint8Array(e.memory.buffer, e.output(), size);
      const result = decoder.decode(output);
      output.fill(0); // it may hold keys
      return result;
    } catch (error) {
      this.#stopped = new CoreError("stopped", "vpnattach: the module stopped; call init() to start it anew", { cause: error });
      throw this.#stopped;
    }
  }
}
