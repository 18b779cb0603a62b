/** What a command of one's own is given and what it leaves, once for the page and the command line. */
export interface HelpPart {
  readonly title: string;
  readonly rows: readonly { readonly term: string; readonly words: string }[];
}

export const commandHelp: readonly HelpPart[] = [
  {
    title: 'What it is given',
    rows: [
      { term: 'AVOCET_CONFIG', words: 'a JSON file: dataset, output, work, users, items, seed, threads, parameters, budget, resume' },
      {
        term: 'AVOCET_DATASET',
        words: 'a folder with train.tsv, validation.tsv, users.tsv, items.tsv, features/NAME.npy and a README; no test row is in it',
      },
      { term: 'AVOCET_OUTPUT', words: 'where it leaves what is scored' },
      { term: 'AVOCET_WORK', words: 'a folder that stays when the run is interrupted, for checkpoints of its own' },
      { term: 'AVOCET_SEED', words: 'the seed; AVOCET_THREADS: how many threads are its share' },
    ],
  },
  {
    title: 'What it says',
    rows: [
      {
        term: '{"epoch": 1, "loss": 0.69, "output": "epoch-1"}',
        words:
          'one line of JSON on stdout for each epoch; loss, terms, learning_rate and output may be left out, every other line is console',
      },
      {
        term: '"output"',
        words:
          'a folder below AVOCET_OUTPUT with the result of that epoch: it is scored on validation, the best one is kept, and patience and the budget end the command',
      },
    ],
  },
  {
    title: 'What it leaves',
    rows: [
      {
        term: 'users.npy, items.npy',
        words: 'float32 or float64 [users, width] and [items, width], row r for the inner id r; scores are inner products',
      },
      {
        term: 'lists.tsv or .csv',
        words:
          'or user, item, score with inner ids; items of train are left out here, equal scores go by the lower id, 50 ranks are scored',
      },
      { term: 'exit code 0', words: 'without epochs that named an output, the files in AVOCET_OUTPUT at the end are scored' },
    ],
  },
  {
    title: 'When it is interrupted',
    rows: [
      { term: 'Stop', words: 'SIGTERM, ten seconds later SIGKILL, for all that it started; the best epoch scored so far is kept' },
      {
        term: 'Pause, crash, restart',
        words: 'it is ended, and started again from its beginning with "resume": true; what it needs to go on lies in AVOCET_WORK',
      },
    ],
  },
];
