import { resolve } from 'node:path';
import { describe, expect, it } from 'vitest';
import { phraseBook } from '#renderer/locales/heard.ts';
import { readCatalogue } from '#test/locales/catalogues.ts';

const write = (catalogue: Readonly<Record<string, string>>) => (key: string, values: readonly string[]) =>
  (catalogue[key] ?? key).replace(/\{(\d+)\}/g, (_, at: string) => values[Number(at)] ?? '');
const bookOf = (catalogue: Readonly<Record<string, string>>) => phraseBook(Object.keys(catalogue), write(catalogue));

describe('a sentence of the studio', () => {
  const book = bookOf({
    '{0}{1} on {2}, seed {3}: {4}': '{2} 上的 {0}{1}，种子 {3}：{4}',
    'failed, {0}{1}': '失败，{0}{1}',
    'diverged at epoch {0}: {1} is {2}': '在第 {0} 轮发散：{1} 为 {2}',
    'best at epoch {0} of {1}': '最佳在第 {0} 轮，共 {1} 轮',
    '{0} needs {1}': '{0} 需要{1}',
    'needs times, {0} has none': '需要时间，{0} 没有',
    '{0}Known: {1}.': '{0}已知：{1}。',
    'Did you mean {0}? ': '您是否想用 {0}？',
    'ratio per user, {0}': '每个用户按比例，{0}',
    'latest rows held out': '留出最新的行',
    ', seed {0}': '，种子 {0}',
    'The file is empty.': '文件是空的。',
    'Different patience': '早停耐心不同',
    rows: '行',
  });

  it('is found whole, with values in the places of the phrase', () => {
    expect(book('The file is empty.')).toBe('文件是空的。');
    expect(book('diverged at epoch 3: bpr is NaN')).toBe('在第 3 轮发散：bpr 为 NaN');
    expect(book('VBPR needs 12 rows')).toBe('VBPR 需要 12 行');
  });

  it('holds other sentences in its places, those that stand side by side too', () => {
    expect(book('EGRA (lr = 0.1, n = 2) on Demo, seed 3: failed, diverged at epoch 4: bpr is NaN; best at epoch 2 of 4')).toBe(
      'Demo 上的 EGRA (lr = 0.1, n = 2)，种子 3：失败，在第 4 轮发散：bpr 为 NaN；最佳在第 2 轮，共 4 轮',
    );
    expect(book('ratio per user, latest rows held out, seed 7')).toBe('每个用户按比例，留出最新的行，种子 7');
    expect(book('Did you mean Demo? Known: Demo, Baby.')).toBe('您是否想用 Demo？已知：Demo, Baby。');
  });

  it('may begin with a name, or be one of several', () => {
    expect(book('SASRec needs times, Demo has none')).toBe('SASRec 需要时间，Demo 没有');
    expect(book('Different patience; SASRec needs times, Demo has none')).toBe('早停耐心不同；SASRec 需要时间，Demo 没有');
  });

  it('is left alone where nothing of it is known', () => {
    for (const text of ['my own note', 'Demo', '0.1234', 'ENOENT: no such file']) expect(book(text), text).toBeUndefined();
  });
});

describe('the sentences a person meets first', () => {
  const book = bookOf(readCatalogue(resolve(import.meta.dirname, '../../../..'), 'studio'));
  it.each([
    'EGRA (n_layers = 2) on Demo, seed 3: validation Recall@20 0.1234, best at epoch 12 of 40',
    'MGCN on TikTok, seed 1: stage 1 of 2, epoch 4 of at most 60, best validation Recall@20 0.0912 at 3',
    'LightGCN on Demo, seed 1: ended by successive halving at epoch 10: rank 3 of 4; validation Recall@20 0.1, best at epoch 3 of 9',
    'One budget for all models: at most 60 epochs, patience 10, and misses count after epoch 40 for every model, because one of them needs it.',
    'Validation (test is masked until the selection is frozen), mean ± sd over 3 seeds; epoch chosen on validation Recall@20. The values shown also chose the epoch. Best in bold, second underlined, on unrounded values. Full ranking, K 20; validation-selected. Split: Demo 6534e488.',
    'Test, mean ± sd over 3 to 5 seeds; epoch chosen on validation Recall@20 rounded to four decimals. By how many train rows a user has: means over the users of a segment. Full ranking, K 10, 20; MMRec protocol (test-selected). Splits: Demo 6534e488, Baby ce6fb744.',
    'Not the same learning rate for all models: MGCN 0.001 (here 0.01), EGRA tuned for each model; the budget is not equal.',
    '* better, † worse than MGCN: Wilcoxon signed-rank (zeros by Pratt) per user on values averaged over 3 seeds, two-sided, Holm over 11 comparisons, adjusted p < 0.05 and a difference beyond the noise floor.',
    'k-core: users with ≥ 5, items with ≥ 5 rows, 2 rounds (until nothing changed); before the split, so it sees held-out rows',
    '12 trials per model and dataset, drawn at random (seed 1); after 10 epochs only the best 1/2 on validation go on, compared on the first seed',
    'VBPR needs features of at least one modality; Demo has none',
    'This machine has 4 cores: runs get 4 of the 8 threads asked for.',
    'WebAssembly SIMD, 2 threads',
    'compiled',
    'eager: this device compiles no steps',
  ])('are Chinese to the last word: %s', (sentence) => {
    const said = book(sentence) ?? '';
    const names =
      /Recall@\d+|WebAssembly SIMD|EGRA|MGCN|MMRec|Baby|[0-9a-f]{8}|\bK\b|TikTok|LightGCN|VBPR|Demo|Wilcoxon|Pratt|Holm|Bonferroni|TPE|Benjamini–Hochberg|k-core|n_layers|\bp\b/g;
    expect(said).toMatch(/\p{Script=Han}/u);
    expect(said.replace(names, '')).not.toMatch(/[A-Za-z]/);
  });
});
