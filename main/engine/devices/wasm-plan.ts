/** A recorded step as it is replayed: jobs of the pool and calls of kernels, on places of memory that were decided beforehand. */
import type { TensorInfo } from '@tensorflow/tfjs-core';
import type { AdamStep, StepOutcome } from '../device.ts';
import type { WasmHeap } from './wasm-heap.ts';
import { binder } from './wasm-plan-compare.ts';
import { layOut } from './wasm-plan-layout.ts';
import type { Layout } from './wasm-plan-layout.ts';
import { Cues } from './wasm-plan-cues.ts';
import type { Spot } from './wasm-plan-cues.ts';
import type { KernelCall, OpenBackend } from './wasm-plan-stage.ts';
import type { CallEntry, Entry, Leaf, Region } from './wasm-plan-record.ts';
import type { Trace } from './wasm-plan-trace.ts';
import type { WasmPool } from './wasm-pool.ts';

export interface PlanTools {
  readonly heap: WasmHeap;
  readonly pool: WasmPool;
}

interface PlacedJob {
  readonly job: number;
  readonly chunks: number;
  readonly values: Float64Array;
}

type Act =
  | { readonly kind: 'jobs'; readonly jobs: readonly PlacedJob[] }
  | {
      readonly kind: 'call';
      readonly entry: CallEntry;
      readonly call: (leaves: readonly Leaf[]) => KernelCall;
      readonly scratch: readonly Spot[];
    }
  | Extract<Entry, { kind: 'adam' }>;

export class Plan {
  /** Bytes of the block that its buffers share. */
  readonly bytes: number;
  readonly #tools: PlanTools;
  readonly #trace: Trace;
  readonly #layout: Layout;
  readonly #terms: readonly string[];
  /** Total, then terms. */
  readonly #results: readonly object[];
  readonly #constants = new Map<Region, number>();
  readonly #owned: readonly number[];
  readonly #cues: Cues;
  #base = 0;
  #acts: readonly Act[] = [];
  #inputs: readonly { readonly leaf: number; readonly pointer: number }[] = [];

