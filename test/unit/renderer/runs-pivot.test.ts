import { expect, test } from 'vitest';
import { cellFilter, firstPivot, groupable, pivotValues, valueWords } from '#renderer/state/runs-pivot.ts';

const field = (name: string, group: 'run' | 'validation' | 'test' | 'setting') =>
  ({ name, label: name, group, type: 'any', says: '', runs: 1 }) as const;

test('the runs of a cell are a filter: values as they are written in a query, and what is not set', () => {
  const fields = { rows: 'model', columns: 'n_layers', value: 'val.recall@20' };
  expect(cellFilter('', fields, 'EGRA', 2)).toBe('model = EGRA and n_layers = 2');
  expect(cellFilter('seed = 1 or seed = 2', fields, 'My model (2)', null)).toBe(
    '(seed = 1 or seed = 2) and model = "My model (2)" and n_layers is missing',
  );
});

test('models by datasets at first, with the metric that the table shows; metrics and what runs took are averaged', () => {
  expect(firstPivot([{ key: 'dataset' }, { key: 'val.ndcg@10' }])).toEqual({ rows: 'model', columns: 'dataset', value: 'val.ndcg@10' });
  const fields = [field('model', 'run'), field('elapsedSeconds', 'run'), field('id', 'run'), field('val.recall@20', 'validation')];
  const more = [field('last.recall@20', 'validation'), field('test.recall@20', 'test'), field('n_layers', 'setting')];
  expect(groupable([...fields, ...more]).map(({ name }) => name)).toEqual(['model', 'elapsedSeconds', 'n_layers']);
  expect(pivotValues([...fields, ...more]).map(({ key }) => key)).toEqual(['val.recall@20', 'test.recall@20', 'elapsedSeconds']);
  const named = { key: '= val.recall@20 / epochs', label: 'Per epoch' };
  expect(pivotValues(fields, [{ key: 'dataset' }, named], named.key)).toEqual([{ key: 'val.recall@20' }, { key: 'elapsedSeconds' }, named]);
  expect(pivotValues(fields, [], named.key).at(-1)).toEqual({ key: named.key });
});

test('a configuration is called by its model and what it differs in, its hash last', () => {
  const configurations = {
    '6b2ef3ef315c38b5': { title: 'LightGCN', settings: [{ key: 'n_layers', value: '3' }] },
    '8039def1f6c1bc42': { title: 'EGRA', settings: [] },
  };
  const words = (hash: string) => valueWords('configuration', hash, configurations);
  expect(words('6b2ef3ef315c38b5')).toBe('LightGCN n_layers 3 · 6b2ef3ef');
  expect(words('8039def1f6c1bc42')).toBe('EGRA · 8039def1');
  expect(words('4ed567e4d0225e47')).toBe('4ed567e4d0225e47');
  expect(valueWords('model', 'EGRA', configurations)).toBe('EGRA');
});
