import { describe, expect, it } from 'vitest';
import { readMetricName } from '#logs/metric-names.ts';

describe('names of metrics', () => {
  it.each([
    ['valid/Recall@20', 'validation', 'recall@20'],
    ['val_ndcg_at_10', 'validation', 'ndcg@10'],
    ['eval/valid.NDCG@5', 'validation', 'ndcg@5'],
    ['Recall@20/valid', 'validation', 'recall@20'],
    ['recall@20', 'unnamed', 'recall@20'],
    ['NDCG_50', 'unnamed', 'ndcg@50'],
  ])('%s is ours on validation', (name, part, key) => {
    expect(readMetricName(name)).toEqual({ part, key, metric: key });
  });

  it.each([
    ['test/Recall@20', 'recall@20'],
    ['testPrecision@10', 'precision@10'],
    ['TEST MAP@5', 'map@5'],
  ])('%s is ours on test', (name, metric) => {
    expect(readMetricName(name)).toEqual({ part: 'test', key: `test/${metric}`, metric });
  });

  it.each([
    ['train/loss', 'loss'],
    ['Loss/train', 'loss'],
    ['loss', 'loss'],
    ['lr', 'learning-rate'],
    ['learning_rate', 'learning-rate'],
  ])('%s is a series of ours', (name, key) => {
    expect(readMetricName(name)).toEqual({ part: 'training', key });
  });

  it.each([
    ['valid/hit@10', 'validation'],
    ['Recall@7', 'other'],
    ['valid/loss', 'validation'],
    ['train/recall@20', 'training'],
    ['best_recall@20', 'other'],
    ['valid/test recall@20', 'other'],
    ['constructor', 'other'],
    ['mrr@10', 'other'],
  ])('%s keeps its name', (name, part) => {
    expect(readMetricName(name)).toEqual({ part, key: name });
  });
});
