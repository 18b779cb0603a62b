import { execFile } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import process from 'node:process';
import { promisify } from 'node:util';
import { hello } from './compared-rows.ts';
import { quartiles, rowOf } from './report.ts';
import type { Row } from './report.ts';
import { calibrated, ownSide, withData } from './sides.ts';
import type { Bench } from './sides.ts';
import { Side } from './side.ts';
import { driftRefusal, lossRefusal, spread } from './statistics.ts';
import { goalOf, isMet } from './works.ts';
import type { Work } from './works.ts';

const run = promisify(execFile);

/** Our LightGCN step beside the same one in C, compiled here for this processor. */
export async function nativeRows(bench: Bench, work: Work, threads: readonly number[]): Promise<Row[]> {
  return await withData(work, async (folder) => {
    const program = join(folder, 'lightgcn');
    const source = join(import.meta.dirname, 'native/lightgcn.c');
    const reason =
      process.platform === 'win32'
        ? 'the reference needs POSIX threads'
        : await run('cc', ['-O3', '-march=native', '-o', program, source, '-lpthread', '-lm']).then(
            () => undefined,
            (error: Error) => `no C compiler (${error.message.split('\n')[0]})`,
          );
    if (reason !== undefined) {
      return [
        rowOf({ work: work.id, title: work.title, device: bench.device, threads: 1, peerThreads: 1 }, { note: `skipped: ${reason}` }),
      ];
    }
    const { users, batchSize, learningRate, hyper } = JSON.parse(await readFile(join(folder, 'row.json'), 'utf8')) as RowFile;
    const rows: Row[] = [];
    for (const count of threads) {
      const args = [folder, count, users, batchSize, learningRate, hyper.reg_weight].map(String);
      rows.push(await nativeRow(bench, work, folder, count, new Side(program, args)));
    }
    return rows;
  });
}

interface RowFile {
  readonly users: number;
  readonly batchSize: number;
  readonly learningRate: number;
  readonly hyper: { readonly reg_weight: number };
}

async function nativeRow(bench: Bench, work: Work, folder: string, count: number, native: Side): Promise<Row> {
  const own = ownSide(bench, work, folder, count);
  try {
    const { name, threads } = await hello(own);
    const start = { work: work.id, title: work.title, device: bench.device, deviceName: name, threads, peerThreads: count };
    const refusal = lossRefusal((await own.ask('losses 3')).losses!, (await native.ask('losses 3')).losses!, 'native C');
    if (refusal !== undefined) return rowOf(start, { note: refusal });
    for (const side of [own, native]) await side.ask('steps 3');
    const { result, calibrations } = await calibrated({ own }, async () => {
      const times: [number[], number[]] = [[], []];
      for (let round = 0; round < 2 * bench.rounds; round++) {
        times[0].push(...(await own.ask('steps 6')).ms!);
        times[1].push(...(await native.ask('steps 6')).ms!);
      }
      return times.map(spread);
    });
    const [ours, theirs] = result;
    const drifted = driftRefusal(calibrations);
    const figures = { ms: ours!.median, ratio: drifted === undefined ? ours!.median / theirs!.median : null };
    const goal = goalOf(work, bench.device, count);
    const met = isMet(work, goal, figures);
    const spreads = { spread: quartiles(ours!), peerSpread: quartiles(theirs!) };
    return rowOf(start, { ...figures, ...spreads, peerMs: theirs!.median, goal, met, calibration: calibrations, note: drifted ?? '' });
  } finally {
    await Promise.all([own.close(), native.close()]);
  }
}
