import { expect } from 'vitest';
import type { Rank, Scalar, Tensor } from '@tensorflow/tfjs-core';
import { dispose, mul, reshape, sum, tensor1d, tidy, variable, values } from '#engine/ops/basic.ts';
import { lossAndGradients } from '#engine/ops/gradients.ts';
import { probeDevices } from '#engine/devices/probe.ts';
import type { OpenDevice, Probe } from '#engine/engine.ts';
import { randomStream } from '#data/random.ts';
import type { Numbers } from './by-hand.ts';

/** Every device of the build with the probe's answer; suites run on the available ones and skip the others with the reason. */
export async function probedDevices(): Promise<readonly Probe[]> {
  return probeDevices();
}

/** What the name of a suite says after its device: nothing, or why it is skipped, in the words that test/run.mjs reads. */
export function orSkipped({ id, missing }: Probe): string {
  return missing === undefined ? '' : ` (skipped: ${id}: ${missing})`;
}

/** Normal numbers, rounded to float32 so that device and hand computation start from the same values. */
export function draw(count: number, seed: number, scale = 1): Float32Array {
  const random = randomStream(seed, 'init');
  return Float32Array.from({ length: count }, () => random.normal() * scale);
}

export interface Case {
  readonly inputs: Readonly<Record<string, { readonly shape: readonly number[]; readonly values: Float32Array }>>;
  readonly hand: (inputs: Readonly<Record<string, Numbers>>) => Numbers;
  readonly op: (inputs: Readonly<Record<string, Tensor>>) => Tensor;
  /** Largest error allowed, relative to the largest magnitude of the compared array (at least 1e-3). */
  readonly tolerance?: number;
  /** Inputs whose gradient is checked; all by default. */
  readonly differentiate?: readonly string[];
}

function largest(values: ArrayLike<number>): number {
  let most = 0;
  for (let i = 0; i < values.length; i++) most = Math.max(most, Math.abs(values[i]!));
  return most;
}

export function expectClose(found: ArrayLike<number>, wanted: ArrayLike<number>, tolerance: number, what: string): void {
  expect(found.length, `${what}: length`).toBe(wanted.length);
  const bound = tolerance * Math.max(largest(wanted), 1e-3);
  for (let i = 0; i < wanted.length; i++) {
    const error = Math.abs(found[i]! - wanted[i]!);
    if (!(error <= bound)) expect.fail(`${what}: at ${i} found ${found[i]}, wanted ${wanted[i]} within ${bound}`);
  }
}

/**
 * Checks an op on the open device: its value against the hand computation, its gradient against central differences of the hand
 * computation (up to 24 places of each input), bit-identical results on a second run, and that no tensor is left over.
 */
export function checkOp(device: OpenDevice, name: string, given: Case): void {
  const { inputs, hand, op, tolerance = 2e-6 } = given;
  const names = Object.keys(inputs);
  const before = device.memory().tensors;
  const parameters = new Map(names.map((n) => [n, variable<Rank>(inputs[n]!.values, [...inputs[n]!.shape] as never, n)] as const));
  const at = Object.fromEntries(parameters);
  const exact = Object.fromEntries(names.map((n) => [n, Float64Array.from(inputs[n]!.values)]));
  const forward = (): Float32Array => {
    const out = tidy(() => op(at));
    const read = values(out);
    out.dispose();
    return read;
  };
  const wanted = hand(exact);
  const value = forward();
  expectClose(value, wanted, tolerance, `${name}: value`);
  expect(forward(), `${name}: second run`).toEqual(value);

  const weights = draw(Math.max(wanted.length, 1), 99);
  const weigh = (): { total: Scalar; terms: Record<string, Scalar> } => {
    const out = op(at);
    const flat = reshape(out, [out.size]);
    return { total: sum(mul(flat, tensor1d(weights))) as Scalar, terms: {} };
  };
  const loss = (): number => hand(exact).reduce((total, x, i) => total + x * weights[i]!, 0);
  const first = lossAndGradients(parameters, weigh);
  const second = lossAndGradients(parameters, weigh);
  for (const n of given.differentiate ?? names) {
    const gradient = values(first.gradients.get(n)!);
    expect(values(second.gradients.get(n)!), `${name}: second gradient of ${n}`).toEqual(gradient);
    const held = exact[n]!;
    const places = pick(held.length, 24);
    const differences = places.map((place) => {
      const centre = held[place]!;
      const step = 1e-5 * Math.max(1, Math.abs(centre));
      held[place] = centre + step;
      const above = loss();
      held[place] = centre - step;
      const below = loss();
      held[place] = centre;
      return (above - below) / (2 * step);
    });
    const scale = Math.max(largest(gradient), largest(differences));
    const bound = 1e-5 * Math.max(scale, 1e-3);
    places.forEach((place, p) => {
      const error = Math.abs(gradient[place]! - differences[p]!);
      if (!(error <= bound)) {
        expect.fail(`${name}: gradient of ${n} at ${place} is ${gradient[place]}, differences give ${differences[p]} (± ${bound})`);
      }
    });
  }
  for (const { gradients } of [first, second]) dispose([...gradients.values()].filter((g) => g !== null));
  for (const parameter of parameters.values()) parameter.dispose();
  expect(device.memory().tensors, `${name}: tensors left over`).toBe(before);
}

/** Up to `most` places of 0 … count−1, both ends included. */
function pick(count: number, most: number): number[] {
  if (count <= most) return Array.from({ length: count }, (_, i) => i);
  const places = Array.from({ length: most }, (_, i) => Math.round((i * (count - 1)) / (most - 1)));
  return [...new Set(places)];
}
