import { describe, expect, test } from 'vitest';
import { benchOptions } from '#test/bench/options.ts';
import { works } from '#test/bench/works.ts';

function wrong(...args: string[]): string {
  const options = benchOptions(args);
  return 'wrong' in options ? options.wrong : '';
}

describe('options of the benchmark', () => {
  test('without any: every work on wasm with one and two threads and no peer', () => {
    expect(benchOptions([])).toEqual({ works, device: 'wasm', threads: [1, 2], peer: undefined, json: false, rounds: 5 });
  });

  test('--only keeps the works that are named, in their order', () => {
    const options = benchOptions([
      '--only',
      'mgcn',
      '--only',
      'lightgcn',
      '--threads',
      '2',
      '--peer',
      'pytorch',
      '--json',
      '--rounds',
      '3',
    ]);
    if ('wrong' in options) throw new Error(options.wrong);
    expect(options.works.map(({ id }) => id)).toEqual(['lightgcn', 'mgcn']);
    expect(options).toMatchObject({ threads: [2], peer: 'pytorch', json: true, rounds: 3 });
  });

  test('what is wrong is named with what would be right', () => {
    expect(wrong('--only', 'lightgnc')).toMatch(/--only must be one of lightgcn, .*found "lightgnc"/);
    expect(wrong('--device', 'cuda')).toBe('--device must be wasm or tensorflow, found "cuda"');
    expect(wrong('--peer', 'jax')).toBe('--peer must be pytorch, found "jax"');
    expect(wrong('--threads', '1,x')).toMatch(/whole numbers such as 1,2, found "1,x"/);
    expect(wrong('--threads', '0')).toMatch(/--threads/);
    expect(wrong('--rounds', '0')).toMatch(/--rounds/);
    expect(wrong('--speed')).toMatch(/--speed/);
  });
});
