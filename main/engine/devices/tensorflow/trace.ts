/**
 * What a step did, op by op, noted while it ran eagerly but for its writes, which are noted and not done. Where an op's input came from decides what becomes of it in a compiled
 * step: results of the step, inputs of the step (by the identity of their arrays), numbers of the step, constants, parameters, and
 * what lies outside and stays (graphs, features, optimiser state).
 */
import type { TensorflowMatrix } from './sparse.ts';
import type { Pointer } from './c-api.ts';
import type { Attributes, HostValues, Recorder } from './session.ts';

/** A place of a step's inputs: a typed array or a sparse matrix. */
export type Leaf = Int32Array | Float32Array | TensorflowMatrix;

/** The op that changes parameters, as a step's last act. */
export const writes = 'ResourceApplyAdam';

export type Source =
  | { readonly kind: 'result'; readonly node: number; readonly output: number }
  | { readonly kind: 'array'; readonly leaf: number; readonly shape: readonly number[]; readonly type: number }
  | {
      readonly kind: 'matrix';
      readonly leaf: number;
      readonly isTransposed: boolean;
      readonly part: number;
      readonly type: number;
      readonly shape: readonly number[];
      readonly size?: readonly [number, number];
    }
  /** Made of arrays of the inputs: a scatter matrix [height, count]. */
  | { readonly kind: 'scatter'; readonly leaves: readonly number[]; readonly height: number; readonly count: number }
  /** Rows of a matrix, by an array of the inputs; the matrix is an input too (`leaf`), or stays (`fixed`, told by its `id`). */
  | {
      readonly kind: 'chosen';
      readonly rows: number;
      readonly leaf: number | undefined;
      readonly id: number | undefined;
      readonly fixed: () => TensorflowMatrix;
      readonly height: number;
      readonly count: number;
    }
  | { readonly kind: 'number'; readonly name: string }
  | { readonly kind: 'constant'; readonly host: HostValues }
  /** The value that a resource (its handle) holds when the step begins. */
  | { readonly kind: 'parameter'; readonly resource: Pointer }
  | { readonly kind: 'outside'; readonly handle: Pointer }
  | { readonly kind: 'unusable'; readonly why: string };

export interface TraceNode {
  readonly name: string;
  readonly inputs: readonly Source[];
  readonly attributes: Attributes;
  readonly outputs: number;
}

export interface Subject {
  readonly leaves: readonly Leaf[];
  /** Resources by the handle through which the step reads their value. */
  readonly parameters: ReadonlyMap<Pointer, Pointer>;
  /** Values of a session's constants. */
  readonly valuesOf: (handle: Pointer) => HostValues | undefined;
}

export class Trace implements Recorder {
  readonly nodes: TraceNode[] = [];
  /** Why the step cannot be replayed, as far as it was noticed. */
  obstacle: string | undefined;
  readonly #subject: Subject;
  readonly #places = new Map<object, number>();
  readonly #sources = new Map<Pointer, Source>();

  constructor(subject: Subject) {
    this.#subject = subject;
    subject.leaves.forEach((leaf, place) => {
      if (this.#places.has(leaf)) return;
      this.#places.set(leaf, place);
      if (!('side' in leaf)) return;
      for (const isTransposed of [true, false]) {
        leaf.side(isTransposed).parts.forEach(({ handle, ...facts }, part) => {
          this.#sources.set(handle, { kind: 'matrix', leaf: place, isTransposed, part, ...facts });
        });
      }
    });
    for (const [handle, resource] of subject.parameters) this.#sources.set(handle, { kind: 'parameter', resource });
  }

  withholds(name: string): boolean {
    return name === writes;
  }

  sourceOf(handle: Pointer): Source {
    const known = this.#sources.get(handle);
    if (known !== undefined) return known;
    const host = this.#subject.valuesOf(handle);
    return host === undefined ? { kind: 'outside', handle } : { kind: 'constant', host };
  }

  ran(name: string, inputs: readonly Pointer[], attributes: Attributes, outputs: readonly Pointer[]): void {
    if (name === 'ReadVariableOp') {
      // Parameters are read once, when the step begins; after it they are new.
      for (const handle of outputs) this.#sources.set(handle, { kind: 'unusable', why: 'it reads a parameter that it has changed' });
      return;
    }
    const node = this.nodes.length;
    this.nodes.push({ name, inputs: inputs.map((handle) => this.sourceOf(handle)), attributes, outputs: outputs.length });
    outputs.forEach((handle, output) => this.#sources.set(handle, { kind: 'result', node, output }));
  }

  created(handle: Pointer, host: HostValues): void {
    const leaf = this.#places.get(host.values);
    const { shape, type } = host;
    this.#sources.set(handle, leaf === undefined ? { kind: 'constant', host } : { kind: 'array', leaf, shape, type });
  }

  named(handle: Pointer, name: string): void {
    this.#sources.set(handle, { kind: 'number', name });
  }

  knows(arrays: readonly Int32Array[]): boolean {
    return arrays.every((array) => this.#places.has(array));
  }

  scattered(handle: Pointer, parts: readonly Int32Array[], height: number): void {
    const count = parts.reduce((sum, part) => sum + part.length, 0);
    this.#sources.set(handle, { kind: 'scatter', leaves: parts.map((part) => this.#places.get(part)!), height, count });
  }

  chose(handle: Pointer, matrix: TensorflowMatrix, rows: Int32Array): void {
    const leaf = this.#places.get(matrix);
    const id = leaf === undefined ? matrix.id : undefined;
    const size = { height: rows.length, count: matrix.columns - matrix.split };
    this.#sources.set(handle, { kind: 'chosen', rows: this.#places.get(rows)!, leaf, id, fixed: () => matrix, ...size });
  }

  read(handle: Pointer): void {
    if (this.sourceOf(handle).kind === 'result') this.obstacle ??= 'it reads a result back before it ends';
  }

  freed(handle: Pointer): void {
    // The address may be another handle's soon.
    this.#sources.delete(handle);
  }
}

/** Where two runs of a step on different inputs differ, which a compiled step would get wrong; undefined where they agree. */
export function difference(first: Trace, second: Trace): string | undefined {
  if (first.nodes.length !== second.nodes.length)
    return `it is ${first.nodes.length} ops for one batch and ${second.nodes.length} for another`;
  for (const [index, node] of first.nodes.entries()) {
    const other = second.nodes[index]!;
    if (node.name !== other.name || JSON.stringify(node.attributes) !== JSON.stringify(other.attributes)) {
      return `op ${index} is ${node.name} for one batch and ${other.name} or otherwise set for another`;
    }
    const place = node.inputs.findIndex((source, input) => !isSame(source, other.inputs[input]));
    if (place >= 0) return `input ${place} of op ${index} (${node.name}) changes and is no input of the step`;
  }
  return undefined;
}

function isSame(a: Source, b: Source | undefined): boolean {
  if (b === undefined || a.kind !== b.kind) return false;
  if (a.kind === 'constant' && b.kind === 'constant') return isSameHost(a.host, b.host);
  const words = (source: Source): string =>
    JSON.stringify(source, (_, value: unknown) => (typeof value === 'bigint' ? String(value) : value));
  return words(a) === words(b);
}

function isSameHost(a: HostValues, b: HostValues): boolean {
  if (a.type !== b.type || a.shape.join() !== b.shape.join()) return false;
  const bytes = ({ values }: HostValues) => Buffer.from(values.buffer, values.byteOffset, values.byteLength);
  return a.values === b.values || bytes(a).equals(bytes(b));
}
