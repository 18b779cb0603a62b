import { expect, test } from 'vitest';
import { unitOf } from '#contract/units.ts';

test('a column has the unit of its field, 1 where it holds shares, and none where nothing says one', () => {
  const units = ['elapsedSeconds', 'fileBytes', 'createdAt', 'val.recall@20', 'test.ndcg@10', 'recall@20'].map(unitOf);
  expect(units).toEqual(['s', 'B', 'UTC', '1', '1', '1']);
  expect(['seed', 'epochs', 'model', 'my.verdict', 'n_layers', 'log.train/loss', 'recall@7'].map(unitOf)).toEqual(Array(7).fill(''));
});

test('a formula has the unit of its product', () => {
  expect(unitOf('=val.recall@20 / elapsedSeconds')).toBe('1/s');
  expect(unitOf('=fileBytes / secondsPerEpoch')).toBe('B/s');
  expect(unitOf('=elapsedSeconds * elapsedSeconds')).toBe('s^2');
  expect(unitOf('=elapsedSeconds / secondsPerEpoch')).toBe('1');
  expect(unitOf('=val.recall@20 * 100')).toBe('1');
  expect(unitOf('=seed + 1')).toBe('');
});
