/** What trains the earlier stages of runs: themselves, or a run of the stage's own model with the same seed that trains anyway. Pure. */
import { resolveHyper, stagesOf, type AskedStage, type ModelCard } from '#contract/model-card.ts';
import type { RunConfig } from '#contract/run.ts';
import type { OpenRun } from '#store/open-runs.ts';
import type { Store } from '#store/store.ts';
import { configurationHash } from './identity.ts';

type Config = Omit<RunConfig, 'dataset' | 'seed'>;

/**
 * The configuration of a run that leaves what a stage asks for: the stage's model with the values given, on the same budget. A run with
 * Mirror Gradient leaves nothing, and what a model goes on from is its own; undefined where no run can.
 */
export function supplyingConfiguration(
  config: Config,
  { model, given, epochs }: AskedStage,
  cards: readonly ModelCard[],
): string | undefined {
  const card = cards.find(({ id }) => id === model);
  if (card === undefined || epochs !== undefined) return undefined;
  const { mirror: _mirror, mirrorDescent: _descent, mirrorEvery: _every, ...budget } = config.budget;
  const { protocol, evaluation, itemGraph, device, threads } = config;
  const source = card.own === undefined ? {} : { source: card.own.source };
  const hyper = resolveHyper(card, undefined, given);
  const of = evaluation === undefined ? {} : { evaluation };
  return configurationHash({ model, ...source, hyper, budget, protocol, ...of, itemGraph, device, threads, dataset: '', seed: 0 });
}

/**
 * How a stage comes about: trained for the run, taken over from a run of the stage's model that trains before it, from a run that trains the
 * same stage for itself (others wait for it), or from what has ended.
 */
export type Supply = 'own' | 'before' | 'shared' | 'finished';

/**
 * How a stage comes about by what else there is of it: a finished one, or a run that leaves it, `ahead` places before its own in a queue of which
 * `atOnce` train side by side (one that is fewer places ahead begins beside it, and leaves it too late), or one that trains it for itself.
 */
export function supplyOf(
  found: { readonly isFinished: boolean; readonly ahead: number | undefined; readonly isShared: boolean },
  atOnce: number,
): Supply {
  if (found.isFinished) return 'finished';
  if (found.ahead !== undefined && found.ahead >= atOnce) return 'before';
  return found.isShared ? 'shared' : 'own';
}

/** Stages of runs that wait, by how they come about. */
export class SupplyTally {
  readonly #pairs = new Map<string, { readonly model: string; readonly stage: string; readonly counts: Record<Supply, number> }>();

  add(model: string, stage: string, supply: Supply): void {
    const name = `${model}\n${stage}`;
    const pair = this.#pairs.get(name) ?? { model, stage, counts: { own: 0, before: 0, shared: 0, finished: 0 } };
    pair.counts[supply] += 1;
    this.#pairs.set(name, pair);
  }

  /** A sentence for each pair of models and each way, with the number of runs where there are several ways; `atOnce` runs train side by side. */
  words(atOnce: number, ways: readonly Supply[] = ['own', 'before', 'shared', 'finished']): string[] {
    return [...this.#pairs.values()].flatMap(({ model, stage, counts }) => {
      const all = counts.own + counts.before + counts.shared + counts.finished;
      return ways.flatMap((way) => {
        if (counts[way] === 0) return [];
        const words = sentenceOf(model, stage, way, atOnce);
        return [counts[way] === all ? words : `${words} (${counts[way]} of ${all} runs)`];
      });
    });
  }
}

function sentenceOf(model: string, stage: string, way: Supply, atOnce: number): string {
  if (way === 'own') return `${model} pretrains ${stage} once per dataset and seed`;
  if (way === 'shared') return `${model} takes over the ${stage} that another run pretrains for its seed`;
  if (way === 'finished') return `${model} takes over the finished ${stage} of its seed`;
  return atOnce === 1
    ? `${model} takes over the ${stage} of its seed that trains before it`
    : `${model} takes over the ${stage} of its seed where that has ended by then, and else pretrains it`;
}

type Open = Pick<OpenRun, 'id' | 'config' | 'configuration' | 'dataHash'>;

/** What is looked at to know who supplies stages. */
export interface SupplyFacts {
  readonly store: Store;
  readonly cards: readonly ModelCard[];
  readonly codeVersion: string;
}

