import { expect, test } from 'vitest';
import { usualThreads } from '#engine/devices/tensorflow.ts';
import { cards } from '#models/cards.ts';
import { configurationsOf } from '#studio/configurations.ts';
import { effectiveThreads, machineThreads, tensorflowThreads, threadsRemark } from '#studio/threads.ts';
import { parsed } from './store-fixture.ts';

test.each([
  ['wasm', 2, 4, 2, undefined],
  ['wasm', 4, 4, 4, undefined],
  ['wasm', 64, 4, 4, 'This machine has 4 cores: runs get 4 of the 64 threads asked for.'],
  ['tensorflow', 3, 1, 1, 'This machine has 1 core: runs get 1 of the 3 threads asked for.'],
  ['cpu', 1, 4, 1, undefined],
  ['cpu', 2, 4, 1, 'The cpu device computes on one thread; 2 were asked for.'],
  ['webgpu', 64, 4, 1, 'The webgpu device computes on one thread; 64 were asked for.'],
] as const)('on %s %i threads of %i cores are %i', (device, asked, most, effective, remark) => {
  expect(effectiveThreads(device, asked, most)).toBe(effective);
  expect(threadsRemark(device, asked, most)).toBe(remark);
});

test('the configuration of a run, and with it its row and record, holds the threads that compute', () => {
  const threads = (device: 'wasm' | 'cpu') => configurationsOf(parsed({ device, threads: 256 }), cards)[0]!.config.threads;
  expect(threads('wasm')).toBe(Math.min(256, machineThreads()));
  expect(threads('cpu')).toBe(1);
});

test('what is measured of TensorFlow, estimated and shown as usual has the threads that its device takes unasked', () => {
  for (const cores of [0, 1, 2, 3, 4, 5, 6, 64]) expect(tensorflowThreads(cores), `${cores} cores`).toBe(usualThreads(cores));
  expect([1, 2, 4, 64].map(tensorflowThreads)).toEqual([1, 2, 3, 4]);
});
