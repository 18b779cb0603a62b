/** An eager context of TensorFlow and the running of single ops in it. Handles are addresses; who gets one deletes it. */
import { DeviceError } from '../../device-error.ts';
import { loadApi } from './c-api.ts';
import type { CApi, Pointer } from './c-api.ts';

/** TF_DataType. */
export const types = {
  float: 1,
  double: 2,
  int32: 3,
  uint8: 4,
  string: 7,
  complex: 8,
  int64: 9,
  bool: 10,
  resource: 20,
  variant: 21,
} as const;

export type Attribute =
  | { readonly type: number }
  | { readonly bool: boolean }
  | { readonly int: number }
  | { readonly float: number }
  | { readonly text: string }
  | { readonly shape: readonly number[] }
  | { readonly ints: readonly number[] };
export type Attributes = Readonly<Record<string, Attribute>>;

/** Values as they went to the device. */
export interface HostValues {
  readonly values: NodeJS.ArrayBufferView;
  readonly shape: readonly number[];
  readonly type: number;
}

/** Hears of everything that happens in a session, to note it. */
export interface Recorder {
  /** True: this op is noted and not run. Only for ops without outputs. */
  withholds(name: string): boolean;
  ran(name: string, inputs: readonly Pointer[], attributes: Attributes, outputs: readonly Pointer[]): void;
  created(handle: Pointer, host: HostValues): void;
  read(handle: Pointer): void;
  freed(handle: Pointer): void;
  /** The values of a handle just created are this number of the step, another one each time. */
  named(handle: Pointer, name: string): void;
  /** Whether these arrays are inputs of the step. */
  knows(arrays: readonly Int32Array[]): boolean;
  /** The handle is these rows of a matrix (sparse.ts). */
  chose(handle: Pointer, matrix: object, rows: Int32Array): void;
  /** The handle is a scatter matrix over such arrays (scatter.ts). */
  scattered(handle: Pointer, parts: readonly Int32Array[], height: number): void;
}

/**
 * ConfigProto by hand: intra_op_parallelism_threads is field 2, inter_op_parallelism_threads field 5, both varints. As many ops of a
 * compiled step run beside each other as one op has threads: most of them are too small to be split.
 */
export function configBytes(threads: number): Uint8Array {
  const varint = (value: number): number[] => (value < 128 ? [value] : [(value & 127) | 128, ...varint(value >>> 7)]);
  return Uint8Array.from([0x10, ...varint(threads), 0x28, ...varint(threads)]);
}

const bytesOf: Readonly<Record<number, number>> = {
  [types.float]: 4,
  [types.double]: 8,
  [types.int32]: 4,
  [types.int64]: 8,
  [types.bool]: 1,
  [types.uint8]: 1,
};

function outOfMemory(said: string): DeviceError {
  return new DeviceError('memory', 'tensorflow.memory', said, 'Choose a smaller batch or width, or another device.');
}

export class Session {
  readonly api: CApi;
  readonly version: string;
  readonly hasGpu: boolean;
  /** Sums of a sparse product are taken in a fixed order, on a GPU too. */
  readonly isDeterministic: boolean;
  readonly #context: Pointer;
  readonly #status: Pointer;
  readonly #count = new Int32Array(1);
  /** Runs what is started, one after the other; made when something first is. */
  #starter: { readonly own: Pointer; readonly usual: Pointer } | undefined;
  #settle: (() => void) | undefined;
  readonly #constants = new Map<string, Pointer>();
  readonly #constantValues = new Map<Pointer, HostValues>();
  /** Rows and columns of the sparse matrices on the device, by handle: a handle of one does not tell. */
  readonly matrixShapes = new Map<Pointer, readonly [number, number]>();
  /** Set while a step is recorded. */
  recorder: Recorder | undefined;
  #live = 0;

