/**
 * Steps as functions of TensorFlow: recorded for each shape of their inputs, and run as one op, the first step of a shape too. So how
 * a step rounds depends on its batch alone, and not on which steps a process has seen before: a resumed run repeats an uninterrupted one.
 */
import type { Scalar } from '@tensorflow/tfjs-core';
import type { AdamStep, CompiledStep, EagerStep, StartedStep, StepOutcome } from '../../device.ts';
import { DeviceError } from '../../device-error.ts';
import { readOutcome } from '../../ops/gradients.ts';
import { adamNumbers } from './adam.ts';
import type { TensorflowSlot } from './adam.ts';
import type { NodeBackend } from './backend.ts';
import type { Pointer } from './c-api.ts';
import { makeFunction } from './graph.ts';
import type { Argument, StepFunction } from './graph.ts';
import { scatterMatrix } from './scatter.ts';
import { types } from './session.ts';
import type { Session } from './session.ts';
import { TensorflowMatrix } from './sparse.ts';
import { difference, Trace } from './trace.ts';
import type { Leaf, Source } from './trace.ts';

/** A step of one shape: a function whose results are total and then terms. */
interface Known {
  readonly call: StepFunction;
  readonly terms: readonly string[];
}

/** Inputs of a step on the device, by their places in its function; numbers are known when the step begins. */
interface Prepared {
  readonly inputs: object;
  readonly known: Known;
  readonly handles: readonly (Pointer | undefined)[];
  /** Of these handles, those that are deleted after the step. */
  readonly created: Pointer[];
}

interface Traced {
  readonly trace: Trace;
  /** Total and then terms. */
  readonly results: readonly Source[];
  readonly terms: readonly string[];
}

/** Functions kept at once; a step whose inputs have more shapes records the one that was not used for longest anew. */
const mostFunctions = 64;

/** Functions made in this process: their names must differ. */
let made = 0;

export class TensorflowStep implements CompiledStep {
  readonly #session: Session;
  readonly #backend: NodeBackend;
  readonly #eager: EagerStep;
  readonly #known = new Map<string, Known>();
  /** Traces by shape, until two batches of one shape were compared: what differs and is no input of the step would be frozen. */
  #toCompare: Map<string, Trace> | undefined = new Map<string, Trace>();
  #obstacle: string | undefined;
  #replayed = 0;
  /** The first step puts features and other constants on the device; what it did differs from what all others do. */
  #isWarm = false;
  #prepared: Prepared | undefined;

  constructor(session: Session, backend: NodeBackend, eager: EagerStep) {
    this.#session = session;
    this.#backend = backend;
    this.#eager = eager;
  }

  get replayed(): number {
    return this.#replayed;
  }

  get obstacle(): string | undefined {
    return this.#obstacle;
  }

  run(inputs: object, step: AdamStep): StepOutcome<number> {
    return this.start(inputs, step).finish();
  }

  start(inputs: object, step: AdamStep): StartedStep {
    this.#session.settled();
    if (this.#prepared?.inputs !== inputs) this.prepare(inputs);
    const prepared = this.#prepared ?? this.#recorded(inputs, step);
    this.#prepared = undefined;
    if (prepared !== undefined) return this.#replay(prepared, step);
    const outcome = readOutcome(this.#eager.run(inputs, step));
    return { finish: () => outcome };
  }

  prepare(inputs: object): void {
    this.#forgetPrepared();
    if (this.#obstacle !== undefined || this.#toCompare !== undefined) return;
    const leaves: Leaf[] = [];
    collect(inputs, leaves);
    const known = this.#lastUsed(signature(leaves));
    if (known !== undefined) this.#prepared = this.#ready(inputs, known, leaves);
  }

  /** Records a step and readies it; undefined where an obstacle was found. */
  #recorded(inputs: object, step: AdamStep): Prepared | undefined {
    if (this.#obstacle !== undefined) return undefined;
    const leaves: Leaf[] = [];
    collect(inputs, leaves);
    const known = this.#record(signature(leaves), { inputs, leaves, step });
    return known === undefined ? undefined : this.#ready(inputs, known, leaves);
  }

  #ready(inputs: object, known: Known, leaves: readonly Leaf[]): Prepared {
    const created: Pointer[] = [];
    const handles = known.call.inputs.map((source) => {
      if (source.kind === 'number') return undefined;
      const { handle, isOwn } = this.#handleOf(source, leaves);
      if (isOwn) created.push(handle);
      return handle;
    });
    return { inputs, known, handles, created };
  }

  #forgetPrepared(): void {
    for (const handle of this.#prepared?.created ?? []) this.#session.free(handle);
    this.#prepared = undefined;
  }

  dispose(): void {
    this.#session.settled();
    this.#forgetPrepared();
    for (const known of this.#known.values()) this.#forget(known);
    this.#known.clear();
  }

  #forget({ call }: Known): void {
    const { api } = this.#session;
    this.#session.call('forget', (status, context) => api.TFE_ContextRemoveFunction(context, call.name, status));
  }

  /** The function for a shape, as the one last used. */
  #lastUsed(shape: string): Known | undefined {
    const known = this.#known.get(shape);
    if (known === undefined) return undefined;
    this.#known.delete(shape);
    this.#known.set(shape, known);
    return known;
  }

  /** Keeps a function; no step is at work and none is prepared, so that another may go for it. */
  #keep(shape: string, known: Known): void {
    const [oldest] = this.#known.entries();
    if (oldest !== undefined && this.#known.size >= mostFunctions) {
      this.#known.delete(oldest[0]);
      this.#forget(oldest[1]);
    }
    this.#known.set(shape, known);
  }

