/** A device cannot be opened or ran out of memory. Callers turn it into a problem of kind `device` or `memory`. */
export class DeviceError extends Error {
  readonly kind: 'device' | 'memory';
  /** Stable code: "wasm.kernels-missing", "wasm.memory". */
  readonly code: string;
  /** What would put it right. */
  readonly fix: string;

  constructor(kind: 'device' | 'memory', code: string, message: string, fix: string) {
    super(message);
    this.name = 'DeviceError';
    this.kind = kind;
    this.code = code;
    this.fix = fix;
  }
}
