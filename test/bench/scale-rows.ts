import { hello } from './compared-rows.ts';
import { quartiles, rowOf } from './report.ts';
import type { Row } from './report.ts';
import { calibrated, ownSide, withFolder } from './sides.ts';
import type { Bench } from './sides.ts';
import type { Side } from './side.ts';
import { driftRefusal, spread } from './statistics.ts';
import { batchSize } from './trainee.ts';
import { goalOf, isMet } from './works.ts';
import type { Work } from './works.ts';

/** Rows about size: time and memory of graphs beyond Baby's. Ours alone. */

/** An epoch's time from some of its steps; peak memory over these and one evaluation of every user. */
export async function scaleRow(bench: Bench, work: Work, threads: readonly number[]): Promise<Row[]> {
  const count = Math.max(...threads);
  return await withFolder(async (folder) => {
    const side = ownSide(bench, work, folder, count);
    try {
      const { name, threads: opened, batches } = await hello(side);
      const graphs = (await side.ask('hello')).ms![0]!;
      await side.ask('steps 2');
      const step = spread((await side.ask(`steps ${6 * bench.rounds}`)).ms!);
      const evaluation = (await side.ask('evaluate')).ms![0]!;
      const peakMb = (await side.ask('peak')).mb!;
      const goal = goalOf(work, bench.device, count);
      const start = { work: work.id, title: work.title, device: bench.device, deviceName: name, threads: opened, peerThreads: count };
      return [
        rowOf(start, {
          ms: step.median * batches,
          spread: quartiles(step, batches),
          peakMb,
          goal,
          met: isMet(work, goal, { peakMb }),
          note: [
            ...(work.model === 'lightgcn' ? [] : [`item graphs ${(graphs / 1000).toFixed(1)} s`]),
            `evaluation of all users ${(evaluation / 1000).toFixed(1)} s`,
            'the goal is of memory',
          ].join('; '),
        }),
      ];
    } finally {
      await side.close();
    }
  });
}

/** An epoch on ten times the graph, in batches of the size that the work says, beside ten on one, in turn. */
export async function growthRow(bench: Bench, work: Work, threads: readonly number[]): Promise<Row[]> {
  const count = Math.max(...threads);
  return await withFolder(async (folder) => {
    const one = ownSide(bench, { ...work, size: 'baby-plain', batchSize }, folder, count);
    const ten = ownSide(bench, work, folder, count);
    try {
      const { name, threads: opened, batches } = await hello(ten);
      const single = await hello(one);
      for (const side of [one, ten]) await side.ask('steps 3');
      const { result: times, calibrations } = await calibrated({ own: one }, async () => {
        const taken: Record<'one' | 'ten', number[]> = { one: [], ten: [] };
        for (let round = 0; round < bench.rounds; round++) {
          taken.one.push(...(await sixSteps(one)));
          taken.ten.push(...(await sixSteps(ten)));
        }
        return taken;
      });
      const peaks = [(await one.ask('peak')).mb!, (await ten.ask('peak')).mb!] as const;
      const small = spread(times.one).median * single.batches;
      const large = spread(times.ten);
      const refusal = driftRefusal(calibrations);
      const ratio = refusal === undefined ? (large.median * batches) / (10 * small) : null;
      const figures = { ms: large.median * batches, peakMb: peaks[1], ratio };
      const goal = goalOf(work, bench.device, count);
      const note = [refusal, `1 ×: ${small.toFixed(0)} ms, ${peaks[0].toFixed(0)} MB`].filter((text) => text !== undefined).join('; ');
      const start = { work: work.id, title: work.title, device: bench.device, deviceName: name, threads: opened, peerThreads: count };
      return [
        rowOf(start, {
          ...figures,
          spread: quartiles(large, batches),
          goal,
          met: isMet(work, goal, figures),
          calibration: calibrations,
          note,
        }),
      ];
    } finally {
      await Promise.all([one.close(), ten.close()]);
    }
  });
}

async function sixSteps(of: Side): Promise<readonly number[]> {
  return (await of.ask('steps 6')).ms!;
}
