/** What a record of a step on wasm consists of. */
import type { KernelConfig, TensorInfo } from '@tensorflow/tfjs-core';
import type { AdamSlot } from '../device.ts';
import type { KernelCall, NumberArray } from './wasm-plan-stage.ts';
import type { WasmMatrix } from './wasm-sparse.ts';

/** A place of a step's inputs: a typed array or a sparse matrix. */
export type Leaf = NumberArray | WasmMatrix;

export interface Region {
  /** Address that stands for its first byte. */
  readonly at: number;
  readonly bytes: number;
  /** What it holds from the beginning: an input by its place, or values that stay. */
  readonly leaf?: number;
  readonly content?: Uint8Array;
  /** First and last entry that touch it. */
  first: number;
  last: number;
}

export interface Job {
  readonly job: number;
  readonly chunks: number;
  readonly values: readonly number[];
}

/** What a kernel reads: a buffer of the step, or the address of what lies outside. */
export type Source = Region | number;

interface Named {
  readonly name: string;
  readonly inputs: readonly Source[];
  /** Data ids of the tensors that it made, in order. */
  readonly tensors: readonly object[];
}

/** A kernel that is its jobs and nothing else. */
export interface JobsEntry extends Named {
  readonly kind: 'jobs';
  readonly jobs: readonly Job[];
}

/** A kernel that looks at memory, or is none of ours: called again. Its scratch in the order in which it asks for it. */
export interface CallEntry extends Named {
  readonly kind: 'call';
  readonly run: KernelConfig['kernelFunc'];
  readonly call: KernelCall;
  readonly scratch: readonly Region[];
}

export interface AdamEntry extends Named {
  readonly kind: 'adam';
  readonly slot: AdamSlot;
  readonly gradient: TensorInfo;
}

export type Entry = JobsEntry | CallEntry | AdamEntry;

/** A step that cannot be recorded. */
export class Obstacle extends Error {}

/** Beyond every real address, below where doubles skip whole numbers. */
const firstAddress = 2 ** 40;

/** The regions of a step, each at addresses of its own. */
export class Regions {
  readonly all: Region[] = [];
  #next = firstAddress;

  add(bytes: number, holds: { readonly leaf?: number; readonly content?: Uint8Array } = {}): Region {
    const region = { at: this.#next, bytes, ...holds, first: Infinity, last: -1 };
    // A gap, so that an address at a region's end is not the next one's beginning.
    this.#next += Math.ceil(bytes / 64) * 64 + 64;
    this.all.push(region);
    return region;
  }

  /** The region that an address lies in; undefined for one that is real. */
  at(address: number): Region | undefined {
    if (!isStandIn(address)) return undefined;
    let [low, high] = [0, this.all.length - 1];
    while (low < high) {
      const middle = (low + high + 1) >> 1;
      if (this.all[middle]!.at <= address) low = middle;
      else high = middle - 1;
    }
    return this.all[low];
  }
}

/** Whether an address stands for one that is not decided yet. */
export function isStandIn(address: number): boolean {
  return address >= firstAddress;
}

export function bytesOf(values: NumberArray): Uint8Array {
  return new Uint8Array(values.buffer, values.byteOffset, values.byteLength);
}
