import type { Variable } from '@tensorflow/tfjs-core';
import type { AdamSlot } from '../../device.ts';
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

/**
 * ResourceApplyAdam on variables of TensorFlow. The op takes 1 − β₂ in float32, 1.3·10⁻⁵ away from 0.001, so its second moment differs
 * from the exact one by that factor; the step takes the factor back, since its bias correction is computed here, in double, with the
 * same rounded β.
 */
export function adamSlot(session: Session, backend: NodeBackend, parameter: Variable): AdamSlot {
  const shape = parameter.shape;
  const zeros = (): Float32Array => new Float32Array(parameter.size);
  const [value, first, second] = [0, 1, 2].map(() => makeVariable(session, shape)) as [Pointer, Pointer, Pointer];
  const write = (resource: Pointer, values: Float32Array): void => {
    const handle = session.floats(values, shape);
    assign(session, resource, handle);
    session.free(handle);
  };
  for (const moment of [first, second]) write(moment, zeros());
  /** The parameter's data after the last step; other data was assigned since and counts. */
  let known: object | undefined;
  const adopt = (): void => {
    const entry = backend.tensorMap.get(parameter.dataId);
    const [handle] = backend.getInputTensorIds([parameter]);
    if (parameter.dataId !== known) assign(session, value, handle!);
    // While another handle is open TensorFlow copies the parameter before it writes.
    session.free(handle!);
    entry.id = -1;
  };
  return {
    apply: (gradient, { beta1, beta2, epsilon, learningRate, step }) => {
      const [rounded1, rounded2] = [Math.fround(beta1), Math.fround(beta2)];
      const correction = Math.sqrt(1 - rounded2 ** step);
      const stepSize = (learningRate * correction) / (1 - rounded1 ** step);
      adopt();
      // The op corrects for bias in float32 from the powers of β; powers of 0 turn that off.
      const zero = session.constant(0);
      const [by, hat] = [stepSize, epsilon * correction].map((number) => session.floats(Float32Array.of(number), [])) as [Pointer, Pointer];
      const betas = [session.constant(rounded1), session.constant(rounded2)];
      const inputs = [value, first, second, zero, zero, by, ...betas, hat, ...backend.getInputTensorIds([gradient])];
      session.run(
        'ResourceApplyAdam',
        inputs,
        { T: { type: types.float }, use_locking: { bool: false }, use_nesterov: { bool: false } },
        0,
      );
      session.free(by);
      session.free(hat);
      known = parameter.dataId;
      backend.tensorMap.get(parameter.dataId).id = session.run('ReadVariableOp', [value], dtype, 1)[0]!;
    },
    read: () => ({ first: readOut(session, first), second: readOut(session, second) }),
    write: (savedFirst, savedSecond) => {
      write(first, savedFirst);
      write(second, savedSecond);
    },
    dispose: () => {
      for (const resource of [value, first, second]) session.free(resource);
    },
  };
}
