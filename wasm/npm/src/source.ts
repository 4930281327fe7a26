// The types that init() accepts. Web types are declared by the members that are used,
// since a project for Node may not have the library dom.

/** Where the module comes from: its URL, a fetch of it, its bytes, or a WebAssembly.Module. */
export type Source = string | UrlLike | ResponseLike | ArrayBuffer | ArrayBufferView | ModuleLike | Promise<ResponseLike>;

/** A URL. */
export interface UrlLike {
  readonly href: string;
  readonly protocol: string;
}

/** A Response. */
export interface ResponseLike {
  readonly ok: boolean;
  readonly status: number;
  readonly statusText: string;
  readonly url: string;
  readonly headers: { get(name: string): string | null };
  arrayBuffer(): Promise<ArrayBuffer>;
}

/** A WebAssembly.Module, which has no properties. */
export interface ModuleLike {
  readonly href?: never;
  readonly byteLength?: never;
  readonly arrayBuffer?: never;
}