  /** The function for a shape; undefined where an obstacle was found. */
  #record(shape: string, { inputs, leaves, step }: { inputs: object; leaves: readonly Leaf[]; step: AdamStep }): Known | undefined {
    if (!this.#isWarm) this.#trace({ inputs, leaves, step });
    this.#isWarm = true;
    const { trace, results, terms } = this.#trace({ inputs, leaves, step });
    const before = this.#toCompare?.get(shape);
    this.#obstacle = trace.obstacle ?? (before === undefined ? undefined : difference(before, trace));
    if (this.#obstacle !== undefined) return undefined;
    if (before === undefined) this.#toCompare?.set(shape, trace);
    else this.#toCompare = undefined;
    const kept = this.#lastUsed(shape);
    if (kept !== undefined) return kept;
    const known = this.#compile(trace, results, terms);
    if (known !== undefined) this.#keep(shape, known);
    return known;
  }

  /** Runs the step without its writes. */
  #trace({ inputs, leaves, step }: { inputs: object; leaves: readonly Leaf[]; step: AdamStep }): Traced {
    const session = this.#session;
    const parameters = new Map(this.#slots.map((slot) => [slot.settle(), slot.resource]));
    const trace = new Trace({ leaves, parameters, valuesOf: (handle) => session.valuesOf(handle) });
    session.recorder = trace;
    let outcome: StepOutcome<Scalar>;
    try {
      outcome = this.#eager.run(inputs, step);
    } finally {
      session.recorder = undefined;
    }
    const tensors = [outcome.total, ...Object.values(outcome.terms)];
    const results = tensors.map((tensor) => trace.sourceOf(this.#backend.getInputTensorIds([tensor])[0]!));
    for (const tensor of tensors) tensor.dispose();
    return { trace, results, terms: Object.keys(outcome.terms) };
  }

  #compile(trace: Trace, results: readonly Source[], terms: readonly string[]): Known | undefined {
    const outputs = results.filter((source) => source.kind === 'result');
    if (outputs.length < results.length) {
      this.#obstacle = 'its loss or a term of it is computed from nothing that the step did';
      return undefined;
    }
    made += 1;
    try {
      return { call: makeFunction(this.#session, `avocet_step_${made}`, { nodes: trace.nodes, outputs }), terms };
    } catch (error) {
      if (!(error instanceof DeviceError) || error.kind === 'memory') throw error;
      this.#obstacle = error.message;
      return undefined;
    }
  }

  #replay({ known: { call, terms }, handles, created }: Prepared, step: AdamStep): StartedStep {
    const session = this.#session;
    const numbers = adamNumbers(step);
    let outcome: StepOutcome<number> | undefined;
    const given = call.inputs.map((source, place) => {
      if (source.kind !== 'number') return handles[place]!;
      const handle = session.create(Float32Array.of(numbers[source.name as 'rate' | 'hat']), [], types.float);
      created.push(handle);
      return handle;
    });
    for (const slot of this.#slots) slot.release();
    this.#replayed += 1;
    const end = (): void => {
      for (const handle of created.splice(0)) session.free(handle);
      for (const slot of this.#slots) slot.adopt();
    };
    const settle = (): void => {
      try {
        const read = results.map((handle) => session.read(handle)[0]!);
        outcome = { total: read[0]!, terms: Object.fromEntries(terms.map((name, place) => [name, read[place + 1]!])) };
      } catch (error) {
        session.forgetFailure();
        throw error;
      } finally {
        end();
      }
    };
    let results: readonly Pointer[] = [];
    try {
      results = session.start(call.name, given, terms.length + 1, settle);
      created.push(...results);
    } catch (error) {
      end();
      throw error;
    }
    return {
      finish: () => {
        if (outcome === undefined) session.settled();
        return outcome!;
      },
    };
  }

  #handleOf(source: Exclude<Argument, { kind: 'number' }>, leaves: readonly Leaf[]): { handle: Pointer; isOwn: boolean } {
    switch (source.kind) {
      case 'array':
        return { handle: this.#session.create(leaves[source.leaf] as Float32Array, source.shape, source.type), isOwn: true };
      case 'matrix':
        return { handle: (leaves[source.leaf] as TensorflowMatrix).side(source.isTransposed).parts[source.part]!.handle, isOwn: false };
      case 'scatter': {
        const parts = source.leaves.map((leaf) => leaves[leaf] as Int32Array);
        return { handle: scatterMatrix(this.#session, parts, source.height), isOwn: true };
      }
      case 'chosen': {
        const matrix = source.leaf === undefined ? source.fixed() : (leaves[source.leaf] as TensorflowMatrix);
        return { handle: matrix.chosen(leaves[source.rows] as Int32Array), isOwn: true };
      }
      case 'outside':
        return { handle: source.handle, isOwn: false };
    }
  }

  get #slots(): TensorflowSlot[] {
    return [...this.#eager.slots.values()] as TensorflowSlot[];
  }
}

/** The arrays and matrices of a tree, in order. */
function collect(tree: unknown, leaves: Leaf[]): void {
  if (ArrayBuffer.isView(tree) || tree instanceof TensorflowMatrix) leaves.push(tree as Leaf);
  else if (typeof tree === 'object' && tree !== null) for (const branch of Object.values(tree)) collect(branch, leaves);
}

/** Sizes and kinds of the inputs, and which of them are one and the same. */
function signature(leaves: readonly Leaf[]): string {
  const first = new Map<Leaf, number>();
  return leaves
    .map((leaf, place) => {
      const before = first.get(leaf);
      if (before !== undefined) return `=${before}`;
      first.set(leaf, place);
      return leaf instanceof TensorflowMatrix
        ? `${leaf.rows}x${leaf.columns}|${leaf.split} ${leaf.side(false).parts.length}`
        : `${leaf.constructor.name} ${leaf.length}`;
    })
    .join();
}
