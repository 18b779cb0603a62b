import { describe, expect, it } from 'vitest';
import * as v from 'valibot';
import { experimentRequestSchema } from '#contract/experiment.ts';
import type { Store } from '#store/store.ts';
import { Templates } from '#studio/templates.ts';
import { storeForEach } from '#test/unit/store/opened-store.ts';

let store: Store;
storeForEach((opened) => (store = opened));

const asked = (seeds: readonly number[]) =>
  v.parse(experimentRequestSchema, { datasets: ['demo'], models: [{ model: 'egra', vary: { ii_k: [5, 10] } }], seeds: [...seeds] });

describe('templates of experiments', () => {
  it('are kept by name, whole; the same name is overwritten', () => {
    const templates = new Templates(store.preferences);
    templates.keep('Tables of the paper', asked([1, 2, 3]), 1);
    templates.keep('A quick look', asked([1]), 2);
    templates.keep('Tables of the paper', asked([1, 2, 3, 4, 5]), 3);
    const listed = new Templates(store.preferences).list();
    expect(listed.map(({ name }) => name)).toEqual(['A quick look', 'Tables of the paper']);
    expect(listed[1]!.request).toEqual(asked([1, 2, 3, 4, 5]));
    templates.drop(listed[0]!.id);
    expect(templates.list().map(({ name }) => name)).toEqual(['Tables of the paper']);
  });

  it('of another version are left out and stay', () => {
    store.preferences.set('experiments.templates', [{ id: 'x', name: 'Later', request: { form: 9 }, savedAt: 1 }]);
    const templates = new Templates(store.preferences);
    expect(templates.list()).toEqual([]);
    templates.keep('Mine', asked([1]), 2);
    expect(templates.list().map(({ name }) => name)).toEqual(['Mine']);
    expect(store.preferences.get('experiments.templates')).toHaveLength(2);
  });

  it('that cannot be read take nobody’s place among the most that are kept', () => {
    store.preferences.set(
      'experiments.templates',
      Array.from({ length: 200 }, (_, at) => ({ id: `x${at}`, name: `Later ${at}`, request: { form: 9 }, savedAt: 1 })),
    );
    const templates = new Templates(store.preferences);
    for (let at = 0; at < 200; at++) templates.keep(`Mine ${at}`, asked([1]), 2);
    expect(() => templates.keep('One too many', asked([1]), 2)).toThrowError('There are 200 templates');
    expect(templates.list()).toHaveLength(200);
  });
});