  /** Throws DeviceError where TensorFlow does not start. */
  constructor(file: string, { threads, isDeterministic = false }: { threads: number; isDeterministic?: boolean }) {
    const api = loadApi(file, isDeterministic);
    this.api = api;
    this.isDeterministic = isDeterministic;
    this.version = api.TF_Version();
    this.#status = api.TF_NewStatus();
    const options = api.TFE_NewContextOptions();
    const config = configBytes(threads);
    api.TFE_ContextOptionsSetConfig(options, config, config.length, this.#status);
    this.#check('options');
    this.#context = api.silently(() => api.TFE_NewContext(options, this.#status));
    this.#check('start');
    api.TFE_DeleteContextOptions(options);
    this.hasGpu = this.#deviceTypes().includes('GPU');
  }

  /** Handles made and not yet deleted, constants left out: a run ends with the count it began with. */
  get liveHandles(): number {
    return this.#live - this.#constants.size;
  }

  #deviceTypes(): string[] {
    const list = this.api.TFE_ContextListDevices(this.#context, this.#status);
    this.#check('devices');
    const count = this.api.TF_DeviceListCount(list);
    const found = Array.from({ length: count }, (_, index) => this.api.TF_DeviceListType(list, index, this.#status));
    this.api.TF_DeleteDeviceList(list);
    return found;
  }

  #check(what: string): void {
    const code = this.api.TF_GetCode(this.#status);
    if (code === 0) return;
    const said = `TensorFlow (${what}): ${this.api.TF_Message(this.#status)}`;
    // RESOURCE_EXHAUSTED
    if (code === 8) throw outOfMemory(said);
    throw new DeviceError('device', 'tensorflow.op', said, 'Run avocet doctor, or choose another device.');
  }

  /** Runs one op; returns its `outputs` handles. */
  run(name: string, inputs: readonly Pointer[], attributes: Attributes, outputs: number): Pointer[] {
    const { api } = this;
    if (this.recorder?.withholds(name) === true) {
      this.recorder.ran(name, inputs, attributes, []);
      return [];
    }
    const op = api.TFE_NewOp(this.#context, name, this.#status);
    this.#check(name);
    try {
      for (const [attribute, value] of Object.entries(attributes)) this.#set(op, attribute, value);
      for (const input of inputs) {
        api.TFE_OpAddInput(op, input, this.#status);
        this.#check(name);
      }
      const results = new BigUint64Array(Math.max(outputs, 1));
      this.#count[0] = outputs;
      api.TFE_Execute(op, results, this.#count, this.#status);
      this.#check(name);
      this.#live += outputs;
      const made = Array.from(results.subarray(0, outputs));
      this.recorder?.ran(name, inputs, attributes, made);
      return made;
    } finally {
      api.TFE_DeleteOp(op);
    }
  }

  /**
   * Begins an op that writes what others read, and comes back at once. `settle` waits for it; it is called before any tensor is used or
   * read, by the op's owner or else by {@link settled}. One at a time.
   */
  start(name: string, inputs: readonly Pointer[], outputs: number, settle: () => void): Pointer[] {
    const { api } = this;
    this.settled();
    this.#starter ??= { own: api.TFE_NewExecutor(true, true, 0), usual: api.TFE_ContextGetExecutorForThread(this.#context) };
    api.TFE_ContextSetExecutorForThread(this.#context, this.#starter.own);
    try {
      const results = this.run(name, inputs, {}, outputs);
      this.#settle = settle;
      return results;
    } finally {
      api.TFE_ContextSetExecutorForThread(this.#context, this.#starter.usual);
    }
  }

  /** Waits for what was started. */
  settled(): void {
    const settle = this.#settle;
    this.#settle = undefined;
    settle?.();
  }

  /** What was started failed: without this, whatever is started next would fail with it. */
  forgetFailure(): void {
    if (this.#starter !== undefined) this.api.TFE_ExecutorClearError(this.#starter.own);
  }

  #set(op: Pointer, name: string, value: Attribute): void {
    const { api } = this;
    if ('type' in value) api.TFE_OpSetAttrType(op, name, value.type);
    else if ('bool' in value) api.TFE_OpSetAttrBool(op, name, value.bool ? 1 : 0);
    else if ('int' in value) api.TFE_OpSetAttrInt(op, name, value.int);
    else if ('float' in value) api.TFE_OpSetAttrFloat(op, name, value.float);
    else if ('text' in value) {
      const bytes = Buffer.from(value.text);
      api.TFE_OpSetAttrString(op, name, bytes, bytes.length);
    } else if ('shape' in value) {
      api.TFE_OpSetAttrShape(op, name, BigInt64Array.from(value.shape, BigInt), value.shape.length, this.#status);
      this.#check(name);
    } else api.TFE_OpSetAttrIntList(op, name, BigInt64Array.from(value.ints, BigInt), value.ints.length);
  }

  /** A copy of the values in TensorFlow's memory; the caller deletes it. */
  tensor(values: NodeJS.ArrayBufferView, shape: readonly number[], type: number): Pointer {
    const { api } = this;
    const bytes = shape.reduce((product, extent) => product * extent, bytesOf[type]!);
    if (bytes !== values.byteLength) throw new RangeError(`tensorflow: ${values.byteLength} bytes for shape [${shape.join(', ')}]`);
    const tensor = api.TF_AllocateTensor(type, BigInt64Array.from(shape, BigInt), shape.length, bytes) as Pointer | null;
    if (tensor === null || tensor === 0n) throw outOfMemory(`no ${bytes} bytes for a tensor [${shape.join(', ')}]`);
    if (bytes > 0) api.memcpy(api.TF_TensorData(tensor), values, bytes);
    return tensor;
  }

  /** A handle on a copy of the values. */
  create(values: NodeJS.ArrayBufferView, shape: readonly number[], type: number): Pointer {
    const { api } = this;
    const tensor = this.tensor(values, shape, type);
    const handle = api.TFE_NewTensorHandle(tensor, this.#status);
    // The handle holds its own reference to the buffer.
    api.TF_DeleteTensor(tensor);
    this.#check('create');
    this.#live += 1;
    this.recorder?.created(handle, { values, shape, type });
    return handle;
  }

  floats(values: Float32Array, shape: readonly number[] = [values.length]): Pointer {
    return this.create(values, shape, types.float);
  }

  ints(values: Int32Array, shape: readonly number[] = [values.length]): Pointer {
    return this.create(values, shape, types.int32);
  }

  /** A float32 scalar that lives as long as the session. */
  constant(value: number): Pointer {
    return this.#cached(`f${value}`, { values: Float32Array.of(value), shape: [], type: types.float });
  }

  /** The same in float64. */
  constantDouble(value: number): Pointer {
    return this.#cached(`d${value}`, { values: Float64Array.of(value), shape: [], type: types.double });
  }

  /** An int32 vector, or a scalar, that lives as long as the session. */
  constantInts(values: number | readonly number[]): Pointer {
    if (typeof values === 'number') return this.#cached(`i${values}`, { values: Int32Array.of(values), shape: [], type: types.int32 });
    return this.#cached(`i[${values.join()}]`, { values: Int32Array.from(values), shape: [values.length], type: types.int32 });
  }

  #cached(key: string, host: HostValues): Pointer {
    const known = this.#constants.get(key);
    if (known !== undefined) return known;
    const made = this.create(host.values, host.shape, host.type);
    this.#constants.set(key, made);
    this.#constantValues.set(made, host);
    return made;
  }

  /** What a constant of the session holds; undefined for any other handle. */
  valuesOf(constant: Pointer): HostValues | undefined {
    return this.#constantValues.get(constant);
  }

  /** Calls the library with this session's context and status. Throws DeviceError where the status says so. */
  call<T>(what: string, work: (status: Pointer, context: Pointer) => T): T {
    const result = work(this.#status, this.#context);
    this.#check(what);
    return result;
  }

  /** The values behind a handle, copied into `to` or a new array of its type. */
  read(handle: Pointer, to?: Float32Array): Float32Array | Int32Array | Uint8Array {
    const { api } = this;
    this.recorder?.read(handle);
    const type = api.TFE_TensorHandleDataType(handle);
    const tensor = api.TFE_TensorHandleResolve(handle, this.#status);
    this.#check('read');
    const bytes = Number(api.TF_TensorByteSize(tensor));
    const out = to ?? this.#arrayFor(type, bytes);
    if (bytes > 0) api.memcpy(out, api.TF_TensorData(tensor), bytes);
    api.TF_DeleteTensor(tensor);
    return out;
  }

  #arrayFor(type: number, bytes: number): Float32Array | Int32Array | Uint8Array {
    if (type === types.float) return new Float32Array(bytes / 4);
    if (type === types.int32) return new Int32Array(bytes / 4);
    if (type === types.bool || type === types.uint8) return new Uint8Array(bytes);
    throw new Error(`tensorflow: values of type ${type} cannot be read`);
  }

  shapeOf(handle: Pointer): number[] {
    const rank = this.api.TFE_TensorHandleNumDims(handle, this.#status);
    this.#check('shape');
    return Array.from({ length: rank }, (_, axis) => Number(this.api.TFE_TensorHandleDim(handle, axis, this.#status)));
  }

  typeOf(handle: Pointer): number {
    return this.api.TFE_TensorHandleDataType(handle);
  }

  free(handle: Pointer): void {
    this.#live -= 1;
    this.recorder?.freed(handle);
    this.api.TFE_DeleteTensorHandle(handle);
  }
}
