import type { TensorInfo, Variable } from '@tensorflow/tfjs-core';
import type { AdamSlot, AdamStep } from '../../device.ts';
import type { NodeBackend } from './backend.ts';
import type { Pointer } from './c-api.ts';
import { types } from './session.ts';
import type { Session } from './session.ts';

/** TensorFlow frees a variable of this name with its handle; one of any other name lives as long as the context. */
const anonymous = 'cd2c89b7-88b7-44c8-ad83-06c2a9158347';

const dtype = { dtype: { type: types.float } } as const;

function makeVariable(session: Session, shape: readonly number[]): Pointer {
  const attributes = { ...dtype, shape: { shape }, shared_name: { text: anonymous }, container: { text: '' } };
  return session.run('VarHandleOp', [], attributes, 1)[0]!;
}

function assign(session: Session, resource: Pointer, value: Pointer): void {
  session.run('AssignVariableOp', [resource, value], { ...dtype, validate_shape: { bool: false } }, 0);
}

function readOut(session: Session, resource: Pointer): Float32Array {
  const [handle] = session.run('ReadVariableOp', [resource], dtype, 1);
  const values = session.read(handle!) as Float32Array;
  session.free(handle!);
  return values;
}

/** The two numbers of the op that change from step to step, by the names a compiled step knows them by. */
export function adamNumbers({ beta1, beta2, epsilon, learningRate, step }: AdamStep): Readonly<Record<'rate' | 'hat', number>> {
  const correction = Math.sqrt(1 - Math.fround(beta2) ** step);
  return { rate: (learningRate * correction) / (1 - Math.fround(beta1) ** step), hat: epsilon * correction };
}

/**
 * ResourceApplyAdam on variables of TensorFlow. The op takes 1 − β₂ in float32, 1.3·10⁻⁵ away from 0.001, so its second moment differs
 * from the exact one by that factor; the step takes the factor back, since its bias correction is computed here, in double, with the
 * same rounded β.
 */
export class TensorflowSlot implements AdamSlot {
  /** The variable that holds the parameter from the first step on. */
  readonly resource: Pointer;
  readonly #session: Session;
  readonly #backend: NodeBackend;
  readonly #parameter: Variable;
  readonly #first: Pointer;
  readonly #second: Pointer;
  /** The parameter's data after the last step; other data was assigned since and counts. */
  #known: object | undefined;

  constructor(session: Session, backend: NodeBackend, parameter: Variable) {
    this.#session = session;
    this.#backend = backend;
    this.#parameter = parameter;
    const [value, first, second] = [0, 1, 2].map(() => makeVariable(session, parameter.shape)) as [Pointer, Pointer, Pointer];
    this.resource = value;
    this.#first = first;
    this.#second = second;
    for (const moment of [first, second]) this.#put(moment, new Float32Array(parameter.size));
  }

  /** Brings the resource up to date with what was assigned; returns the handle through which the parameter is read. */
  settle(): Pointer {
    const { dataId } = this.#parameter;
    const [handle] = this.#backend.getInputTensorIds([this.#parameter]) as [Pointer];
    if (dataId !== this.#known) assign(this.#session, this.resource, handle);
    this.#known = dataId;
    return handle;
  }

  /** Gives the handle up: while one is open TensorFlow copies the parameter before it writes. {@link adopt} comes after. */
  release(): void {
    this.#session.free(this.settle());
    this.#backend.tensorMap.get(this.#parameter.dataId).id = -1;
  }

  /** Makes what the resource holds now the parameter's value. */
  adopt(): void {
    this.#backend.tensorMap.get(this.#parameter.dataId).id = this.#session.run('ReadVariableOp', [this.resource], dtype, 1)[0]!;
  }

  apply(gradient: TensorInfo, step: AdamStep): void {
    const session = this.#session;
    this.release();
    const numbers = adamNumbers(step);
    const number = (name: 'rate' | 'hat'): Pointer => {
      const handle = session.floats(Float32Array.of(numbers[name]), []);
      session.recorder?.named(handle, name);
      return handle;
    };
    const [rate, hat] = [number('rate'), number('hat')];
    // The op corrects for bias in float32 from the powers of β; powers of 0 turn that off.
    const zero = session.constant(0);
    const betas = [session.constant(Math.fround(step.beta1)), session.constant(Math.fround(step.beta2))];
    const inputs = [
      this.resource,
      this.#first,
      this.#second,
      zero,
      zero,
      rate,
      ...betas,
      hat,
      ...this.#backend.getInputTensorIds([gradient]),
    ];
    const attributes = { T: { type: types.float }, use_locking: { bool: false }, use_nesterov: { bool: false } };
    session.run('ResourceApplyAdam', inputs, attributes, 0);
    session.free(rate);
    session.free(hat);
    this.adopt();
  }

  read(): { first: Float32Array; second: Float32Array } {
    return { first: readOut(this.#session, this.#first), second: readOut(this.#session, this.#second) };
  }

  write(savedFirst: Float32Array, savedSecond: Float32Array): void {
    this.#put(this.#first, savedFirst);
    this.#put(this.#second, savedSecond);
  }

  dispose(): void {
    for (const resource of [this.resource, this.#first, this.#second]) this.#session.free(resource);
  }

  #put(resource: Pointer, values: Float32Array): void {
    const handle = this.#session.floats(values, this.#parameter.shape);
    assign(this.#session, resource, handle);
    this.#session.free(handle);
  }
}
