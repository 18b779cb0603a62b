/** Whether two records of a step on different inputs are one and the same plan. */
import type { NumberArray } from './wasm-plan-stage.ts';
import { bytesOf } from './wasm-plan-record.ts';
import type { Entry, JobsEntry, Leaf, Region, Source } from './wasm-plan-record.ts';
import type { Trace } from './wasm-plan-trace.ts';
import { WasmMatrix } from './wasm-sparse.ts';

/** Where they differ, which a plan would get wrong; undefined where they agree. */
export function difference(first: Trace, second: Trace): string | undefined {
  const [before, after] = [first.entries, second.entries];
  if (before.length !== after.length) return `it is ${before.length} ops for one batch and ${after.length} for another`;
  for (const [index, entry] of before.entries()) {
    const other = after[index]!;
    const place = entry.inputs.findIndex((source, input) => !isSameSource(source, other.inputs[input]));
    if (place >= 0 && entry.name === other.name) {
      return `input ${place} of op ${index} (${entry.name}) changes and is no input of the step`;
    }
    if (place >= 0 || !isSameEntry(entry, other, first, second)) {
      return `op ${index} is ${entry.name} for one batch and ${other.name} or otherwise set for another`;
    }
  }
  return undefined;
}

function isSameSource(a: Source, b: Source | undefined): boolean {
  if (typeof a === 'number' || typeof b === 'number' || b === undefined) return a === b;
  return a.at === b.at && a.bytes === b.bytes && a.leaf === b.leaf && isSameContent(a, b);
}

function isSameContent(a: Region, b: Region): boolean {
  if (a.content === undefined || b.content === undefined) return a.content === b.content;
  return Buffer.compare(a.content, b.content) === 0;
}

function isSameEntry(a: Entry, b: Entry, first: Trace, second: Trace): boolean {
  if (a.name !== b.name) return false;
  if (a.kind === 'jobs') return b.kind === 'jobs' && isSameWork(a, b);
  if (a.kind === 'adam') return b.kind === 'adam' && a.slot === b.slot;
  return b.kind === 'call' && isSameTree(a.call.attrs, b.call.attrs, first, second);
}

function isSameWork(a: JobsEntry, b: JobsEntry): boolean {
  if (a.jobs.length !== b.jobs.length) return false;
  return a.jobs.every(({ job, chunks, values }, j) => {
    const other = b.jobs[j]!;
    const isSameCall = job === other.job && chunks === other.chunks && values.length === other.values.length;
    return isSameCall && values.every((value, v) => Object.is(value, other.values[v]));
  });
}

/** Attributes: inputs of the step by their places, all else by value. */
function isSameTree(a: unknown, b: unknown, first: Trace, second: Trace): boolean {
  if (typeof a !== 'object' || typeof b !== 'object' || a === null || b === null) return Object.is(a, b);
  const place = first.placeOf(a);
  if (place !== undefined || a instanceof WasmMatrix) return place === second.placeOf(b) && (place !== undefined || a === b);
  if (ArrayBuffer.isView(a)) return ArrayBuffer.isView(b) && Buffer.compare(bytesOf(a as NumberArray), bytesOf(b as NumberArray)) === 0;
  const [keys, others] = [Object.keys(a), Object.keys(b)];
  if (keys.length !== others.length) return false;
  const [left, right] = [a as Record<string, unknown>, b as Record<string, unknown>];
  return keys.every((key) => isSameTree(left[key], right[key], first, second));
}

/** Attributes with the inputs of a later step in the places of those that were recorded. */
export function binder<T>(tree: T, trace: Trace): (leaves: readonly Leaf[]) => T {
  const bind = bound(tree, trace);
  return bind === undefined ? () => tree : (bind as (leaves: readonly Leaf[]) => T);
}

function bound(tree: unknown, trace: Trace): ((leaves: readonly Leaf[]) => unknown) | undefined {
  if (typeof tree !== 'object' || tree === null) return undefined;
  const place = trace.placeOf(tree);
  if (place !== undefined) return (leaves) => leaves[place];
  if (ArrayBuffer.isView(tree) || tree instanceof WasmMatrix) return undefined;
  const branches = Object.entries(tree).flatMap(([key, branch]) => {
    const bind = bound(branch, trace);
    return bind === undefined ? [] : [[key, bind] as const];
  });
  if (branches.length === 0) return undefined;
  return (leaves) => {
    const copy = (Array.isArray(tree) ? [...(tree as unknown[])] : { ...tree }) as Record<string, unknown>;
    for (const [key, bind] of branches) copy[key] = bind(leaves);
    return copy;
  };
}
