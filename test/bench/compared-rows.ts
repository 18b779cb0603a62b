import { quartiles, reportLine, rowOf } from './report.ts';
import type { Row } from './report.ts';
import { calibrated, ownSide, peerSide, withData } from './sides.ts';
import type { Bench } from './sides.ts';
import type { Answer, Side } from './side.ts';
import { driftRefusal, lossRefusal, spread } from './statistics.ts';
import type { Spread } from './statistics.ts';
import { goalOf, isMet } from './works.ts';
import type { Work } from './works.ts';

/** Rows whose two sides do the same work from the same data, in turn: training, evaluation, neighbours, sampling, memory. */

/** How one family is checked and timed. `timed` with the form of the peer ("harness", "best"), '' for our side. */
interface Procedure {
  /** Values that must agree before anything is timed. */
  readonly checked: (side: Side, form: string) => Promise<readonly number[]>;
  readonly timed: (side: Side, form: string) => Promise<readonly number[]>;
  readonly warm: (side: Side, form: string) => Promise<unknown>;
  /** How far the two may lie apart, as a share. */
  readonly tolerance?: number;
}

const stepsAtOnce = 6;

const once = (command: string): Procedure => ({
  checked: async (side, form) => (await side.ask(words(command, form))).values!,
  timed: async (side, form) => (await side.ask(words(command, form))).ms!,
  warm: () => Promise.resolve(),
  // A user's list may change with the last digit of a score.
  tolerance: 1e-3,
});

const procedures: Readonly<Partial<Record<Work['family'], Procedure>>> = {
  training: {
    checked: async (side, form) => (await side.ask(words('losses', form, 3))).losses!,
    timed: async (side, form) => (await side.ask(words('steps', form, stepsAtOnce))).ms!,
    warm: (side, form) => side.ask(words('steps', form, 2)),
  },
  evaluation: once('evaluate'),
  neighbours: once('neighbours'),
  sampling: once('sample'),
};

function words(...parts: readonly (string | number)[]): string {
  return parts.filter((part) => part !== '').join(' ');
}

/** One row for each number of threads; measured once more where the machine drifted under it. */
export async function comparedRows(bench: Bench, work: Work, threads: readonly number[]): Promise<Row[]> {
  return await withData(work, async (folder) => {
    const rows: Row[] = [];
    for (const count of threads) {
      let row = await comparedRow(bench, work, folder, count);
      if (row.note.startsWith('no ratio')) {
        bench.say(`  ${reportLine(row)}; measuring again`);
        row = await comparedRow(bench, work, folder, count);
      }
      rows.push(row);
    }
    return rows;
  });
}

async function comparedRow(bench: Bench, work: Work, folder: string, peerThreads: number): Promise<Row> {
  const procedure = procedures[work.family]!;
  const own = ownSide(bench, work, folder, peerThreads);
  const peer = bench.python === undefined ? undefined : peerSide(bench.python, folder, peerThreads);
  try {
    const { name, threads, batches } = await hello(own);
    const start = { work: work.id, title: work.title, device: bench.device, deviceName: name, threads, peerThreads };
    const forms = peer === undefined ? [] : (['harness', 'best'] as const);
    const found = await procedure.checked(own, '');
    for (const form of forms) {
      const refusal = lossRefusal(found, await procedure.checked(peer!, form), `PyTorch (${form} form)`, procedure.tolerance);
      if (refusal !== undefined) return rowOf(start, { note: refusal });
    }
    const ends: [Side, string][] = [[own, ''], ...forms.map((form): [Side, string] => [peer!, form])];
    for (const [side, form] of ends) await procedure.warm(side, form);
    const { result: times, calibrations } = await calibrated({ own, ...(peer === undefined ? {} : { peer }) }, async () => {
      const taken = ends.map((): number[] => []);
      for (let round = 0; round < bench.rounds; round++) {
        for (const [place, [side, form]] of ends.entries()) taken[place]!.push(...(await procedure.timed(side, form)));
      }
      return taken.map(spread);
    });
    const [ownMs, peerMs, bestPeerMs] = work.family === 'training' ? await epochs(bench, ends, times, batches) : times;
    const refusal = driftRefusal(calibrations);
    const mode = work.family === 'training' ? (await own.ask('hello')).mode! : '';
    const goal = goalOf(work, bench.device, peerThreads);
    const ratioTo = (other: Spread | undefined) => (other === undefined || refusal !== undefined ? null : ownMs!.median / other.median);
    const figures = { ms: ownMs!.median, ratio: ratioTo(peerMs), bestRatio: ratioTo(bestPeerMs) };
    return rowOf(start, {
      ...figures,
      peerMs: peerMs?.median ?? null,
      bestPeerMs: bestPeerMs?.median ?? null,
      spread: quartiles(ownMs!),
      peerSpread: peerMs === undefined ? null : quartiles(peerMs),
      bestPeerSpread: bestPeerMs === undefined ? null : quartiles(bestPeerMs),
      calibration: calibrations,
      goal,
      met: isMet(work, goal, figures),
      note: [refusal, bench.peerNote, mode].filter((text) => text !== undefined && text !== '').join('; '),
    });
  } finally {
    await Promise.all([own.close(), peer?.close()]);
  }
}

/** Steps as epochs: all batches, and what comes before the first. */
async function epochs(bench: Bench, ends: readonly [Side, string][], times: readonly Spread[], batches: number): Promise<Spread[]> {
  const begins: Spread[] = [];
  for (const [side, form] of ends) {
    const ms: number[] = [];
    for (let round = 0; round < Math.min(bench.rounds, 3); round++) ms.push(...(await side.ask(words('begin', form))).ms!);
    begins.push(spread(ms));
  }
  const whole = (time: number, begin: number) => time * batches + begin;
  return times.map(({ median, low, high }, place) => {
    const begin = begins[place]!.median;
    return { median: whole(median, begin), low: whole(low, begin), high: whole(high, begin) };
  });
}

/** Peak memory of each side after the same steps and one evaluation, each in a new process. */
export async function memoryRows(bench: Bench, work: Work, threads: readonly number[]): Promise<Row[]> {
  const count = Math.max(...threads);
  return await withData(work, async (folder) => {
    const own = ownSide(bench, work, folder, count);
    const peer = bench.python === undefined ? undefined : peerSide(bench.python, folder, count);
    try {
      const { name, threads: opened } = await hello(own);
      const ownMb = await peak(own, '');
      const peerMb = peer === undefined ? null : await peak(peer, 'harness');
      const goal = goalOf(work, bench.device, count);
      const figures = { peakMb: ownMb, ratio: peerMb === null ? null : ownMb / peerMb };
      const start = { work: work.id, title: work.title, device: bench.device, deviceName: name, threads: opened, peerThreads: count };
      return [
        rowOf(start, {
          ...figures,
          peerPeakMb: peerMb,
          goal,
          met: isMet(work, goal, figures),
          note: bench.peerNote || 'the ratio is of memory',
        }),
      ];
    } finally {
      await Promise.all([own.close(), peer?.close()]);
    }
  });
}

async function peak(side: Side, form: string): Promise<number> {
  await side.ask(words('steps', form, 10));
  await side.ask(words('evaluate', form));
  return (await side.ask('peak')).mb!;
}

export async function hello(side: Side): Promise<Required<Pick<Answer, 'name' | 'threads' | 'batches'>>> {
  const { name = '', threads = 1, batches = 0 } = await side.ask('hello');
  return { name, threads, batches };
}
