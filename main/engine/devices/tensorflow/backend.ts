/** The JavaScript half of @tensorflow/tfjs-node-gpu on our binding: its kernels, not its native addon. */
import Module, { createRequire } from 'node:module';
import util from 'node:util';
import * as core from '@tensorflow/tfjs-core';
import type { KernelBackend, TensorInfo } from '@tensorflow/tfjs-core';
import { requireHere } from './c-api.ts';
import type { Pointer } from './c-api.ts';
import type { Attributes, Session } from './session.ts';
import { types } from './session.ts';

export const backendName = 'tensorflow';

/** What its backend keeps of a tensor: values until an op first needs them on the device, a handle from then on. */
interface Entry {
  readonly shape: readonly number[];
  readonly dtype: number;
  values: Float32Array | Int32Array | Uint8Array | null;
  id: Pointer | -1;
  refCount: number;
}

export interface NodeBackend extends KernelBackend {
  readonly tensorMap: { get(dataId: object): Entry; set(dataId: object, entry: Entry): void; delete(dataId: object): boolean };
  getInputTensorIds(tensors: readonly TensorInfo[]): Pointer[];
}

interface NodeAttribute {
  readonly name: string;
  readonly type: number;
  readonly value: unknown;
}

const kinds = { TF_ATTR_STRING: 0, TF_ATTR_INT: 1, TF_ATTR_FLOAT: 2, TF_ATTR_BOOL: 3, TF_ATTR_TYPE: 4, TF_ATTR_SHAPE: 5 } as const;

function attributesOf(given: readonly NodeAttribute[]): Attributes {
  const entries = given.map(({ name, type, value }) => {
    if (type === kinds.TF_ATTR_TYPE) return [name, { type: value as number }];
    if (type === kinds.TF_ATTR_BOOL) return [name, { bool: value as boolean }];
    if (type === kinds.TF_ATTR_FLOAT) return [name, { float: value as number }];
    if (type === kinds.TF_ATTR_STRING) return [name, { text: value as string }];
    if (type === kinds.TF_ATTR_SHAPE) return [name, { shape: value as number[] }];
    return [name, Array.isArray(value) ? { ints: value as number[] } : { int: value as number }];
  });
  return Object.fromEntries(entries) as Attributes;
}

function asArray(values: ArrayLike<number>, type: number): Float32Array | Int32Array | Uint8Array {
  if (type === types.float) return values instanceof Float32Array ? values : Float32Array.from(values);
  if (type === types.int32) return values instanceof Int32Array ? values : Int32Array.from(values);
  return values instanceof Uint8Array ? values : Uint8Array.from(values);
}

/** The interface of its native addon (tfjs_binding.d.ts), as far as our ops reach it. */
function bindingOn(session: Session): object {
  return {
    ...kinds,
    TF_FLOAT: types.float,
    TF_INT32: types.int32,
    TF_INT64: types.int64,
    TF_BOOL: types.bool,
    TF_COMPLEX64: types.complex,
    TF_STRING: types.string,
    TF_RESOURCE: types.resource,
    TF_UINT8: types.uint8,
    TF_Version: session.version,
    isUsingGpuDevice: () => session.hasGpu,
    createTensor: (shape: number[], type: number, values: ArrayLike<number>) => session.create(asArray(values, type), shape, type),
    deleteTensor: (handle: Pointer) => session.free(handle),
    tensorDataSync: (handle: Pointer) => session.read(handle),
    executeOp: (name: string, attributes: NodeAttribute[], inputs: Pointer[], outputs: number) =>
      session
        .run(name, inputs, attributesOf(attributes), outputs)
        .map((id) => ({ id, shape: session.shapeOf(id), dtype: session.typeOf(id) })),
  };
}

const replaced: ReadonlySet<string> = new Set(['@tensorflow/tfjs', '@tensorflow/tfjs-core']);

/**
 * Its files import @tensorflow/tfjs, a bundle of much more than we use (layers, a browser backend), or a tfjs-core of their own beside a
 * bundled one: while they load they get ours for both.
 */
function requireKernels(): { NodeJSKernelBackend: new (binding: object, packageName: string) => NodeBackend } {
  // Deprecated for years, with a warning on first use, and gone from newer Nodes.
  const old = util as unknown as Record<string, unknown>;
  old['isNullOrUndefined'] = (value: unknown): boolean => value === null || value === undefined;
  old['isArray'] = Array.isArray;
  // Compiled for ES5, they call the base class as a function, which the class of a bundled tfjs-core does not allow.
  const KernelBackend = function (): void {};
  KernelBackend.prototype = core.KernelBackend.prototype;
  const ours = { ...core, KernelBackend };
  const inside = createRequire(requireHere().resolve('@tensorflow/tfjs-node-gpu/package.json'));
  const loader = Module as unknown as { _load: (request: string, ...rest: unknown[]) => unknown };
  const load = loader._load;
  loader._load = (request, ...rest) => (replaced.has(request) ? ours : load(request, ...rest));
  try {
    const backend = inside('./dist/nodejs_kernel_backend.js') as ReturnType<typeof requireKernels>;
    inside('./dist/register_all_kernels.js');
    return backend;
  } finally {
    loader._load = load;
  }
}

/** A parameter has no handle while a started step writes it: whoever asks for a tensor's handle or values waits for the step. */
function settleFirst(session: Session, backend: NodeBackend): void {
  const [handles, read, readSync] = [backend.getInputTensorIds, backend.read, backend.readSync];
  backend.getInputTensorIds = (tensors) => {
    session.settled();
    return handles.call(backend, tensors);
  };
  backend.read = (dataId) => {
    session.settled();
    return read.call(backend, dataId);
  };
  backend.readSync = (dataId) => {
    session.settled();
    return readSync.call(backend, dataId);
  };
}

let started: { session: Session; backend: NodeBackend } | undefined;

/** Registers the backend with tfjs, once a session. */
export function startBackend(session: Session): NodeBackend {
  if (started?.session === session) return started.backend;
  const { NodeJSKernelBackend } = requireKernels();
  if (core.findBackend(backendName) !== null) core.removeBackend(backendName);
  const backend = new NodeJSKernelBackend(bindingOn(session), '@tensorflow/tfjs-node-gpu');
  settleFirst(session, backend);
  core.registerBackend(backendName, () => backend, 1);
  started = { session, backend };
  return backend;
}
