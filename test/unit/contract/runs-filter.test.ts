import { describe, expect, it } from 'vitest';
import { parseRunsFilter } from '#contract/runs-filter.ts';

describe('the filter of the runs table', () => {
  it('reads comparisons, lists and words', () => {
    expect(parseRunsFilter('dataset in (demo, tiktok) and state != stopped and val.recall@20 >= 0.1 and cold start')).toMatchObject({
      datasets: ['demo', 'tiktok'],
      where: [
        { field: 'state', operator: '!=', value: 'stopped' },
        { field: 'val.recall@20', operator: '>=', value: 0.1 },
      ],
      search: 'cold start',
    });
  });

  it('keeps quoted values whole and numbers as numbers', () => {
    expect(parseRunsFilter('model = egra and ii_k=10 and note ~ "two words"')).toMatchObject({
      models: ['egra'],
      where: [
        { field: 'ii_k', operator: '=', value: 10 },
        { field: 'note', operator: 'contains', value: 'two words' },
      ],
    });
  });

  it('refuses a state that no run can be in', () => {
    expect(() => parseRunsFilter('model = egra and state in (failed, broken)')).toThrow(/character 18.*"broken" is no state.*/);
  });

  it('names the position of a comparison without a value', () => {
    expect(() => parseRunsFilter('model = egra and ii_k =')).toThrow(/character 18.*has no value/);
  });
});
