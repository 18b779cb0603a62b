/** The functions of TensorFlow's C API that we call, bound by koffi (c_api.h, eager/c_api.h). */
import { closeSync, openSync } from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';
import type Koffi from 'koffi';
import { ownFolder } from '../assets.ts';
import { cudaLibraries } from './cuda.ts';

/** An address inside TensorFlow. 0n is null. */
export type Pointer = bigint;
/** Typed arrays are passed as their memory. */
export type Memory = Pointer | NodeJS.ArrayBufferView;

/** TF_Output: one output of an operation in a graph, passed by value. */
export interface GraphOutput {
  readonly oper: Pointer;
  readonly index: number;
}

export interface CApi {
  TF_Version(): string;
  TF_NewStatus(): Pointer;
  TF_GetCode(status: Pointer): number;
  TF_Message(status: Pointer): string;
  TF_AllocateTensor(type: number, dims: Memory, rank: number, bytes: number): Pointer;
  TF_TensorData(tensor: Pointer): Pointer;
  TF_TensorByteSize(tensor: Pointer): number;
  TF_DeleteTensor(tensor: Pointer): void;
  TF_DeviceListCount(list: Pointer): number;
  TF_DeviceListType(list: Pointer, index: number, status: Pointer): string;
  TF_DeleteDeviceList(list: Pointer): void;
  TFE_NewContextOptions(): Pointer;
  TFE_ContextOptionsSetConfig(options: Pointer, proto: Memory, bytes: number, status: Pointer): void;
  TFE_DeleteContextOptions(options: Pointer): void;
  TFE_NewContext(options: Pointer, status: Pointer): Pointer;
  TFE_DeleteContext(context: Pointer): void;
  TFE_ContextListDevices(context: Pointer, status: Pointer): Pointer;
  TFE_NewOp(context: Pointer, name: string, status: Pointer): Pointer;
  TFE_DeleteOp(op: Pointer): void;
  TFE_OpAddInput(op: Pointer, handle: Pointer, status: Pointer): void;
  TFE_OpSetAttrType(op: Pointer, name: string, value: number): void;
  TFE_OpSetAttrBool(op: Pointer, name: string, value: number): void;
  TFE_OpSetAttrInt(op: Pointer, name: string, value: number): void;
  TFE_OpSetAttrFloat(op: Pointer, name: string, value: number): void;
  TFE_OpSetAttrString(op: Pointer, name: string, value: Memory, bytes: number): void;
  TFE_OpSetAttrShape(op: Pointer, name: string, dims: Memory, rank: number, status: Pointer): void;
  TFE_OpSetAttrIntList(op: Pointer, name: string, values: Memory, count: number): void;
  TFE_Execute(op: Pointer, outputs: Memory, count: Memory, status: Pointer): void;
  TFE_NewTensorHandle(tensor: Pointer, status: Pointer): Pointer;
  TFE_DeleteTensorHandle(handle: Pointer): void;
  TFE_TensorHandleDataType(handle: Pointer): number;
  TFE_TensorHandleNumDims(handle: Pointer, status: Pointer): number;
  TFE_TensorHandleDim(handle: Pointer, axis: number, status: Pointer): number;
  TFE_TensorHandleResolve(handle: Pointer, status: Pointer): Pointer;
  TFE_NewExecutor(isAsync: boolean, streams: boolean, most: number): Pointer;
  TFE_ContextGetExecutorForThread(context: Pointer): Pointer;
  TFE_ContextSetExecutorForThread(context: Pointer, executor: Pointer): void;
  TFE_ExecutorClearError(executor: Pointer): void;
  TF_NewGraph(): Pointer;
  TF_DeleteGraph(graph: Pointer): void;
  TF_NewOperation(graph: Pointer, type: string, name: string): Pointer;
  TF_AddInput(description: Pointer, input: GraphOutput): void;
  TF_AddInputList(description: Pointer, inputs: Memory, count: number): void;
  TF_AddControlInput(description: Pointer, operation: Pointer): void;
  TF_SetAttrType(description: Pointer, name: string, value: number): void;
  TF_SetAttrBool(description: Pointer, name: string, value: number): void;
  TF_SetAttrInt(description: Pointer, name: string, value: number): void;
  TF_SetAttrFloat(description: Pointer, name: string, value: number): void;
  TF_SetAttrString(description: Pointer, name: string, value: Memory, bytes: number): void;
  TF_SetAttrShape(description: Pointer, name: string, dims: Memory, rank: number): void;
  TF_SetAttrIntList(description: Pointer, name: string, values: Memory, count: number): void;
  TF_SetAttrTensor(description: Pointer, name: string, tensor: Pointer, status: Pointer): void;
  TF_FinishOperation(description: Pointer, status: Pointer): Pointer;
  TF_SetHandleShapeAndType(graph: Pointer, output: GraphOutput, proto: Memory, bytes: number, status: Pointer): void;
  TF_GraphToFunctionWithControlOutputs(
    graph: Pointer,
    name: string,
    hashes: number,
    operations: number,
    chosen: Pointer,
    inputCount: number,
    inputs: Memory,
    outputCount: number,
    outputs: Memory,
    outputNames: Pointer,
    controlCount: number,
    controls: Memory,
    controlNames: Pointer,
    options: Pointer,
    description: Pointer,
    status: Pointer,
  ): Pointer;
  TF_DeleteFunction(made: Pointer): void;
  TFE_ContextAddFunction(context: Pointer, made: Pointer, status: Pointer): void;
  TFE_ContextRemoveFunction(context: Pointer, name: string, status: Pointer): void;
  /** C's memcpy: between TensorFlow's memory and typed arrays. */
  memcpy(to: Memory, from: Memory, bytes: number): void;
  /** Runs `work` with standard error closed to the library. */
  silently<T>(work: () => T): T;
}

