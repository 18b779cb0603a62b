import * as v from 'valibot';
import { describe, expect, test } from 'vitest';
import { importRequestSchema } from '#contract/dataset-import.ts';
import { emptyLogDraft, logDraftFault, logRequest, type LogDraft } from '#renderer/state/import-request.ts';

const draft = (more: Partial<LogDraft> = {}): LogDraft => {
  const plain = emptyLogDraft();
  return { ...plain, ...more, mapping: { ...plain.mapping, user: 'u', item: 'i', ...more.mapping } };
};

describe('the form of a log import', () => {
  test('starts from what the preview guessed', () => {
    const guessed = emptyLogDraft({
      format: { kind: 'delimited', delimiter: ',', header: true, quote: true, encoding: 'utf-8', gzip: false },
      columns: ['a', 'b', 't', 'x_label'],
      rows: [],
      mapping: { user: 'a', item: 'b', timestamp: 't', label: 'x_label' },
    });
    expect(guessed).toMatchObject({
      rule: 'labels',
      order: 'time',
      mapping: { user: 'a', item: 'b', timestamp: 't', label: 'x_label', rating: '' },
    });
  });

  test.each([
    [draft({ mapping: { user: '', item: 'i', timestamp: '', rating: '', label: '' } }), /which columns/],
    [draft({ mapping: { user: 'i', item: 'i', timestamp: '', rating: '', label: '' } }), /same column/],
    [draft({ rule: 'labels' }), /labels/],
    [draft({ rule: 'temporal' }), /holds the time/],
    [draft({ rule: 'leave-one-out', order: 'time' }), /holds the time/],
    [draft({ minRating: 'four' }), /number/],
    [draft({ minRating: '4' }), /rating column/],
    [draft({ validationShare: 0.5, testShare: 0.5 }), /leave rows for train/],
    [draft({ features: [{ name: 'Image!', file: 'x.npy', ids: 'x.txt', missing: 'mean' }] }), /lower-case/],
    [draft({ features: [{ name: 'image', file: '', ids: '', missing: 'mean' }] }), /choose the matrix/],
    [draft({ itemTable: { file: 'a.csv', id: '', title: '', description: '', picture: '' } }), /id column/],
  ])('says what is missing (%#)', (given, words) => {
    expect(logDraftFault(given)).toMatch(words);
  });

  test.each<Partial<LogDraft>>([
    { rule: 'ratio-per-user' },
    { rule: 'mmrec-ratio' },
    { rule: 'leave-one-out', order: 'random' },
    { rule: 'temporal', mapping: { user: 'u', item: 'i', timestamp: 't', rating: '', label: '' } },
    { minRating: '4', mapping: { user: 'u', item: 'i', timestamp: '', rating: 'r', label: '' } },
    {
      features: [{ name: 'image', file: 'f.npy', ids: 'f.txt', missing: 'zero' }],
      itemTable: { file: 'a.csv', id: 'id', title: 'title', description: '', picture: '' },
    },
  ])('becomes a request the studio accepts (%#)', (more) => {
    const given = draft(more);
    expect(logDraftFault(given)).toBeUndefined();
    const request = v.parse(importRequestSchema, logRequest('/data/log.csv', ' Log ', { encoding: 'latin-1' }, given));
    expect(request).toMatchObject({ from: 'log', name: 'Log', split: { rule: given.rule }, choices: { encoding: 'latin-1' } });
  });

  test('leaves out what was left empty', () => {
    const request = logRequest('/log.csv', 'Log', {}, draft());
    expect(request).toMatchObject({ mapping: { user: 'u', item: 'i' } });
    expect(request).not.toHaveProperty('minRating');
    expect(request).not.toHaveProperty('itemTable');
  });
});
