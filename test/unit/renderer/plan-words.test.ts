import { describe, expect, it } from 'vitest';
import type { Matrix, Plan } from '#contract/experiment.ts';
import { planHead, startWords, whyNot } from '#renderer/pages/new-experiment/plan-words.ts';

const matrix = { datasets: [], seeds: [], rows: [], cells: Array.from({ length: 24 }, () => ({})) } as unknown as Matrix;
const plan = (part: Partial<Plan>) =>
  ({
    runs: 18,
    known: 6,
    underway: 0,
    time: { seconds: 720, low: 540, high: 1020, basis: 'from 41 past runs' },
    notes: [],
    ...part,
  }) as unknown as Plan;
const draft = { datasets: ['demo'], models: [{ model: 'lightgcn', preset: undefined, values: {}, vary: {} }], seeds: [1] };

describe('the words of a plan', () => {
  it('count what would run', () => {
    expect(planHead(matrix, plan({}))).toBe('24 cells · 6 known · 18 to run');
    expect(planHead(matrix, plan({ known: 0, runs: 24 }))).toBe('24 cells · 24 to run');
    expect(planHead(matrix, plan({ underway: 3, runs: 15 }))).toBe('24 cells · 6 known · 3 already running or queued · 15 to run');
    expect(planHead(undefined, undefined)).toBe('');
  });

  it('name the consequence on the button, singular too', () => {
    expect(startWords(matrix, plan({}))).toBe('Start 18 runs · about 12 min');
    expect(startWords(matrix, plan({ runs: 1, time: { seconds: 21, low: 10, high: 40, basis: 'x' } }))).toBe('Start 1 run · about 20 s');
    expect(startWords(matrix, undefined)).toBe('Start 24 runs');
  });

  it('of a search that goes on show it, and of one that is over start nothing', () => {
    const search = (isOver: boolean) =>
      ({
        search: { trials: 30, fewest: 30, most: 30, rungs: [], words: '', same: { id: 'a', name: 'Night', isOver, done: isOver ? 30 : 4 } },
      }) as Partial<Plan>;
    const going = plan({ ...search(false), runs: 26 });
    expect([planHead(matrix, going), startWords(matrix, going)]).toEqual(['30 trials · 4 done', 'Show “Night”']);
    expect(whyNot({ draft, plan: plan({ ...search(false), runs: 0 }), fault: undefined })).toBeUndefined();
    const over = plan({ ...search(true), runs: 0, known: 30 });
    expect([planHead(matrix, over), whyNot({ draft, plan: over, fault: undefined })]).toEqual([
      '30 trials · all known',
      'Everything is known',
    ]);
  });

  it('say why the button cannot be pressed', () => {
    const calm = { plan: plan({}), fault: undefined };
    expect(whyNot({ draft, ...calm })).toBeUndefined();
    expect(whyNot({ draft: { ...draft, datasets: [] }, ...calm })).toBe('Choose a dataset');
    expect(whyNot({ draft: { ...draft, models: [] }, ...calm })).toBe('Choose a model');
    expect(whyNot({ draft, ...calm, fault: '“MGCN: Learning rate” holds no legal value' })).toBe(
      '“MGCN: Learning rate” holds no legal value',
    );
    expect(whyNot({ draft, ...calm, plan: plan({ runs: 0 }) })).toBe('Everything is known');
    expect(whyNot({ draft, ...calm, plan: plan({ runs: 0, known: 0, underway: 9 }) })).toBe('All of it is already running or queued');
    expect(whyNot({ draft, ...calm, plan: plan({ runs: 0, underway: 3 }) })).toBe('Everything is known, running or queued');
    expect(whyNot({ draft, ...calm, plan: plan({ notes: [{ level: 'blocking', text: 'x' }] }) })).toBe('See the note above');
  });
});