const prototypes: readonly string[] = [
  'const char *TF_Version()',
  'void *TF_NewStatus()',
  'int TF_GetCode(void *status)',
  'const char *TF_Message(void *status)',
  'void *TF_AllocateTensor(int type, const void *dims, int rank, size_t bytes)',
  'void *TF_TensorData(void *tensor)',
  'size_t TF_TensorByteSize(void *tensor)',
  'void TF_DeleteTensor(void *tensor)',
  'int TF_DeviceListCount(void *list)',
  'const char *TF_DeviceListType(void *list, int index, void *status)',
  'void TF_DeleteDeviceList(void *list)',
  'void *TFE_NewContextOptions()',
  'void TFE_ContextOptionsSetConfig(void *options, const void *proto, size_t bytes, void *status)',
  'void TFE_DeleteContextOptions(void *options)',
  'void *TFE_NewContext(void *options, void *status)',
  'void TFE_DeleteContext(void *context)',
  'void *TFE_ContextListDevices(void *context, void *status)',
  'void *TFE_NewOp(void *context, const char *name, void *status)',
  'void TFE_DeleteOp(void *op)',
  'void TFE_OpAddInput(void *op, void *handle, void *status)',
  'void TFE_OpSetAttrType(void *op, const char *name, int value)',
  'void TFE_OpSetAttrBool(void *op, const char *name, uint8_t value)',
  'void TFE_OpSetAttrInt(void *op, const char *name, int64_t value)',
  'void TFE_OpSetAttrFloat(void *op, const char *name, float value)',
  'void TFE_OpSetAttrString(void *op, const char *name, const void *value, size_t bytes)',
  'void TFE_OpSetAttrShape(void *op, const char *name, const void *dims, int rank, void *status)',
  'void TFE_OpSetAttrIntList(void *op, const char *name, const void *values, int count)',
  'void TFE_Execute(void *op, void *outputs, void *count, void *status)',
  'void *TFE_NewTensorHandle(void *tensor, void *status)',
  'void TFE_DeleteTensorHandle(void *handle)',
  'int TFE_TensorHandleDataType(void *handle)',
  'int TFE_TensorHandleNumDims(void *handle, void *status)',
  'int64_t TFE_TensorHandleDim(void *handle, int axis, void *status)',
  'void *TFE_TensorHandleResolve(void *handle, void *status)',
  'void *TFE_NewExecutor(bool isAsync, bool streams, int most)',
  'void *TFE_ContextGetExecutorForThread(void *context)',
  'void TFE_ContextSetExecutorForThread(void *context, void *executor)',
  'void TFE_ExecutorClearError(void *executor)',
  'void *TF_NewGraph()',
  'void TF_DeleteGraph(void *graph)',
  'void *TF_NewOperation(void *graph, const char *type, const char *name)',
  'void TF_AddInput(void *description, TF_Output input)',
  'void TF_AddInputList(void *description, const void *inputs, int count)',
  'void TF_AddControlInput(void *description, void *operation)',
  'void TF_SetAttrType(void *description, const char *name, int value)',
  'void TF_SetAttrBool(void *description, const char *name, uint8_t value)',
  'void TF_SetAttrInt(void *description, const char *name, int64_t value)',
  'void TF_SetAttrFloat(void *description, const char *name, float value)',
  'void TF_SetAttrString(void *description, const char *name, const void *value, size_t bytes)',
  'void TF_SetAttrShape(void *description, const char *name, const void *dims, int rank)',
  'void TF_SetAttrIntList(void *description, const char *name, const void *values, int count)',
  'void TF_SetAttrTensor(void *description, const char *name, void *tensor, void *status)',
  'void *TF_FinishOperation(void *description, void *status)',
  'void TF_SetHandleShapeAndType(void *graph, TF_Output output, const void *proto, size_t bytes, void *status)',
  'void *TF_GraphToFunctionWithControlOutputs(void *graph, const char *name, uint8_t hashes, int operations, void *chosen, ' +
    'int input_count, const void *inputs, int output_count, const void *outputs, void *output_names, ' +
    'int control_count, const void *controls, void *control_names, void *options, void *description, void *status)',
  'void TF_DeleteFunction(void *made)',
  'void TFE_ContextAddFunction(void *context, void *made, void *status)',
  'void TFE_ContextRemoveFunction(void *context, const char *name, void *status)',
];

