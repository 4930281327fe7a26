// The only error class that this package throws. Invalid input is not thrown: it is in
// the result of the call.

/** Why the module can't be used. */
export type CoreErrorCode =
  /** init() has not been called, or has not finished. */
  | "not-initialised"
  /** The module could not be loaded; init() may be called again. */
  | "load-failed"
  /** The module has stopped, for example because it ran out of memory; init() restarts it. */
  | "stopped";

/** The module can't be used. `cause` is the error of the browser or of Node, if there was one. */
export class CoreError extends Error {
  readonly code: CoreErrorCode;
  // Declared here for programs whose library is older than es2022.
  declare readonly cause?: unknown;

  constructor(code: CoreErrorCode, message: string, options?: { cause?: unknown }) {
    super(message, options);
    this.name = "CoreError";
    this.code = code;
  }
}

/** The message of anything that was thrown. */
export function messageOf(error: unknown): string {
  try {
    return error instanceof Error ? error.message : String(error);
  } catch {
    return "unknown error";
  }
}
