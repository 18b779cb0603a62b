/** The part of WebAssembly that devices use; @types/node leaves it to the DOM library, which this layer does not see. */
declare namespace WebAssembly {
  class Memory {
    constructor(size: { readonly initial: number; readonly maximum?: number; readonly shared?: boolean });
    readonly buffer: ArrayBufferLike;
    grow(pages: number): number;
  }
  type Imports = Readonly<Record<string, Readonly<Record<string, Memory>>>>;
  class Instance {
    constructor(module: Module, imports: Imports);
    readonly exports: object;
  }
  class Module {
    constructor(bytes: Uint8Array);
    readonly [Symbol.toStringTag]: 'WebAssembly.Module';
  }
  function validate(bytes: Uint8Array): boolean;
  function compile(bytes: Uint8Array): Promise<Module>;
  function instantiate(module: Module, imports: Imports): Promise<Instance>;
  function instantiate(bytes: Uint8Array, imports: Imports): Promise<{ readonly instance: Instance }>;
}
