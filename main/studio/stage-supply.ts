/** What trains the earlier stages of runs: themselves, or a run of the stage's own model with the same seed that trains anyway. Pure. */
import { resolveHyper, stagesOf, type AskedStage, type ModelCard } from '#contract/model-card.ts';
import type { RunConfig } from '#contract/run.ts';
import type { OpenRun } from '#store/open-runs.ts';
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

/** How a stage comes about: trained for the run, taken over from one that trains before it, or taken over from what has ended. */
export type Supply = 'own' | 'before' | 'finished';

/**
 * How a stage comes about by what else there is of it: a finished one, or a run that leaves it, `ahead` places before its own in a queue of which
 * `atOnce` train side by side. One that is fewer places ahead begins beside it, and leaves it too late.
 */
export function supplyOf(found: { readonly isFinished: boolean; readonly ahead: number | undefined }, atOnce: number): Supply {
  if (found.isFinished) return 'finished';
  return found.ahead !== undefined && found.ahead >= atOnce ? 'before' : 'own';
}

/** Stages of runs that wait, by how they come about. */
export class SupplyTally {
  readonly #pairs = new Map<string, { readonly model: string; readonly stage: string; readonly counts: Record<Supply, number> }>();

  add(model: string, stage: string, supply: Supply): void {
    const name = `${model}\n${stage}`;
    const pair = this.#pairs.get(name) ?? { model, stage, counts: { own: 0, before: 0, finished: 0 } };
    pair.counts[supply] += 1;
    this.#pairs.set(name, pair);
  }

  /** A sentence for each pair of models and each way, with the number of runs where there are several ways; `atOnce` runs train side by side. */
  words(atOnce: number, ways: readonly Supply[] = ['own', 'before', 'finished']): string[] {
    return [...this.#pairs.values()].flatMap(({ model, stage, counts }) => {
      const all = counts.own + counts.before + counts.finished;
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
  if (way === 'finished') return `${model} takes over the finished ${stage} of its seed`;
  return atOnce === 1
    ? `${model} takes over the ${stage} of its seed that trains before it`
    : `${model} takes over the ${stage} of its seed where that has ended by then, and else pretrains it`;
}

type Open = Pick<OpenRun, 'id' | 'config' | 'configuration' | 'dataHash'>;

/**
 * How the stages of waiting runs will come about ({@link supplyOf}). `open` are all runs at work and then those that wait, in their order.
 */
export function pretrainingOf(
  open: readonly Open[],
  facts: {
    readonly cards: readonly ModelCard[];
    readonly isWaiting: (id: string) => boolean;
    readonly atOnce: number;
    /** Whether a run of the configuration has finished on the run's dataset and device with its seed. */
    readonly hasFinished: (run: Open, configuration: string) => boolean;
  },
): SupplyTally {
  const { cards, isWaiting, atOnce, hasFinished } = facts;
  const tally = new SupplyTally();
  const byId = new Map(cards.map((card) => [card.id, card]));
  const place = ({ config: { dataset, seed, device } }: Open, configuration: string) => `${dataset}\n${seed}\n${device}\n${configuration}`;
  const trained = new Map<string, number>();
  /** Runs of one configuration differ in dataset and seed alone. */
  const asked = new Map<string, readonly (readonly [stage: AskedStage, configuration: string | undefined])[]>();
  for (const [at, run] of open.entries()) {
    const card = byId.get(run.config.model);
    if (card !== undefined && card.stages.length > 0 && isWaiting(run.id)) {
      const stages =
        asked.get(run.configuration) ??
        stagesOf(card, run.config.hyper).map((stage) => [stage, supplyingConfiguration(run.config, stage, cards)] as const);
      asked.set(run.configuration, stages);
      for (const [stage, configuration] of stages) {
        const supplier = configuration === undefined ? undefined : trained.get(place(run, configuration));
        const isFinished = configuration !== undefined && hasFinished(run, configuration);
        const ahead = supplier === undefined ? undefined : at - supplier;
        tally.add(card.title, byId.get(stage.model)?.title ?? stage.model, supplyOf({ isFinished, ahead }, atOnce));
      }
    }
    if (!trained.has(place(run, run.configuration))) trained.set(place(run, run.configuration), at);
  }
  return tally;
}
