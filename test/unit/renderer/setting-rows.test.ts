import { describe, expect, it } from 'vitest';
import { newModelDraft } from '#renderer/state/experiment-draft.ts';
import {
  changedCount,
  chipsWidth,
  firstVariation,
  rangeText,
  readTyped,
  settingGroups,
  settingRows,
  valueText,
  withPreset,
  withValue,
  withVariation,
} from '#renderer/state/setting-rows.ts';
import { egraCard, lightgcnCard } from './cards.ts';

const all = { search: '', changedOnly: false, advanced: true };
const keys = (groups: ReturnType<typeof settingGroups>) => groups.flatMap((group) => group.rows.map((row) => row.key));
const rowOf = (key: string, draft = newModelDraft(egraCard)) => settingRows(egraCard, draft).find((row) => row.key === key)!;

describe('the settings form', () => {
  it('groups fields in card order and folds rarely changed ones', () => {
    const groups = settingGroups(egraCard, newModelDraft(egraCard), { ...all, advanced: false });
    expect(groups.map((group) => group.title)).toEqual(['Item block', 'Alignment', 'Training']);
    expect(keys(groups)).toEqual(['ii_k', 'ii_sym', 'tau', 'lr']);
    expect(keys(settingGroups(egraCard, newModelDraft(egraCard), all))).toContain('feat_trainable');
  });

  it('knows which values of a sweep fit beside their label', () => {
    expect(chipsWidth([10, 20])).toBeLessThan(150);
    expect(chipsWidth(['pretrained', 'raw_intersection', 'none'])).toBeGreaterThan(150);
  });

  it('finds by key, label and group, folded fields too', () => {
    const find = (search: string) => keys(settingGroups(egraCard, newModelDraft(egraCard), { ...all, advanced: false, search }));
    expect(find('neighbours')).toEqual(['ii_k']);
    expect(find('ALIGN train')).toEqual(['feat_trainable']);
    expect(find('nothing')).toEqual([]);
  });

  it('keeps only what is changed or varied on request', () => {
    let draft = withValue(egraCard, newModelDraft(egraCard), 'tau', 0.4);
    draft = withVariation(draft, 'ii_k', [10, 20]);
    expect(keys(settingGroups(egraCard, draft, { ...all, changedOnly: true }))).toEqual(['ii_k', 'tau']);
    expect(changedCount(egraCard, draft)).toBe(2);
  });

  it('sets and varies how a model is trained; where nothing is said the budget of the experiment holds', () => {
    const lr = (draft: ReturnType<typeof newModelDraft>, budget = {}) =>
      settingRows(egraCard, draft, budget).find(({ key }) => key === 'lr')!;
    const draft = newModelDraft(egraCard);
    expect(lr(draft)).toMatchObject({ value: 1e-3, differs: false });
    expect(lr(draft, { learningRate: 5e-4 })).toMatchObject({ value: 5e-4, preset: 5e-4, differs: false });
    expect(lr(withValue(egraCard, draft, 'lr', 1e-4))).toMatchObject({ value: 1e-4, preset: 1e-3, differs: true });
    expect(withValue(egraCard, withValue(egraCard, draft, 'lr', 1e-4), 'lr', 1e-3).values).toEqual({});
    expect(lr(withVariation(draft, 'lr', [1e-4, 1e-3])).varied).toEqual([1e-4, 1e-3]);
  });

  it('drops a value set back to its preset', () => {
    const changed = withValue(egraCard, newModelDraft(egraCard), 'tau', 0.4);
    expect(rowOf('tau', changed)).toMatchObject({ value: 0.4, preset: 0.2, differs: true });
    expect(withValue(egraCard, changed, 'tau', 0.2).values).toEqual({});
  });

  it('measures against the chosen preset or ablation', () => {
    const tight = withPreset(withValue(egraCard, newModelDraft(egraCard), 'tau', 0.4), 'egra-tight');
    expect(rowOf('tau', tight)).toMatchObject({ value: 0.1, preset: 0.1, differs: false });
    expect(changedCount(lightgcnCard, withPreset(newModelDraft(lightgcnCard), 'deep'))).toBe(0);
  });

  it('varies over the grid of the card, the present value among it', () => {
    expect(firstVariation(rowOf('ii_k'))).toEqual([5, 10, 15, 20]);
    expect(firstVariation(rowOf('ii_k', withValue(egraCard, newModelDraft(egraCard), 'ii_k', 7)))).toEqual([7, 5, 10, 15, 20]);
    expect(firstVariation(rowOf('ii_sym'))).toEqual(['max', 'none', 'mutual']);
    expect(firstVariation(rowOf('tau'))).toEqual([0.2]);
    expect(withVariation(newModelDraft(egraCard), 'ii_k', [10, 10, 20]).vary).toEqual({ ii_k: [10, 20] });
    expect(withVariation(withVariation(newModelDraft(egraCard), 'ii_k', [10]), 'ii_k', []).vary).toEqual({});
  });
});

describe('typed values', () => {
  it('become numbers as researchers write them', () => {
    expect(readTyped(lightgcnCard.hyper.reg_weight!, '1e-3')).toEqual({ value: 1e-3 });
    expect(readTyped(egraCard.hyper.tau!, ' 0,5 ')).toEqual({ value: 0.5 });
  });

  it('are refused with the range', () => {
    expect(readTyped(lightgcnCard.hyper.n_layers!, '9').fault).toBe('Must be at least 1 and at most 8, found 9');
    expect(readTyped(lightgcnCard.hyper.n_layers!, '2.5').fault).toBe('Must be a whole number, found 2.5');
    expect(readTyped(egraCard.hyper.tau!, '0').fault).toBe('Must be above 0 and at most 10, found 0');
    expect(readTyped(egraCard.hyper.tau!, '').fault).toBe('Type a number');
    expect(readTyped(egraCard.hyper.tau!, '1,000,0').fault).toContain('Not a number');
    expect(readTyped(egraCard.hyper.ii_sym!, 'min').fault).toContain('Must be one of max, none, mutual');
    expect(readTyped(egraCard.hyper.feat_trainable!, 'true')).toEqual({ value: true });
  });

  it('are written back short', () => {
    expect(valueText(1e-4)).toBe('1e-4');
    expect(valueText(2.5e-5)).toBe('2.5e-5');
    expect(valueText(0.02)).toBe('0.02');
    expect(valueText(0)).toBe('0');
    expect(valueText(true)).toBe('on');
    expect(rangeText(egraCard.hyper.tau!)).toBe('above 0, at most 10');
    expect(rangeText(lightgcnCard.hyper.n_layers!)).toBe('1 to 8, whole numbers');
  });
});
