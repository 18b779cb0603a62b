import { spawn } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import process from 'node:process';
import { hello } from './compared-rows.ts';
import { quartiles, rowOf } from './report.ts';
import type { Row } from './report.ts';
import { calibrated, ownSide, withFolder } from './sides.ts';
import type { Bench } from './sides.ts';
import type { Side } from './side.ts';
import { driftRefusal, spread } from './statistics.ts';
import { goalOf, isMet } from './works.ts';
import type { Work } from './works.ts';

/** Steps in one turn: a second or two, long enough to count what getting used to the neighbour costs. */
const stepsAtOnce = 60;

/**
 * An epoch on two cores of which a process that never rests has one as well, beside the same epoch on two free cores, in turn. A fair
 * scheduler leaves us one core and a half: four thirds of the time, if nobody waits for the thread that was put aside.
 */
export async function neighbourRow(bench: Bench, work: Work): Promise<Row[]> {
  const cores = allowedCores();
  const start = { work: work.id, title: work.title, device: bench.device, threads: 2, peerThreads: 2 };
  if (cores.length < 2) return [rowOf(start, { note: 'skipped: it takes Linux, taskset and two cores' })];
  const [first, second] = cores as [number, number];
  return await withFolder(async (folder) => {
    const side = ownSide(bench, work, folder, 2, [first, second]);
    const single = ownSide(bench, work, folder, 1, [first]);
    const neighbour = spawn('taskset', ['-c', String(second), process.execPath, '-e', 'for (;;);'], { stdio: 'ignore' });
    const leave = () => neighbour.kill('SIGKILL');
    process.once('exit', leave);
    try {
      neighbour.kill('SIGSTOP');
      const { name, threads, batches } = await hello(side);
      for (const one of [side, single]) await one.ask('steps 20');
      const turn = async (of: Side) => {
        const ms = (await of.ask(`steps ${stepsAtOnce}`)).ms!;
        return ms.reduce((sum, step) => sum + step, 0) / ms.length;
      };
      const { result, calibrations } = await calibrated({ own: side }, async () => {
        const times: Record<'alone' | 'beside' | 'single', number[]> = { alone: [], beside: [], single: [] };
        for (let round = 0; round < 2 * bench.rounds; round++) {
          times.alone.push(await turn(side));
          neighbour.kill('SIGCONT');
          times.beside.push(await turn(side));
          neighbour.kill('SIGSTOP');
          times.single.push(await turn(single));
        }
        return { alone: spread(times.alone), beside: spread(times.beside), single: spread(times.single).median };
      });
      const refusal = driftRefusal(calibrations);
      const { alone, beside, single: oneThread } = result;
      // Half of the second core is half of what it adds.
      const fair = (2 * oneThread * alone.median) / (oneThread + alone.median);
      const words = `one thread ${(oneThread * batches).toFixed(0)} ms; half of what the second core adds would give ${(fair * batches).toFixed(0)} ms`;
      const figures = { ms: beside.median * batches, ratio: refusal === undefined ? beside.median / alone.median : null };
      const goal = goalOf(work, bench.device, 2);
      return [
        rowOf(
          { ...start, deviceName: name, threads },
          {
            ...figures,
            spread: quartiles(beside, batches),
            peerMs: alone.median * batches,
            peerSpread: quartiles(alone, batches),
            goal,
            met: isMet(work, goal, figures),
            calibration: calibrations,
            note: [refusal, words, `cores ${first} and ${second}, the neighbour on ${second}`]
              .filter((text) => text !== undefined)
              .join('; '),
          },
        ),
      ];
    } finally {
      leave();
      process.removeListener('exit', leave);
      await Promise.all([side.close(), single.close()]);
    }
  });
}

/** Cores that this process may use; none where they cannot be chosen. */
function allowedCores(): number[] {
  if (process.platform !== 'linux' || !['/usr/bin/taskset', '/bin/taskset'].some((file) => existsSync(file))) return [];
  const list = /Cpus_allowed_list:\s*(\S+)/.exec(readFileSync('/proc/self/status', 'utf8'))?.[1] ?? '';
  return coresOf(list);
}

/** [0, 1, 2, 5] of "0-2,5". */
export function coresOf(list: string): number[] {
  return list.split(',').flatMap((range) => {
    if (range === '') return [];
    const [from = 0, to] = range.split('-').map(Number);
    return Array.from({ length: (to ?? from) - from + 1 }, (_, place) => from + place);
  });
}