/** Keeps the library loaded to the end: koffi closes what it opened when the process ends, and TensorFlow's threads still run. */
const keepLoaded =
  process.platform === 'darwin' ? { library: 'libSystem.dylib', flags: 0x1 | 0x80 } : { library: 'libc.so.6', flags: 0x1 | 0x1000 };

/** `require` from the folder of the program, checkout or bundle: these packages are loaded only where this device is wanted. */
export function requireHere(): NodeJS.Require {
  return createRequire(path.join(ownFolder(), 'tensorflow.cjs'));
}

/**
 * By default glibc gives every large block back to the system at once, and TensorFlow, which allocates each result anew, spends its time
 * on fresh pages. M_TRIM_THRESHOLD (−1) and M_MMAP_THRESHOLD (−3) keep blocks up to 32 MiB, the most that is allowed, for reuse.
 */
function keepPages(system: ReturnType<typeof Koffi.load>): void {
  if (process.platform !== 'linux') return;
  const mallopt = system.func('int mallopt(int parameter, int value)') as unknown as (parameter: number, value: number) => number;
  mallopt(-3, 1 << 25);
  mallopt(-1, 1 << 29);
}

/**
 * TensorFlow greets on standard error as it starts ("oneDNN custom operations are on"), past every setting of its own; standard error is
 * for problems, and its problems come back as statuses.
 */
function makeSilence(system: ReturnType<typeof Koffi.load>): CApi['silently'] {
  const dup = system.func('int dup(int descriptor)') as unknown as (descriptor: number) => number;
  const dup2 = system.func('int dup2(int from, int to)') as unknown as (from: number, to: number) => number;
  return (work) => {
    const kept = dup(2);
    const nowhere = openSync('/dev/null', 'w');
    dup2(nowhere, 2);
    try {
      return work();
    } finally {
      dup2(kept, 2);
      closeSync(nowhere);
      closeSync(kept);
    }
  };
}

let isDescribed = false;
let bound: { file: string; api: CApi } | undefined;

/** Loads the library, once a process. Throws koffi's error where it cannot be loaded or lacks a function. */
export function loadApi(file: string, isDeterministic: boolean): CApi {
  if (bound?.file === file) return bound.api;
  // Read by TensorFlow as it starts; what the user has set stays.
  process.env['TF_CPP_MIN_LOG_LEVEL'] ??= '2';
  process.env['TF_FORCE_GPU_ALLOW_GROWTH'] ??= 'true';
  // One GPU, by default the first: of several it would take memory on all and compute on the last.
  process.env['CUDA_VISIBLE_DEVICES'] ??= '0';
  if (isDeterministic) process.env['TF_DETERMINISTIC_OPS'] ??= '1';
  const koffi = requireHere()('koffi') as typeof Koffi;
  const system = koffi.load(keepLoaded.library);
  keepPages(system);
  const dlopen = system.func('void *dlopen(const char *file, int flags)') as unknown as (file: string, flags: number) => Pointer | null;
  const silently = makeSilence(system);
  const library = silently(() => {
    // TensorFlow asks the loader for CUDA by name, and the loader knows what is loaded. LD_LIBRARY_PATH would do as much, but only from
    // the environment that this process was started in. Twice: they need each other in no order that we know.
    const cuda = cudaLibraries(file);
    for (const needed of [...cuda, ...cuda]) dlopen(needed, keepLoaded.flags);
    dlopen(file, keepLoaded.flags);
    return koffi.load(file);
  });
  if (!isDescribed) koffi.struct('TF_Output', { oper: 'void *', index: 'int' });
  isDescribed = true;
  const functions = prototypes.map((prototype) => {
    const name = /(\w+)\(/.exec(prototype)![1]!;
    return [name, library.func(prototype)] as const;
  });
  const api = {
    ...Object.fromEntries(functions),
    silently,
    memcpy: system.func('void memcpy(void *to, const void *from, size_t bytes)'),
  } as unknown as CApi;
  bound = { file, api };
  return api;
}
