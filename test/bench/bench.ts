/*
 * Measures what works.ts lists and prints a table or JSON. Both sides of a row run in processes of their own and take turns, so that
 * a neighbour disturbs them alike and peak memory is that row's alone. Nothing is asserted here; a goal that is missed is printed.
 */
import { existsSync, rmSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import process from 'node:process';
import { comparedRows, memoryRows } from './compared-rows.ts';
import { nativeRows } from './native-rows.ts';
import { neighbourRow } from './neighbour-row.ts';
import { benchOptions, usage } from './options.ts';
import { overheadRow } from './overhead-row.ts';
import { pytorchEnvironment } from './python-environment.ts';
import { reportJson, reportLine, reportTable, rowOf } from './report.ts';
import type { Row } from './report.ts';
import { importRow, openRow, startRows } from './run-rows.ts';
import { growthRow, scaleRow } from './scale-rows.ts';
import { killSides } from './side.ts';
import { leftFolders } from './sides.ts';
import type { Bench } from './sides.ts';
import { killWorkers } from './worker-run.ts';
import type { Work } from './works.ts';

const options = benchOptions(process.argv.slice(2));
if ('wrong' in options) {
  process.stderr.write(`${options.wrong}\n${usage}\n`);
  process.exit(2);
}
const say = (text: string) => process.stderr.write(`${text}\n`);

process.on('exit', () => {
  killSides();
  killWorkers();
  for (const folder of leftFolders()) rmSync(folder, { recursive: true, force: true });
});
process.on('SIGINT', () => process.exit(130));
process.on('SIGTERM', () => process.exit(143));

const { works, device, threads, rounds } = options;
const tensorflow = device === 'tensorflow' ? tensorflowFolder() : undefined;
if (device === 'tensorflow' && tensorflow === undefined) {
  say(
    'tensorflow: no Python environment with TensorFlow was found; run npm test once (it makes one) or set AVOCET_TENSORFLOW to its folder.',
  );
  process.exit(1);
}
const cache = join(import.meta.dirname, '../../.cache');
const environment = options.peer === undefined ? undefined : await pytorchEnvironment(cache, say);
const peerNote = environment !== undefined && 'reason' in environment ? `PyTorch is skipped: ${environment.reason}` : '';
if (peerNote !== '') say(peerNote);
const python = environment !== undefined && 'python' in environment ? environment.python : undefined;
const bench: Bench = { device, rounds, python, peerNote, tensorflow, say };

const rows: Row[] = [];
for (const work of works) {
  say(`${work.id} …`);
  try {
    for (const row of await measured(work)) {
      rows.push(row);
      say(`  ${reportLine(row)}`);
    }
  } catch (error) {
    // One work that cannot be measured must not cost the figures of the others.
    const note = `failed: ${error instanceof Error ? error.message : String(error)}`;
    say(`  ${note}`);
    rows.push(
      rowOf({ work: work.id, title: work.title, device, threads: threads[0]!, peerThreads: threads[0]! }, { note: note.split('\n')[0]! }),
    );
    process.exitCode = 1;
  }
}
process.stdout.write(`${options.json ? reportJson(rows) : reportTable(rows)}\n`);
process.exit();

function measured(work: Work): Promise<Row[]> {
  switch (work.family) {
    case 'training':
    case 'evaluation':
    case 'neighbours':
    case 'sampling':
      return comparedRows(bench, work, threads);
    case 'memory':
      return memoryRows(bench, work, threads);
    case 'native':
      return nativeRows(bench, work, threads);
    case 'import':
      return importRow(bench, work);
    case 'open':
      return openRow(bench, work);
    case 'start':
      return startRows(bench, work, threads);
    case 'scale':
      return scaleRow(bench, work, threads);
    case 'growth':
      return growthRow(bench, work, threads);
    case 'overhead':
      return overheadRow(bench, work, threads);
    case 'neighbour':
      return neighbourRow(bench, work);
  }
}

/** The environment that the tests make for themselves (test/rings/machine.mjs), or the one that is named. */
function tensorflowFolder(): string | undefined {
  const store = process.env['AVOCET_TEST_CACHE'] ?? join(process.env['XDG_CACHE_HOME'] ?? join(homedir(), '.cache'), 'avocet');
  return [process.env['AVOCET_TENSORFLOW'], join(store, 'tensorflow-cpu')].find((folder) => folder !== undefined && existsSync(folder));
}
