import { parse } from 'yaml';
import { expect, test, vi } from 'vitest';
import { isSweep } from '#studio/sweep-file.ts';

vi.mock('yaml', { spy: true });

test('an experiment is told by its keys, in YAML and in JSON; what cannot have them is not read as YAML', () => {
  for (const text of [
    'datasets: [demo]\nmodels:\n  - model: lightgcn\nseeds: [1]\n',
    '{ "datasets": ["demo"], "models" : [] }',
    "{'seeds': [1], 'models': []}",
    // Broken, and meant as one.
    'models: [\nseeds: 1\n: x',
  ])
    expect(isSweep(text), text).toBe(true);
  expect(isSweep('{ "runs": [{ "models": 2 }] }')).toBe(false);
  vi.mocked(parse).mockClear();
  expect(isSweep(JSON.stringify([{ id: 1, title: 'A cup' }]))).toBe(false);
  expect(parse).not.toHaveBeenCalled();
});
