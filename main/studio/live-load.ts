/**
 * How much longer epochs take now than they used to: runs at work share the processor with each other, and with whatever else the machine
 * does. Read from the runs at work themselves, each beside finished runs of the same model, data, device and threads.
 */
import { median } from '#stats/median.ts';
import type { RunRow } from '#store/run-rows.ts';
import type { Store } from '#store/store.ts';

export interface Load {
  /** Time of an epoch now to that of finished runs, at least 1; the median over the runs at work that have a past. */
  readonly factor: number;
  /** Seconds of an epoch, evaluation included, of runs at work by model, dataset and device. */
  readonly epochs: ReadonlyMap<string, number>;
}

/** So many epochs say how long one takes. */
const leastEpochs = 3;
/** Asked for every waiting run of a list; runs at work change slowly. */
const believedMs = 1000;
/** Less is how epochs differ anyway. */
const noticed = 1.15;

export const loadKey = (run: Pick<RunRow, 'model' | 'dataset' | 'device'>): string => `${run.model}\n${run.dataset}\n${run.device}`;

export class LiveLoad {
  readonly #store: Pick<Store, 'runs' | 'past'>;
  readonly #now: () => number;
  #known: { readonly at: number; readonly load: Load } | undefined;

  constructor(store: Pick<Store, 'runs' | 'past'>, now: () => number = Date.now) {
    this.#store = store;
    this.#now = now;
  }

  get(): Load {
    const now = this.#now();
    if (this.#known === undefined || now - this.#known.at > believedMs) this.#known = { at: now, load: this.#read() };
    return this.#known.load;
  }

  #read(): Load {
    const live = this.#store.runs
      .inStates(['running'])
      .filter((run) => run.secondsPerEpoch !== undefined && run.epochs >= leastEpochs)
      .map((run) => ({ run, seconds: run.secondsPerEpoch! + (run.evaluationSeconds ?? 0) }));
    const ratios = live.flatMap(({ run, seconds }) => {
      const past = this.#store.past
        .history(run.model, run.dataset, run.device)
        .filter(({ threads }) => threads === null || threads === run.threads)
        .map(({ measuredSeconds }) => measuredSeconds);
      return past.length === 0 ? [] : [seconds / median(past)];
    });
    const factor = ratios.length === 0 ? 1 : median(ratios);
    const epochs = new Map<string, number[]>();
    for (const { run, seconds } of live) epochs.set(loadKey(run), [...(epochs.get(loadKey(run)) ?? []), seconds]);
    return {
      factor: factor < noticed ? 1 : factor,
      epochs: new Map([...epochs].map(([key, seconds]) => [key, median(seconds)])),
    };
  }
}
