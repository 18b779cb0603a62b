/**
 * Steps on wasm that are recorded for each shape of their inputs and replayed from then on, the first step of a shape too. A record is
 * made without computing; eager and replayed steps run the same kernels on the same chunks and so give the same bits.
 */
import { engine } from '@tensorflow/tfjs-core';
import type { AdamStep, CompiledStep, EagerStep, StepOutcome } from '../device.ts';
import { DeviceError } from '../device-error.ts';
import { readOutcome } from '../ops/gradients.ts';
import type { WasmHeap } from './wasm-heap.ts';
import { difference } from './wasm-plan-compare.ts';
import type { StagedSlot } from './wasm-plan-stage.ts';
import { Obstacle } from './wasm-plan-record.ts';
import type { Leaf } from './wasm-plan-record.ts';
import { Trace } from './wasm-plan-trace.ts';
import { forgetTensors, Plan } from './wasm-plan.ts';
import type { PlanTools } from './wasm-plan.ts';
import { WasmMatrix } from './wasm-sparse.ts';

/** Room for plans of a little larger batches, so that they need not move. */
const spare = 1.03;
/** Plans kept at once; a model whose batches have more shapes records the one that was not used for longest anew. */
const mostPlans = 64;
/** A cache line. */
const alignment = 64;

interface Asked {
  readonly inputs: object;
  readonly leaves: readonly Leaf[];
  readonly step: AdamStep;
}

interface Traced {
  readonly trace: Trace;
  /** Data ids of the total, then of the terms. */
  readonly results: readonly object[];
  readonly terms: readonly string[];
}

export class WasmStep implements CompiledStep {
  readonly #tools: PlanTools;
  readonly #eager: EagerStep;
  readonly #plans = new Map<string, Plan>();
  /** Traces by shape, until two batches of one shape were compared: what differs and is no input of the step would be frozen. */
  #toCompare: Map<string, Trace> | undefined = new Map<string, Trace>();
  #block = { pointer: 0, bytes: 0 };
  /** Where the parameters lay when the plans were made. */
  #parameters = '';
  #obstacle: string | undefined;
  #replayed = 0;

  constructor(tools: PlanTools, eager: EagerStep) {
    this.#tools = tools;
    this.#eager = eager;
  }

  get replayed(): number {
    return this.#replayed;
  }

  get obstacle(): string | undefined {
    return this.#obstacle;
  }

  run(inputs: object, step: AdamStep): StepOutcome<number> {
    if (this.#obstacle !== undefined) return readOutcome(this.#eager.run(inputs, step));
    const leaves: Leaf[] = [];
    collect(inputs, leaves);
    this.#follow();
    const shape = signature(leaves);
    const ready = (this.#toCompare === undefined ? this.#known(shape) : undefined) ?? this.#record(shape, { inputs, leaves, step });
    if (ready === undefined) return readOutcome(this.#eager.run(inputs, step));
    this.#replayed += 1;
    ready.place(this.#blockFor(ready));
    return ready.run(leaves, step);
  }

  rest(): void {
    if (this.#block.bytes > 0) this.#tools.heap.free(this.#block.pointer);
    this.#block = { pointer: 0, bytes: 0 };
  }

  dispose(): void {
    this.#drop();
    this.#toCompare = undefined;
  }

  /** Plans hold addresses of parameters, which an assignment moves. */
  #follow(): void {
    const places = [...this.#eager.slots.values()].map((slot) => (slot as StagedSlot).place()).join();
    if (places === this.#parameters) return;
    this.#drop();
    this.#toCompare?.clear();
    this.#parameters = places;
  }

  #drop(): void {
    for (const plan of this.#plans.values()) plan.dispose();
    this.#plans.clear();
    this.rest();
  }

  /** The plan for a shape, as the one last used. */
  #known(shape: string): Plan | undefined {
    const plan = this.#plans.get(shape);
    if (plan === undefined) return undefined;
    this.#plans.delete(shape);
    this.#plans.set(shape, plan);
    return plan;
  }

  /** The plan for a shape; undefined where an obstacle was found. */
  #record(shape: string, asked: Asked): Plan | undefined {
    const { heap } = this.#tools;
    const traced = this.#trace(asked);
    if (traced === undefined) return undefined;
    const { trace, results, terms } = traced;
    const before = this.#toCompare?.get(shape);
    this.#obstacle = before === undefined ? undefined : difference(before, trace);
    const known = this.#plans.get(shape);
    if (this.#obstacle !== undefined || known !== undefined) forgetTensors(heap, trace, new Set());
    if (this.#obstacle !== undefined) {
      this.#drop();
      return undefined;
    }
    if (before === undefined) this.#toCompare?.set(shape, trace);
    else this.#toCompare = undefined;
    if (known !== undefined) return known;
    const [oldest] = this.#plans.entries();
    if (oldest !== undefined && this.#plans.size >= mostPlans) {
      oldest[1].dispose();
      this.#plans.delete(oldest[0]);
    }
    const plan = new Plan(this.#tools, trace, results, terms);
    this.#plans.set(shape, plan);
    return plan;
  }

  /** Where the block that all plans share begins; a new one where it is gone or too small. */
  #blockFor(plan: Plan): number {
    if (plan.bytes > this.#block.bytes) {
      this.rest();
      const bytes = Math.ceil(plan.bytes * spare);
      this.#block = { pointer: this.#tools.heap.allocate(bytes + alignment), bytes };
    }
    return Math.ceil(this.#block.pointer / alignment) * alignment;
  }

  #trace({ inputs, leaves, step }: Asked): Traced | undefined {
    const { heap } = this.#tools;
    const trace = new Trace(heap, leaves);
    const restore = holdVariables(heap);
    heap.stage.standIn = trace;
    try {
      const { total, terms } = this.#eager.run(inputs, step);
      const tensors = [total, ...Object.values(terms)];
      const results = tensors.map(({ dataId }) => dataId);
      for (const tensor of tensors) tensor.dispose();
      if (restore()) throw new Obstacle('it assigns a variable');
      if (trace.keepsAny()) throw new Obstacle('it keeps a tensor that it made');
      return { trace, results, terms: Object.keys(terms) };
    } catch (error) {
      if (error instanceof DeviceError) throw error;
      // Whatever failed for want of values: if it fails with them too, the eager step says so.
      this.#obstacle = error instanceof Error ? error.message : String(error);
      forgetTensors(heap, trace, new Set());
      this.#drop();
      return undefined;
    } finally {
      restore();
      heap.stage.standIn = undefined;
      trace.end();
    }
  }
}

/**
 * Keeps the data of all variables for as long as nothing is computed. The returned function lets go, and gives a variable back what it
 * was assigned over: whether there was one.
 */
function holdVariables({ backend }: WasmHeap): () => boolean {
  const held = Object.values(engine().registeredVariables).map((variable) => ({ variable, dataId: variable.dataId }));
  for (const { dataId } of held) backend.incRef(dataId);
  return () => {
    let isAssigned = false;
    for (const { variable, dataId } of held.splice(0)) {
      if (variable.dataId !== dataId) {
        variable.dataId = dataId;
        isAssigned = true;
      } else {
        backend.disposeData(dataId);
      }
    }
    return isAssigned;
  };
}

/** The arrays and matrices of a tree, in order. */
function collect(tree: unknown, leaves: Leaf[]): void {
  if (ArrayBuffer.isView(tree) || tree instanceof WasmMatrix) leaves.push(tree as Leaf);
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
      return leaf instanceof WasmMatrix ? `${leaf.rows}x${leaf.columns}` : `${leaf.constructor.name} ${leaf.length}`;
    })
    .join();
}
