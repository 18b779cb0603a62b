import { afterEach, expect, it, vi } from 'vitest';
import { TableMarks } from '#renderer/state/table-marks.svelte.ts';
import { columnOf } from '#renderer/state/run-columns.ts';
import { connectTo } from './drawn-link.ts';

afterEach(() => vi.unstubAllGlobals());

it('marks are asked for up to 50,000 matched runs: of more whoever types would wait for them', async () => {
  vi.stubGlobal('requestAnimationFrame', (work: () => void) => setTimeout(work, 0));
  const asked: string[] = [];
  const call = (name: string) => {
    asked.push(name);
    return Promise.resolve({ marks: { 'val.recall@20': { row: 'best' } } });
  };
  connectTo(call);
  const marks = new TableMarks();
  const columns = [columnOf({ key: 'val.recall@20' }, 'best')];
  marks.show({}, 50_001);
  await marks.ask({}, columns, true);
  expect(asked.filter((name) => name === 'runs.marks')).toEqual([]);
  marks.show({}, 50_000);
  await marks.ask({}, columns, true);
  expect(asked.filter((name) => name === 'runs.marks')).toEqual(['runs.marks']);
  expect(marks.of('row', 'val.recall@20')).toBe('best');
});
