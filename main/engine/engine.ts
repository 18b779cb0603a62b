/**
 * What a device is and how one is opened. A process opens one device; models see tensors (tfjs-core) and the functions under
 * ops/, never a device.
 */
export const deviceIds = ['wasm', 'cpu', 'tensorflow', 'webgpu'] as const;
export type DeviceId = (typeof deviceIds)[number];

/** The honest answer to "can this device run here?". Made in a child process; never throws. */
export interface Probe {
  readonly id: DeviceId;
  readonly available: boolean;
  /** What computes, for people: "WebAssembly SIMD, 1 thread", "TensorFlow 2.20.0 (CPU)". */
  readonly name: string;
  readonly version?: string;
  /** Only where not available: what was looked for and not found. */
  readonly missing?: string;
  /** How to get what is missing, or what an available device could use and does not. */
  readonly remedy?: string;
}

export interface OpenOptions {
  readonly threads?: number;
  /** tensorflow: a folder with libtensorflow_cc, or a Python environment or interpreter that has it among its packages. */
  readonly libraryFolder?: string;
  /** tensorflow: sums in a fixed order on a GPU too, slower there. By default as AVOCET_DETERMINISTIC says, else not. */
  readonly deterministic?: boolean;
  /** tensorflow: the graphics processor it sees, by its driver's number; −1: none. By default the first, or what the environment says. */
  readonly graphics?: number;
  /** Whether training steps may be compiled; by default they are, where the device can. */
  readonly compile?: boolean;
}

/** An opened device. */
export interface OpenDevice {
  readonly id: DeviceId;
  readonly name: string;
  readonly version: string;
  readonly threads: number;
  /** Kernels that ran on stock code instead of our pack since the device was opened, for the run record. */
  fallbacks(): readonly string[];
  /** Live tensors and their bytes; a run ends with the counts it began with. */
  memory(): { readonly tensors: number; readonly bytes: number };
  close(): void;
}

/**
 * A sparse matrix on the device together with its transpose (the gradient of a product needs it).
 * Symmetric matrices pass `symmetric: true` and share one copy.
 */
export interface SparseMatrix {
  readonly rows: number;
  readonly columns: number;
  readonly nonZeros: number;
  /** Rows before it have entries from this column on only: users before items. 0 where nothing of the kind was promised. */
  readonly split: number;
  dispose(): void;
}
