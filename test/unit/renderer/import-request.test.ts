import * as v from 'valibot';
import { describe, expect, test } from 'vitest';
import { importRequestSchema } from '#contract/dataset-import.ts';
import { emptyLogDraft, isRemapped, logDraftFault, logRequest, withColumn, type LogDraft } from '#renderer/state/import-request.ts';
import type { SplitDraft } from '#renderer/state/split-draft.ts';

type Given = Partial<Omit<LogDraft, 'split'>> & { readonly split?: Partial<SplitDraft> };
const draft = (more: Given = {}): LogDraft => {
  const plain = emptyLogDraft();
  return {
    ...plain,
    ...more,
    split: { ...plain.split, ...more.split },
    mapping: { ...plain.mapping, user: 'u', item: 'i', ...more.mapping },
  };
};
const timed = { user: 'u', item: 'i', timestamp: 't', rating: '', label: '' };

describe('the form of a log import', () => {
  test('starts from what the preview guessed', () => {
    const guessed = emptyLogDraft({
      format: { kind: 'delimited', delimiter: ',', header: true, quote: true, encoding: 'utf-8', gzip: false },
      columns: ['a', 'b', 't', 'x_label'],
      rows: [],
      mapping: { user: 'a', item: 'b', timestamp: 't', label: 'x_label' },
    });
    expect(guessed).toMatchObject({
      split: { rule: 'labels', order: 'time' },
      mapping: { user: 'a', item: 'b', timestamp: 't', label: 'x_label', rating: '' },
    });
  });

  test('knows whether its columns are still those by which the rows were counted', () => {
    const preview = {
      format: { kind: 'delimited', delimiter: ',', header: true, quote: true, encoding: 'utf-8', gzip: false },
      columns: ['a', 'b', 't'],
      rows: [],
      mapping: { user: 'a', item: 'b' },
    } as const satisfies Parameters<typeof emptyLogDraft>[0];
    const guessed = emptyLogDraft(preview);
    expect(isRemapped(guessed, preview)).toBe(false);
    expect(isRemapped(withColumn(guessed, 'timestamp', 't'), preview)).toBe(true);
    expect(isRemapped(withColumn(withColumn(guessed, 'user', 't'), 'user', 'a'), preview)).toBe(false);
  });

  test('splits by time once a column is said to hold times, and no longer without one', () => {
    const named = withColumn(draft(), 'timestamp', 'seen on');
    expect(named).toMatchObject({ mapping: { timestamp: 'seen on' }, split: { order: 'time' } });
    expect(withColumn({ ...named, split: { ...named.split, order: 'random' } }, 'rating', 'stars').split.order).toBe('random');
    expect(withColumn(named, 'timestamp', '').split.order).toBe('random');
  });

  test.each([
    [draft({ mapping: { user: '', item: 'i', timestamp: '', rating: '', label: '' } }), /which columns/],
    [draft({ mapping: { user: 'i', item: 'i', timestamp: '', rating: '', label: '' } }), /same column/],
    [draft({ split: { rule: 'labels' } }), /labels/],
    [draft({ split: { rule: 'temporal' } }), /holds the time/],
    [draft({ split: { rule: 'leave-one-out', order: 'time' } }), /holds the time/],
    [draft({ split: { rule: 'cold-item', choose: 'newest' } }), /holds the time/],
    [draft({ split: { rule: 'temporal', cut: 'date' }, mapping: timed }), /Choose the days/],
    [
      draft({ split: { rule: 'temporal', cut: 'date', validationDate: '2024-05-02', testDate: '2024-05-01' }, mapping: timed }),
      /start before test/,
    ],
    [draft({ split: { rule: 'k-fold', folds: 5, fold: 6 } }), /only 5 folds/],
    [draft({ minRating: 'four' }), /number/],
    [draft({ minRating: '4' }), /rating column/],
    [draft({ split: { validationShare: 0.5, testShare: 0.5 } }), /leave rows for train/],
    [draft({ features: [{ name: 'Image!', file: 'x.npy', ids: 'x.txt', missing: 'mean' }] }), /lower-case/],
    [draft({ features: [{ name: 'image', file: '', ids: '', missing: 'mean' }] }), /choose the matrix/],
    [draft({ itemTable: { file: 'a.csv', id: '', title: '', description: '', picture: '' } }), /id column/],
  ])('says what is missing (%#)', (given, words) => {
    expect(logDraftFault(given)).toMatch(words);
  });

  test.each<Given>([
    { split: { rule: 'ratio-per-user' } },
    { split: { rule: 'ratio-global' } },
    { split: { rule: 'mmrec-ratio' } },
    { split: { rule: 'leave-one-out', order: 'random' } },
    { split: { rule: 'temporal' }, mapping: timed },
    { split: { rule: 'cold-item' } },
    { split: { rule: 'cold-user', support: 3 } },
    { split: { rule: 'k-fold', fold: 5 } },
    { minRating: '4', mapping: { user: 'u', item: 'i', timestamp: '', rating: 'r', label: '' } },
    {
      features: [{ name: 'image', file: 'f.npy', ids: 'f.txt', missing: 'zero' }],
      itemTable: { file: 'a.csv', id: 'id', title: 'title', description: '', picture: '' },
    },
  ])('becomes a request the studio accepts (%#)', (more) => {
    const given = draft(more);
    expect(logDraftFault(given)).toBeUndefined();
    const request = v.parse(importRequestSchema, logRequest('/data/log.csv', ' Log ', { encoding: 'latin-1' }, given));
    expect(request).toMatchObject({ from: 'log', name: 'Log', split: { rule: given.split.rule }, choices: { encoding: 'latin-1' } });
  });

  test('cuts at the days that are given, midnight UTC', () => {
    const given = draft({ split: { rule: 'temporal', cut: 'date', validationDate: '2024-05-01', testDate: '2024-06-01' }, mapping: timed });
    expect(logRequest('/log.csv', 'Log', {}, given)).toMatchObject({
      split: { rule: 'temporal', validationFrom: Date.UTC(2024, 4, 1), testFrom: Date.UTC(2024, 5, 1) },
    });
  });

  test('leaves out what was left empty', () => {
    const request = logRequest('/log.csv', 'Log', {}, draft());
    expect(request).toMatchObject({ mapping: { user: 'u', item: 'i' } });
    expect(request).not.toHaveProperty('minRating');
    expect(request).not.toHaveProperty('itemTable');
  });
});
