/*
 * What is never looked up: names, units and signs that are the same in every language, and strings that only look like words.
 * The look-up would give them back unchanged; they stand here so that nobody translates them and the pseudo-locale shows none in brackets.
 */
const everywhere: ReadonlySet<string> = new Set([
  ...['A', 'B', 'kB', 'MB', 'GB', 'TB', 'pt', 'α', 'n', 'K', 'k', 'a', 'd', 'd_z', 'r_rb', 's', 'Δ{0}', 'cap'],
  ...['Avocet', '{0} · Avocet', 'Node', 'Markdown', 'Parquet', 'PDF', 'SVG', 'CSV', '.npy', 'TPE', 'Holm', 'Wilcoxon', 'SHA-256'],
  ...['wasm', 'cpu', 'tensorflow', 'webgpu', 'Inter', 'arXiv {0}', 'CD {0}', 'Benjamini–Hochberg', 'k-core', 'p < 0.001', 'p = {0}'],
  ...['Recall', 'NDCG', 'Precision', 'MAP', 'R', 'N', 'P', 'h_u / |T_u|', 'h_u / K', '(1/min(|T_u|,K)) Σ_r rel(r) · h_u(r)/r'],
  ...['NDCG@{0}', 'HitRate@{0}', 'MRR@{0}', 'Coverage@{0}', 'Gini@{0}', 'Entropy@{0}', 'AvgPop@{0}', 'Novelty@{0}', 'ILS@{0} ({1})'],
  ...[
    'recall@20',
    'ndcg@20',
    'recall@10',
    'ndcg@10',
    'precision@20',
    'map@20',
    'val.recall@20 / secondsPerEpoch',
    'val.recall@20 / val.recall@10',
  ],
  ...[
    'my-model',
    'python train.py',
    'layers = 2',
    'English',
    '中文',
    'id',
    'TensorFlow',
    'WebGPU',
    'Mirror Gradient α₁',
    'Mirror Gradient α₂',
    'Δ {0}',
  ],
]);

/** By file: keys that mean something to the program or stand in a file it writes. */
const inFile: Readonly<Record<string, readonly string[]>> = {
  'preload/contract/runs-fields.ts': ['ms'],
  'preload/contract/model-card.ts': ['Model'],
  'preload/contract/external-help.ts': ['users.npy, items.npy'],
  'renderer/pages/datasets/CheckList.svelte': ['warn', 'warning'],
  'renderer/state/comparison-words.ts': ['dotted'],
  'renderer/locales/heard.ts': ['和'],
  'renderer/locales/format.ts': ['short', '{0}年{1}月{2}日 {3}:{4}', '{0} {1} {2}, {3}:{4}'],
  // What is searched, not shown.
  'preload/contract/reported-match.ts': ['{0} {1} {2} {3} reported'],
  // The preview of a table shows what will be exported.
  'renderer/pages/export/PaperTable.svelte': [
    'Model',
    ' Avocet {0}, {1}.',
    'Reported, outside marks, ranks and tests: {0}.',
    'Table 1:',
    'Model',
    'Gain',
    'Several formulas of this model are our reading of its paper; see the model card. Not a reproduction of the paper’s tables.',
  ],
  // BibTeX is written in English, as the paper's title is.
  'renderer/state/citation.ts': [
    'Run {0}',
    'arXiv:{0}',
    'dataset {0}, split hash {1}',
    'seed {0}',
    'configuration hash {0}',
    'source of the model, SHA-256 {0}',
    '{0} on {1}, seed {2}',
    'Avocet {0}',
  ],
  'renderer/state/run-words.ts': ['resume', 'clone'],
  'renderer/state/recommendation-words.ts': [
    'user',
    'run',
    'rank',
    'item',
    'item_id',
    'title',
    'train_users',
    'score',
    'held_out',
    'rank_in_other',
  ],
  'renderer/pages/datasets/Findings.svelte': ['warn', 'warning'],
  // Columns of other programs’ files, and how a file is asked of the disk.
  'main/logs/formats/wandb.ts': [
    ...['Step', 'Relative Time (Process)', 'Relative Time (Wall)', 'Wall Time', 'Name', 'State', 'Notes', 'User', 'Tags', 'Created'],
    ...['Runtime', 'Sweep', 'End Time', 'Group', 'Job Type', 'Hostname', 'Commit', 'GPU Type', 'Github'],
  ],
  'main/logs/formats/mmrec.ts': ['best valid result:', 'test result:', '{0}, {1} of {2}'],
  'main/logs/parts/mlflow-run.ts': ['RUNNING', 'SCHEDULED', 'FAILED', 'KILLED'],
  'main/data/formats/items.ts': ['title', 'name', 'description', 'desc', 'text'],
  'main/studio/home.ts': ['Local', 'Avocet', 'Library', 'Application Support'],
  'main/worker/test-task.ts': ['bootstrap {0} {1} {2} {3}', 'Welch t'],
  'main/training/external/command-run.ts': ['$ {0}   (in {1})'],
  'main/training/external/workplace.ts': ['users.npy', 'items.npy'],
};

export function staysAsItIs(path: string, key: string): boolean {
  return everywhere.has(key) || (inFile[path]?.includes(key) ?? false);
}
