// What init() takes. The types of the web are named by the little that is read of
// them, since a project for Node may have no others.

/** Where the module comes from: its URL, what fetch made of that, its bytes, or itself. */
export type Source = string | Address | Answer | ArrayBuffer | ArrayBufferView | Compiled | Promise<Answer>;

/** A URL. */
export interface Address {
  readonly href: string;
  readonly protocol: string;
}

/** A Response. */
export interface Answer {
  readonly ok: boolean;
  readonly status: number;
  readonly statusText: string;
  readonly url: string;
  readonly headers: { get(name: string): string | null };
  arrayBuffer(): Promise<ArrayBuffer>;
}

/** A WebAssembly.Module, which has no property at all. */
export interface Compiled {
  readonly href?: never;
  readonly byteLength?: never;
  readonly arrayBuffer?: never;
}