  constructor(tools: PlanTools, trace: Trace, results: readonly object[], terms: readonly string[]) {
    this.#tools = tools;
    this.#trace = trace;
    this.#results = results;
    this.#terms = terms;
    this.#layout = layOut(trace, new Set(results.flatMap((dataId) => trace.tensors.get(dataId) ?? [])));
    this.bytes = this.#layout.bytes;
    this.#owned = this.#placeConstants();
    this.#cues = new Cues(tools.heap, trace);
    forgetTensors(tools.heap, trace, this.#called());
  }

  /** Moves to a block; before each run. */
  place(base: number): void {
    if (base === this.#base) return;
    this.#base = base;
    const { heap } = this.#tools;
    const backend = heap.backend as unknown as OpenBackend;
    for (const dataId of this.#called()) {
      const region = this.#trace.tensors.get(dataId);
      const data = backend.dataIdMap.get(dataId);
      if (region === undefined || data === undefined) continue;
      data.memoryOffset = this.#pointerTo(region, base);
      backend.wasm.tfjs.disposeData(data.id);
      backend.wasm.tfjs.registerTensor(data.id, sizeOf(data.shape), data.memoryOffset);
    }
    this.#acts = this.#trace.entries.map((entry) => this.#act(entry, base));
    const inputs = this.#trace.regions.all.filter((region) => region.leaf !== undefined && this.#layout.offsets.has(region));
    this.#inputs = inputs.map((region) => ({ leaf: region.leaf!, pointer: this.#pointerTo(region, base) }));
  }

  run(leaves: readonly Leaf[], step: AdamStep): StepOutcome<number> {
    const { heap, pool } = this.#tools;
    const places = new Map<object, number>();
    for (const { leaf, pointer } of this.#inputs) {
      const values = leaves[leaf] as Float32Array;
      heap.write(values, pointer);
      places.set(values, pointer);
    }
    this.#cues.beginStep({ pointer: this.#base, bytes: this.bytes }, places);
    heap.stage.standIn = this.#cues;
    try {
      for (const act of this.#acts) {
        if (act.kind === 'jobs') for (const { job, chunks, values } of act.jobs) pool.replay(job, chunks, values);
        else if (act.kind === 'adam') act.slot.apply(act.gradient, step);
        else {
          this.#cues.begin(act.entry.tensors, act.scratch);
          act.entry.run(act.call(leaves));
        }
      }
    } finally {
      heap.stage.standIn = undefined;
    }
    const read = this.#results.map((dataId) => heap.floats(heap.pointerOf({ dataId } as TensorInfo), 1)[0]!);
    return { total: read[0]!, terms: Object.fromEntries(this.#terms.map((name, place) => [name, read[place + 1]!])) };
  }

  dispose(): void {
    for (const pointer of this.#owned) this.#tools.heap.free(pointer);
    forgetTensors(this.#tools.heap, this.#trace, new Set());
  }

  #act(entry: Entry, base: number): Act {
    if (entry.kind === 'adam') return entry;
    if (entry.kind === 'jobs') {
      const place = (value: number): number => {
        const region = this.#trace.regions.at(value);
        return region === undefined ? value : this.#pointerTo(region, base) + (value - region.at);
      };
      return { kind: 'jobs', jobs: entry.jobs.map(({ values, ...job }) => ({ ...job, values: Float64Array.from(values, place) })) };
    }
    const { call } = entry;
    const attributes = binder(call.attrs, this.#trace);
    const bind = (leaves: readonly Leaf[]): KernelCall => {
      const attrs = attributes(leaves);
      return { ...call, ...(attrs === undefined ? {} : { attrs }) };
    };
    return {
      kind: 'call',
      entry,
      call: bind,
      scratch: entry.scratch.map((region) => ({ pointer: this.#pointerTo(region, base), bytes: region.bytes })),
    };
  }

  #pointerTo(region: Region, base: number): number {
    return this.#constants.get(region) ?? base + this.#layout.offsets.get(region)!;
  }

  /** Tensors that a replay knows by their data ids. */
  #called(): Set<object> {
    const called = new Set(this.#results);
    for (const entry of this.#trace.entries) {
      if (entry.kind === 'adam') called.add(entry.gradient.dataId);
      if (entry.kind !== 'call') continue;
      for (const { dataId } of Object.values(entry.call.inputs).flat() as TensorInfo[]) called.add(dataId);
      for (const dataId of entry.tensors) called.add(dataId);
    }
    return called;
  }

  /** Memory of their own for values that stay, the same ones once; what was allocated for them. */
  #placeConstants(): number[] {
    const { heap } = this.#tools;
    const constants = this.#trace.regions.all.filter(({ content, last }) => content !== undefined && last >= 0);
    const isZero = ({ content }: Region): boolean => content!.every((byte) => byte === 0);
    const zeros = constants.filter(isZero);
    const pointers: number[] = [];
    const hold = (content: Uint8Array): number => {
      const pointer = heap.upload(content);
      pointers.push(pointer);
      return pointer;
    };
    if (zeros.length > 0) {
      // Gradients of what was repeated begin with tables of zeros: all lie in the largest of them.
      const largest = zeros.reduce((most, region) => (region.bytes > most.bytes ? region : most));
      const pointer = hold(largest.content!);
      for (const region of zeros) this.#constants.set(region, pointer);
    }
    const known = new Map<string, number>();
    for (const region of constants) {
      if (this.#constants.has(region)) continue;
      const key = Buffer.from(region.content!.buffer).toString('latin1');
      const pointer = known.get(key) ?? hold(region.content!);
      known.set(key, pointer);
      this.#constants.set(region, pointer);
    }
    return pointers;
  }
}

function sizeOf(shape: readonly number[]): number {
  return shape.reduce((product, extent) => product * extent, 1);
}

/** Takes the tensors of a record out of the backend, all but these. */
export function forgetTensors(heap: WasmHeap, trace: Trace, kept: ReadonlySet<object>): void {
  const backend = heap.backend as unknown as OpenBackend;
  for (const dataId of trace.tensors.keys()) {
    if (kept.has(dataId) || !backend.dataIdMap.has(dataId)) continue;
    backend.wasm.tfjs.disposeData(backend.dataIdMap.get(dataId)!.id);
    backend.dataIdMap.delete(dataId);
  }
}
