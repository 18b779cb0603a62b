/** Runs as people see them: the store's row with its sentence, and the time left where it is at work. */
import { existsSync, readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import type { AskedStage, ModelCard } from '#contract/model-card.ts';
import { ProblemError } from '#contract/problem.ts';
import { mainStage, type Estimate, type Progress, type RunConfig, type RunDetail, type RunSummary } from '#contract/run.ts';
import { stepsOf, type Steps } from '#contract/steps.ts';
import type { OpenRun } from '#store/open-runs.ts';
import type { RunRow } from '#store/run-rows.ts';
import type { Store } from '#store/store.ts';
import { neededBecause } from './checkpoints.ts';
import { commandOf } from './command-line.ts';
import { totalOf, type Estimator } from './estimate.ts';
import { remembered } from './remembered.ts';
import { requestOf } from './request-of-run.ts';
import { withSentence } from './sentence.ts';
import { stageConfig, stagesAsked, suppliersIn, supplyOf, supplyPlace, type SupplyFacts } from './stage-supply.ts';

interface MissingStage {
  readonly key: string;
  readonly asked: Pick<AskedStage, 'model' | 'epochs'>;
  readonly configuration: string | undefined;
}

export class RunView {
  readonly #store: Store;
  readonly #estimator: Estimator;
  readonly #cards: readonly ModelCard[];
  readonly #facts: SupplyFacts;
  readonly #runFolder: (id: string) => string;

  constructor(facts: SupplyFacts & { readonly estimator: Estimator }, runFolder: (id: string) => string) {
    this.#cards = facts.cards;
    this.#store = facts.store;
    this.#estimator = facts.estimator;
    this.#facts = facts;
    this.#runFolder = runFolder;
  }

  summary(row: RunRow): RunSummary {
    const seen = withSentence(row);
    if (row.progress === undefined) return seen;
    const [timeLeft] = this.timesLeft(this.#store.runs.open([row.id]));
    return timeLeft === undefined ? seen : { ...seen, progress: { ...row.progress, timeLeft } };
  }

  summaries(rows: readonly RunRow[]): RunSummary[] {
    return rows.map((row) => this.summary(row));
  }

  /** The run, or a problem that says it is not here. */
  find(id: string): RunRow {
    const row = this.#store.runs.summary(id);
    if (row === undefined)
      throw new ProblemError({
        kind: 'config',
        code: 'run.unknown',
        message: `There is no run ${id}`,
        values: { id },
        fix: 'The list of runs has the ids: avocet runs.',
      });
    return row;
  }

  /**
   * Work still to do of each, in their order: the rest of a live run with the stages after it, the whole of a waiting one; undefined while
   * nothing is known. `atOnce` of them train side by side. A queue holds thousands that differ in their seeds alone: what is alike is asked once.
   */
  timesLeft(runs: readonly OpenRun[], atOnce = 1): (Estimate | undefined)[] {
    const datasetOf = remembered((id: string) => this.#store.datasets.get(id)?.summary);
    const wholes = new Map<string, Estimate | undefined>();
    const wholeOf = (config: RunConfig): Estimate | undefined => {
      const { model, dataset: id, budget, device, threads } = config;
      const dataset = datasetOf(id);
      if (dataset === undefined) return undefined;
      const alike = JSON.stringify([model, id, budget, device, threads]);
      if (!wholes.has(alike)) wholes.set(alike, this.#estimator.run(config, dataset));
      return wholes.get(alike);
    };
    const missing = this.#missing(runs);
    /** What runs before one in the list train anyway: a stage of the same key, or a run that leaves it, by its place. */
    const keys = new Set<string>();
    const trained = new Map<string, number>();
    return runs.map((run, at) => {
      const { config, progress } = run;
      const stages = missing(run).filter(({ key, configuration }) => {
        const supplier = configuration === undefined ? undefined : trained.get(supplyPlace(config, configuration));
        const ahead = supplier === undefined ? undefined : at - supplier;
        return supplyOf({ isFinished: false, ahead, isShared: keys.has(key) }, atOnce) === 'own';
      });
      for (const { key } of stages) keys.add(key);
      const place = supplyPlace(config, run.configuration);
      if (!trained.has(place)) trained.set(place, at);
      const whole = wholeOf(config);
      if (progress !== undefined) return this.#rest(run, progress, whole);
      return whole === undefined ? fromStart(run) : totalOf([...stages.map(({ asked }) => wholeOf(stageConfig(config, asked))), whole], 1);
    });
  }

  /** The earlier stages of each that nothing finished supplies, with the configuration of a run that would. */
  #missing(runs: readonly OpenRun[]): (run: OpenRun) => MissingStage[] {
    const askedBy = stagesAsked(this.#cards);
    const supplied = suppliersIn(this.#facts);
    const rows = this.#store.past.missingStages(runs.flatMap((run) => (askedBy(run).length === 0 ? [] : [run.id])));
    return (run) =>
      (rows.get(run.id) ?? []).flatMap(({ id, model, key }) => {
        // A card may have changed since: what is stored says what the run asks for.
        const [asked, configuration] = askedBy(run).find(([stage]) => stage.id === id && stage.model === model) ?? [{ model }, undefined];
        if (configuration !== undefined && supplied(run, configuration) === 'finished') return [];
        return [{ key, asked, configuration }];
      });
  }

  /** Of the stage at work, and the training after it. */
  #rest(run: OpenRun, progress: Progress, whole: Estimate | undefined): Estimate | undefined {
    const { config } = run;
    const dataset = this.#store.datasets.get(config.dataset)?.summary;
    const stages = this.#store.runs.stages(run.id);
    const model = stages.find((stage) => stage.id === progress.stage)?.model ?? config.model;
    const stage = this.#estimator.left({ ...config, model }, dataset, progress, ownPace(run, progress, stages));
    const isLast = progress.stageIndex === progress.stageCount - 1;
    return isLast || stage === undefined ? stage : totalOf([stage, whole], 1);
  }

  /** What a run about to start will take, from all that has finished meanwhile; its earlier stages counted where nothing supplies them. */
  atStart(id: string): Estimate | undefined {
    const [run] = this.#store.runs.open([id]);
    const dataset = this.#store.datasets.get(run!.config.dataset)?.summary;
    if (dataset === undefined) return undefined;
    const stages = this.#missing([run!])(run!).map(({ asked }) => stageConfig(run!.config, asked));
    return totalOf(
      [...stages, run!.config].map((config) => this.#estimator.run(config, dataset)),
      1,
    );
  }

  /** All that is kept of a run but its series. @throws ProblemError run.unknown */
  detail(id: string): Omit<RunDetail, 'family' | 'verifications'> {
    const row = this.find(id);
    const { runs } = this.#store;
    const provenance = runs.provenance(id);
    const config = runs.config(id)!;
    const artifacts = runs.artifacts(id);
    const stages = runs.stages(id);
    return {
      summary: this.summary(row),
      config,
      stages,
      steps: this.#stepsOf(id, config, stages),
      attempts: runs.attempts(id),
      ...(provenance === undefined ? {} : { provenance }),
      artifacts,
      ...(row.endedAt === undefined && config.imported === undefined ? { working: filesIn(this.#runFolder(id)) } : {}),
      nextSeed: this.#store.lineage.lastSeed(row.dataset, row.configHash) + 1,
      trashed: this.#store.artifacts.trashed(id),
      needed: Object.fromEntries(
        artifacts.flatMap(({ name }) => {
          const reason = neededBecause(row, name);
          return reason === undefined ? [] : [[name, reason] as const];
        }),
      ),
      ...this.#store.measures.of(id),
      folder: this.#runFolder(id),
      ...(config.imported === undefined ? {} : { logged: this.#store.verifications.values(id, 'log') }),
      // What another program ran, no command of ours repeats.
      command: config.imported === undefined ? commandOf(requestOf(config, this.#cards), this.#cards) : '',
    };
  }

  /** Steps of an epoch of each stage. */
  #stepsOf(id: string, config: RunConfig, stages: RunDetail['stages']): Record<string, Steps> {
    const dataset = this.#store.datasets.get(config.dataset)?.summary;
    const isSame = dataset?.fingerprint.splitHash === this.#store.runs.records([id]).get(id)?.splitHash;
    const trainRows = isSame ? dataset?.train : undefined;
    const ids = new Map([...stages.map(({ id: stage, model }) => [stage, model] as const), [mainStage, config.model]]);
    return Object.fromEntries(
      [...ids].map(([stage, model]) => [
        stage,
        stepsOf(model === config.model ? config : withoutMirror(config), {
          trainRows,
          isTrained: this.#cards.find((card) => card.id === model)?.trained ?? true,
        }),
      ]),
    );
  }
}

/** A stage that pretrains another model does so without Mirror Gradient (training/identity.ts). */
const withoutMirror = (config: RunConfig): RunConfig => ({ ...config, budget: { ...config.budget, mirror: 0 } });

/** Seconds an epoch of the present stage has taken, everything included. */
function ownPace(run: OpenRun, progress: Progress, stages: RunDetail['stages']): number | undefined {
  if (progress.epoch === 0) return undefined;
  const before = stages.slice(0, progress.stageIndex).reduce((sum, stage) => sum + (stage.state === 'done' ? stage.seconds : 0), 0);
  return Math.max(0, run.elapsedSeconds - before) / progress.epoch;
}

function fromStart({ estimatedSeconds }: OpenRun): Estimate | undefined {
  if (estimatedSeconds === undefined) return undefined;
  return {
    seconds: estimatedSeconds,
    low: estimatedSeconds / 2,
    high: estimatedSeconds * 2,
    basis: 'from this machine’s speed',
  };
}

/** Files of a folder by name; what is renamed or gone meanwhile is left out, and a run that has not begun has none. */
function filesIn(folder: string): { file: string; bytes: number }[] {
  if (!existsSync(folder)) return [];
  return (
    readdirSync(folder)
      // Whoever writes holds the lock; it is no file of the run.
      .filter((file) => !file.startsWith('.') && file !== 'lock')
      .sort()
      .flatMap((file) => {
        const found = statSync(join(folder, file), { throwIfNoEntry: false });
        return found?.isFile() === true ? [{ file, bytes: found.size }] : [];
      })
  );
}