/** What must be equal for one run to go on from what another trained: TensorFlow's sums depend on its threads too (training/identity.ts). */
export const supplyPlace = ({ dataset, seed, device, threads }: RunConfig, configuration: string): string =>
  [dataset, seed, device, device === 'tensorflow' ? threads : '', configuration].join('\n');

/**
 * Whether a run of the configuration has finished on a run's data, seed and device under this version of the code, or will have: at work
 * or waiting now. Looks each configuration up once: for one pass over many runs.
 */
export function suppliersIn({
  store,
  codeVersion,
}: SupplyFacts): (run: Pick<Open, 'config' | 'dataHash'>, configuration: string) => 'finished' | 'open' | undefined {
  const known = new Map<string, ReadonlyMap<string, 'finished' | 'open'>>();
  const ask = (config: RunConfig, configuration: string) => {
    const { dataset } = config;
    const found = new Map<string, 'finished' | 'open'>();
    for (const { state, dataHash, codeVersion: version, ...at } of store.past.suppliers(dataset, configuration)) {
      const place = `${supplyPlace({ ...config, ...at, device: at.device as RunConfig['device'] }, configuration)}\n${dataHash}`;
      if (version !== null && version !== codeVersion) continue;
      if (state === 'finished') found.set(place, state);
      else if (!found.has(place)) found.set(place, 'open');
    }
    return found;
  };
  return ({ config, dataHash }, configuration) => {
    const key = `${config.dataset}\n${configuration}`;
    const of = known.get(key) ?? ask(config, configuration);
    known.set(key, of);
    return of.get(`${supplyPlace(config, configuration)}\n${dataHash}`);
  };
}

/** The earlier stages of runs with the configurations that supply them. Runs of one configuration share theirs: for one pass over many runs. */
export function stagesAsked(
  cards: readonly ModelCard[],
): (run: Pick<Open, 'config' | 'configuration'>) => readonly (readonly [stage: AskedStage, configuration: string | undefined])[] {
  const byId = new Map(cards.map((card) => [card.id, card]));
  const known = new Map<string, readonly (readonly [AskedStage, string | undefined])[]>();
  return ({ config, configuration }) => {
    const card = byId.get(config.model);
    if (card === undefined || card.stages.length === 0) return [];
    const asked =
      known.get(configuration) ??
      stagesOf(card, config.hyper).map((stage) => [stage, supplyingConfiguration(config, stage, cards)] as const);
    known.set(configuration, asked);
    return asked;
  };
}

/**
 * How the stages of waiting runs will come about ({@link supplyOf}). `open` are all runs at work and then those that wait, in their order.
 */
export function pretrainingOf(
  open: readonly Open[],
  facts: SupplyFacts & { readonly isWaiting: (id: string) => boolean; readonly atOnce: number },
): SupplyTally {
  const { store, cards, isWaiting, atOnce } = facts;
  const tally = new SupplyTally();
  const titles = new Map(cards.map(({ id, title }) => [id, title]));
  const supplied = suppliersIn(facts);
  const askedBy = stagesAsked(cards);
  const missing = store.past.missingStages(open.flatMap((run) => (askedBy(run).length === 0 ? [] : [run.id])));
  const trained = new Map<string, number>();
  const keys = new Set<string>();
  for (const [at, run] of open.entries()) {
    for (const [{ id, model }, configuration] of askedBy(run)) {
      const key = missing.get(run.id)?.find((stage) => stage.id === id && stage.model === model)?.key;
      const supplier = configuration === undefined ? undefined : trained.get(supplyPlace(run.config, configuration));
      const isFinished = key === undefined || (configuration !== undefined && supplied(run, configuration) === 'finished');
      const ahead = supplier === undefined ? undefined : at - supplier;
      const way = supplyOf({ isFinished, ahead, isShared: key !== undefined && keys.has(key) }, atOnce);
      if (key !== undefined && way === 'own') keys.add(key);
      if (isWaiting(run.id)) tally.add(titles.get(run.config.model) ?? run.config.model, titles.get(model) ?? model, way);
    }
    const place = supplyPlace(run.config, run.configuration);
    if (!trained.has(place)) trained.set(place, at);
  }
  return tally;
}

/** As a run of its own, to know how long it takes: the stage's model on the run's budget, or for as many epochs as the stage has. */
export function stageConfig(config: RunConfig, { model, epochs }: Pick<AskedStage, 'model' | 'epochs'>): RunConfig {
  const budget = epochs === undefined ? config.budget : { ...config.budget, epochs, minEpochs: epochs };
  return { ...config, model, budget };
}
