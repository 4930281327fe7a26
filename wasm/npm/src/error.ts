// The one class of errors that this package throws. None is about the input of a
// call: what is wrong with that is in its result.

/** Why the module can't be used. */
export type CoreErrorCode =
  /** init() has not been called, or is not done. */
  | "not-initialised"
  /** The module could not be loaded; init() may be called again. */
  | "load-failed"
  /** The module stopped, for example for lack of memory; init() starts it anew. */
  | "stopped";

/** The module can't be used. `cause` has the error of the host, if there was one. */
export class CoreError extends Error {
  readonly code: CoreErrorCode;

  constructor(code: CoreErrorCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = "CoreError";
    this.code = code;
  }
}

/** What an error says, whatever was thrown. */
export function messageOf(error: unknown): string {
  try {
    return error instanceof Error ? error.message : String(error);
  } catch {
    return "an error that says nothing";
  }
}
