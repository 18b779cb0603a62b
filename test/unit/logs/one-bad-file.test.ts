/** One file that cannot be listed or read is told with its reason; the runs of all others come in. */
import { appendFileSync, rmSync, truncateSync } from 'node:fs';
import { join } from 'node:path';
import Sqlite from 'better-sqlite3';
import { afterAll, expect, it } from 'vitest';
import type { LogsTaskEvent } from '#contract/log-import.ts';
import { readLogs } from '#logs/read-logs.ts';
import { cleanUp, everything, place } from './reading.ts';

afterAll(cleanUp);

const mmrec = 'Sat 21 Nov 2026 10:00:00 INFO \u2588\u2588Server: \thost\n';
const runs = {
  'a/mmrec.log': `${mmrec}Sat 21 Nov 2026 10:00:01 INFO epoch 0 training [time: 2.50s, train loss: 3.0]\n`,
  'mlruns/1/abc/meta.yaml': 'run_id: abc\nrun_name: first\nstatus: 3\nlifecycle_stage: active\n',
  'mlruns/1/meta.yaml': 'experiment_id: "1"\nname: fusion\n',
  'elliot/rec_cutoff_10_relthreshold_0_x.tsv': 'model\tRecall\nBPRMF_lr=0.1\t0.5\n',
};

async function read(root: string) {
  const all = await everything(root);
  return {
    names: all.flatMap((found) => (found.type === 'read' ? found.runs.map(({ origin }) => origin.name) : [])),
    problems: all.flatMap((found) => (found.type === 'skipped' ? [found.problem] : [])),
  };
}

it.each<[string, string, string, (path: string) => void]>([
  ['an MMRec log that is too large', 'big.log', 'logs.too-large', tooLarge],
  ['a damaged description of an MLflow experiment', 'mlruns/2/meta.yaml', 'logs.damaged', (path) => appendFileSync(path, 'name: [\n')],
  ['an MLflow database of another version', 'old.db', 'logs.damaged', oldTables],
  ['an MLflow database that was cut off', 'cut.db', 'logs.damaged', cutOff],
  ['a table of W&B with a torn row', 'table.csv', 'logs.damaged', (path) => appendFileSync(path, '"calm')],
  ['a table of Elliot with a torn row', 'rec_cutoff_5_x.tsv', 'logs.damaged', (path) => appendFileSync(path, '"BPR')],
])('%s stops none of the others', async (_, name, code, spoil) => {
  const beginnings: Readonly<Record<string, string>> = {
    'big.log': mmrec,
    'mlruns/2/meta.yaml': 'experiment_id: "2"\n',
    'old.db': '',
    'cut.db': '',
    'table.csv': 'Name,State,Created\n',
    'rec_cutoff_5_x.tsv': 'model\tRecall\n',
  };
  const root = place({ ...runs, [name]: beginnings[name]! });
  spoil(join(root, name));
  const { names, problems } = await read(root);
  expect(names.sort()).toEqual(['BPRMF_lr=0.1', 'fusion/first', 'mmrec']);
  expect(problems).toEqual([expect.objectContaining({ code, where: expect.stringContaining(join(root, name)) as string })]);
});

it('a file that went away meanwhile is named, and is no defect of Avocet', async () => {
  const root = place(runs);
  const events: LogsTaskEvent[] = [];
  for await (const event of readLogs({ path: root, whole: true, known: [] }, new AbortController().signal)) {
    if (events.length === 0) rmSync(join(root, 'mlruns/1/abc/meta.yaml'));
    events.push(event);
  }
  expect(events.flatMap((found) => (found.type === 'skipped' ? [found.problem] : []))).toEqual([
    expect.objectContaining({ kind: 'disk', code: 'logs.closed', where: join(root, 'mlruns/1/abc/meta.yaml') }),
  ]);
  expect(events.flatMap((found) => (found.type === 'read' ? found.runs : []))).toHaveLength(2);
});

/** A hole on the disk after a beginning that says whose log it is. */
function tooLarge(path: string): void {
  appendFileSync(path, `${'x'.repeat(79)}\n`.repeat(4000));
  truncateSync(path, 260 * 1024 * 1024);
}

function cutOff(path: string): void {
  oldTables(path);
  truncateSync(path, 5000);
}

function oldTables(path: string): void {
  const database = new Sqlite(path);
  for (const table of ['experiments', 'runs', 'metrics', 'params', 'tags']) database.exec(`CREATE TABLE ${table} (run_uuid TEXT)`);
  database.close();
}
