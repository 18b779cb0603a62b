import { expect, test } from 'vitest';
import { cards } from '#models/cards.ts';
import { configurationsOf } from '#studio/configurations.ts';
import { effectiveThreads, machineThreads, threadsRemark } from '#studio/threads.ts';
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
