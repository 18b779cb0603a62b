import { expect, test } from 'vitest';
import type { ListedDataset } from '#contract/dataset-findings.ts';
import { inOrder, nextOrder } from '#renderer/state/dataset-order.ts';

const dataset = (name: string, users: number, covered: readonly number[]) =>
  ({
    id: name,
    name,
    users,
    items: 10,
    train: users,
    validation: 1,
    test: 1,
    modalities: covered.map((n) => ({ name: 'image', covered: n, missing: 10 - n, width: 4, sourceType: 'float32' })),
    fingerprint: { splitHash: name },
  }) as unknown as ListedDataset;
const list = [dataset('Fold 10', 7, [10]), dataset('Fold 9', 30, []), dataset('baby', 30, [10, 5])];
const names = (found: readonly ListedDataset[]) => found.map(({ name }) => name);

test('rows stand as the cards do, by name as a person reads it, or by a number, where equal ones keep their order', () => {
  expect(names(inOrder(list, null))).toEqual(['Fold 10', 'Fold 9', 'baby']);
  expect(names(inOrder(list, { column: 'name', descending: false }))).toEqual(['baby', 'Fold 9', 'Fold 10']);
  expect(names(inOrder(list, { column: 'users', descending: true }))).toEqual(['Fold 9', 'baby', 'Fold 10']);
  expect(names(inOrder(list, { column: 'users', descending: false }))).toEqual(['Fold 10', 'Fold 9', 'baby']);
});

test('modalities are ordered by their mean coverage, without any last', () => {
  expect(names(inOrder(list, { column: 'modalities', descending: true }))).toEqual(['Fold 10', 'baby', 'Fold 9']);
});

test('the first press puts large numbers and first letters on top, the second turns it, the third gives the usual order back', () => {
  const numbers = nextOrder(null, 'users');
  expect(numbers).toEqual({ column: 'users', descending: true });
  expect(nextOrder(numbers, 'users')).toEqual({ column: 'users', descending: false });
  expect(nextOrder(nextOrder(numbers, 'users'), 'users')).toBeNull();
  expect(nextOrder(numbers, 'name')).toEqual({ column: 'name', descending: false });
});
