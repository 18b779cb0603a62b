/** What probes of memory found, kept in the store: they hold for a machine, a device and the sizes they were made with. */
import * as v from 'valibot';
import type { RunConfig } from '#contract/run.ts';
import type { PreferenceTable } from '#store/preferences.ts';
import { canonical } from './identity.ts';

const key = 'memory.probes';
const mostKept = 200;

const triedSchema = v.object({
  machine: v.string(),
  model: v.string(),
  dataset: v.string(),
  dataHash: v.string(),
  device: v.string(),
  /** Settings of the model, canonical: another number of layers holds other memory. */
  hyper: v.string(),
  batchSize: v.number(),
  width: v.number(),
  bytes: v.number(),
  at: v.number(),
});
export type Tried = v.InferOutput<typeof triedSchema>;

type Asked = Pick<RunConfig, 'model' | 'device' | 'hyper'>;

export interface ProbeBook {
  /** Of a model with these settings on these data, newest first. */
  of(asked: Asked, dataset: string, dataHash: string): Tried[];
  /** In place of an earlier one of the same. */
  keep(config: RunConfig, dataHash: string, bytes: number, at: number): void;
  /** The same, read once: a plan has a thousand cells. */
  forPlan(): ProbeBook;
}

export class MemoryBook implements ProbeBook {
  readonly #preferences: PreferenceTable;
  readonly #machine: string;
  readonly #read: readonly Tried[] | undefined;

  /** `read`: what it holds, where that was looked up already. */
  constructor(preferences: PreferenceTable, machine: string, read?: readonly Tried[]) {
    this.#preferences = preferences;
    this.#read = read;
    this.#machine = machine;
  }

  of({ model, device, hyper }: Asked, dataset: string, dataHash: string): Tried[] {
    const settings = canonical(hyper);
    return this.#all.filter(
      (tried) =>
        tried.machine === this.#machine &&
        tried.model === model &&
        tried.dataset === dataset &&
        tried.dataHash === dataHash &&
        tried.device === device &&
        tried.hyper === settings,
    );
  }

  keep(config: RunConfig, dataHash: string, bytes: number, at: number): void {
    const { model, dataset, device, hyper, budget } = config;
    const { batchSize, width } = budget;
    const tried: Tried = {
      machine: this.#machine,
      model,
      dataset,
      dataHash,
      device,
      hyper: canonical(hyper),
      batchSize,
      width,
      bytes,
      at,
    };
    const name = nameOf(tried);
    this.#preferences.set(key, [tried, ...this.#all.filter((other) => nameOf(other) !== name)].slice(0, mostKept));
  }

  forPlan(): MemoryBook {
    return new MemoryBook(this.#preferences, this.#machine, this.#all);
  }

  get #all(): readonly Tried[] {
    if (this.#read !== undefined) return this.#read;
    const parsed = v.safeParse(v.array(triedSchema), this.#preferences.get(key) ?? []);
    return parsed.success ? parsed.output : [];
  }
}

function nameOf({ bytes: _bytes, at: _at, ...tried }: Tried): string {
  return canonical(tried);
}
