/** What pressing Start would do: the matrix with what is known and what cannot run, time, disk, and what to think about first. */
import type { Matrix, ParsedExperimentRequest, Plan } from '#contract/experiment.ts';
import type { LaneId } from '#contract/lane.ts';
import { stagesOf, type ModelCard } from '#contract/model-card.ts';
import { ProblemError } from '#contract/problem.ts';
import type { Budget, Estimate, RunConfig } from '#contract/run.ts';
import type { IndexedDataset } from '#store/datasets.ts';
import type { EqualRun } from '#store/past-runs.ts';
import type { Store } from '#store/store.ts';
import { commonBudget, configurationsOf, differencesText, type Configuration } from './configurations.ts';
import { commandOf } from './command-line.ts';
import { sweepFiles } from './sweep-text.ts';
import { totalOf, type Estimator } from './estimate.ts';
import { unequalIn, type Unequal } from './fairness.ts';
import { freeSpace } from './free-space.ts';
import { expectedSd, halfWidth } from './half-width.ts';
import { canonical } from './identity.ts';
import { impossibleOn, type Impossible } from './impossible.ts';
import { memoryPlan, type MemoryNeeds } from './memory-plan.ts';
import { nearest } from './nearest.ts';
import { checkImports, checkPin } from './request-checks.ts';
import { runBytes } from './run-bytes.ts';
import { stageConfig, suppliersIn, supplyingConfiguration, supplyOf, supplyPlace, SupplyTally } from './stage-supply.ts';
import { effectiveThreads, threadsRemark } from './threads.ts';

export interface PlannedStage {
  readonly id: string;
  readonly model: string;
  readonly key: string;
}

/** One run that would start, or a known one that would be reused: finished, or under way already. */
export interface PlannedCell {
  readonly dataset: IndexedDataset;
  readonly configuration: Configuration;
  readonly config: RunConfig;
  readonly stages: readonly PlannedStage[];
  readonly knownRun: EqualRun | undefined;
  readonly estimate: Estimate | undefined;
  /** The device it is bound to. */
  readonly pin?: LaneId | undefined;
}

export interface Expansion {
  readonly datasets: readonly IndexedDataset[];
  readonly configurations: readonly Configuration[];
  readonly cells: readonly PlannedCell[];
  readonly impossible: readonly Impossible[];
  /** Stages that no run has trained yet, each once. */
  readonly pretraining: { readonly stages: number; readonly seconds: number };
  /** How the stages of all planned runs come about. */
  readonly supplies: SupplyTally;
}

export interface Planner {
  readonly store: Store;
  readonly cards: readonly ModelCard[];
  readonly estimator: Estimator;
  readonly codeVersion: string;
  /** Absent where nobody asks how much memory is free. */
  readonly memory?: MemoryNeeds;
  /** Whether cold items alone can be ranked on a dataset; absent where nobody looks. */
  readonly hasColdItems?: (dataset: IndexedDataset) => boolean;
  /** Puts the source of a model of the person's own into the folder of a run that is about to be stored. Absent where there are none. */
  readonly keepSource?: (runId: string, model: string, hash: string) => void;
}

/**
 * Every run configuration of a request, resolved; `atOnce` runs will train side by side.
 * @throws ProblemError config.* for unknown datasets, models, presets and settings, naming the known ones and the nearest
 */
export function expand(planner: Planner, request: ParsedExperimentRequest, atOnce = 1): Expansion {
  const { store, cards, estimator } = planner;
  checkImports(request);
  checkPin(request);
  const datasets = askedDatasets(store, request.datasets);
  const configurations = configurationsOf(request, cards);
  const impossible = datasets.flatMap((dataset) =>
    impossibleOn(dataset.summary, configurations, () => planner.hasColdItems?.(dataset) ?? true),
  );
  const isImpossible = (dataset: string, model: string) => impossible.some((entry) => entry.dataset === dataset && entry.model === model);
  const cells: PlannedCell[] = [];
  const stageKeys = new Set<string>();
  /** What cells before this one train anyway, by their places: a finished MGCN serves as EGRA's pretraining of the same seed and settings. */
  const trained = new Map<string, number>();
  const supplies = new SupplyTally();
  const supplied = suppliersIn(planner);
  let planned = 0;
  let stageSeconds = 0;
  for (const dataset of datasets) {
    for (const configuration of configurations) {
      if (isImpossible(dataset.summary.id, configuration.card.id)) continue;
      const own = estimator.run(configuration.config, dataset.summary);
      for (const seed of new Set(request.seeds)) {
        const config: RunConfig = { ...configuration.config, dataset: dataset.summary.id, seed };
        const asked = stagesOf(configuration.card, config.hyper);
        const stages = asked.map((stage) => {
          const { budget, protocol, evaluation, itemGraph, device, threads } = config;
          const { id, model, settings } = stage;
          return {
            id,
            model,
            key: canonical({
              data: dataset.dataHash,
              seed,
              model,
              settings,
              budget,
              protocol,
              evaluation,
              itemGraph,
              device,
              threads,
              version: planner.codeVersion,
            }),
          };
        });
        const equal = request.runKnown ? undefined : store.past.equal(dataset.summary.id, dataset.dataHash, configuration.key, seed);
        const knownRun = equal !== undefined && hasSameFiles(config, store.runs.config(equal.id)) ? equal : undefined;
        const extra: (Estimate | undefined)[] = [];
        const isPlanned = knownRun === undefined;
        const isSupplied = asked.map((stage, at) => {
          const supplier = isPlanned ? supplyingConfiguration(config, stage, cards) : undefined;
          const before = supplier === undefined ? undefined : trained.get(supplyPlace(config, supplier));
          const past = supplier === undefined ? undefined : supplied({ config, dataHash: dataset.dataHash }, supplier);
          const { key } = stages[at]!;
          const isFinished = past === 'finished' || store.past.hasStage(key);
          const isShared = !isFinished && (stageKeys.has(key) || store.past.awaitsStage(key));
          // What stands in the queue already comes before all that is planned here.
          const ahead = past !== undefined ? Infinity : before === undefined ? undefined : planned - before;
          const way = supplyOf({ isFinished, ahead, isShared }, atOnce);
          const title = cards.find(({ id }) => id === stage.model)?.title ?? stage.model;
          if (isPlanned) supplies.add(configuration.card.title, title, way);
          return way !== 'own';
        });
        for (const [at, stage] of (knownRun === undefined ? stages : []).entries()) {
          if (isSupplied[at] === true || stageKeys.has(stage.key)) continue;
          stageKeys.add(stage.key);
          const estimate = estimator.run(stageConfig(config, asked[at]!), dataset.summary);
          stageSeconds += estimate?.seconds ?? 0;
          extra.push(estimate);
        }
        const place = supplyPlace(config, configuration.key);
        if (isPlanned && !trained.has(place)) trained.set(place, planned);
        if (isPlanned) planned += 1;
        const { pin } = request;
        cells.push({ dataset, configuration, config, stages, knownRun, estimate: totalOf([own, ...extra], 1), pin });
      }
    }
  }
  return { datasets, configurations, cells, impossible, pretraining: { stages: stageKeys.size, seconds: stageSeconds }, supplies };
}

/** Results brought from elsewhere are known only where their files are: other files of the same seed take the earlier ones' place. */
function hasSameFiles({ external }: RunConfig, known: RunConfig | undefined): boolean {
  if (external?.kind !== 'import' || known?.external?.kind !== 'import') return true;
  const hashes = (files: typeof external.files) => files.map(({ sha256 }) => sha256 ?? 'unknown').join(' ');
  return external.files.every(({ sha256 }) => sha256 !== undefined) && hashes(external.files) === hashes(known.external.files);
}

/** Datasets by their ids or names, each once. @throws ProblemError config.unknown-dataset */
export function askedDatasets(store: Store, asked: readonly string[]): readonly IndexedDataset[] {
  return [...new Map(asked.map((name) => askedDataset(store, name)).map((found) => [found.summary.id, found])).values()];
}

/** A dataset by its id, or by the name it was given: ids are made of names, so no two datasets differ in case alone. */
function askedDataset(store: Store, asked: string): IndexedDataset {
  const known = store.datasets.get(asked);
  if (known !== undefined) return known;
  const name = asked.toLowerCase();
  const named = store.datasets.list().filter(({ summary }) => summary.name.toLowerCase() === name);
  return named.length === 1 ? named[0]! : findDataset(store, asked);
}

/** @throws ProblemError config.unknown-dataset, naming the known ones and the nearest */
export function findDataset(store: Store, id: string): IndexedDataset {
  const found = store.datasets.get(id);
  if (found !== undefined) return found;
  const known = store.datasets.list().map((dataset) => dataset.summary.id);
  const near = nearest(id, known);
  throw new ProblemError({
    kind: 'config',
    code: 'config.unknown-dataset',
    message: `There is no dataset ${id}`,
    values: { found: id, known: known.join(', '), ...(near === undefined ? {} : { nearest: near }) },
    fix: `${near === undefined ? '' : `Did you mean ${near}? `}Known: ${known.length === 0 ? 'none yet; import one first' : known.join(', ')}.`,
  });
}

/**
 * What a request starts and what that takes: seconds with `concurrency` runs at a time, bytes on the disk of `home` and in memory, what is
 * known already and what cannot run; `written` is what its command and file say, where that is more. Nothing is stored. @throws ProblemError config.* as {@link expand}
 */
export async function planOf(
  planner: Planner,
  request: ParsedExperimentRequest,
  concurrency: number,
  home: string,
  written = request,
): Promise<Plan> {
  const expansion = expand(planner, request, concurrency);
  const { cells, datasets, impossible, pretraining } = expansion;
  const planned = cells.filter((cell) => cell.knownRun === undefined);
  const underway = cells.filter(isUnderway).length;
  const time = totalOf(
    planned.map((cell) => cell.estimate),
    concurrency,
  ) ?? { seconds: 0, low: 0, high: 0, basis: planned.length === 0 ? 'nothing to run' : 'estimating' };
  const seeds = new Set(request.seeds).size;
  const sds = datasets.flatMap(
    ({ summary }) => expectedSd(planner.store.past.seedVariances(summary.id), summary.fingerprint.splitHash) ?? [],
  );
  const width = sds.length === 0 ? undefined : halfWidth(Math.max(...sds), seeds);
  const budget = commonBudgetOf(request, expansion.configurations);
  const freeBytes = await freeSpace(home);
  const memory = planner.memory === undefined ? undefined : await memoryPlan(planner.memory, planned, concurrency);
  const bytesOf = runBytes(planner.store.past);
  const diskBytes = planned.reduce((sum, cell) => sum + bytesOf(cell), 0);
  const whole = { ...written, budget, threads: effectiveThreads(written.device, written.threads) };
  return {
    matrix: matrixOf(expansion, [...new Set(request.seeds)]),
    runs: planned.length,
    known: cells.length - planned.length - underway,
    underway,
    time,
    // Beside the time, and like it with runs side by side.
    pretraining: { ...pretraining, seconds: pretraining.seconds / Math.max(1, Math.min(concurrency, planned.length)) },
    diskBytes,
    freeBytes,
    ...(memory === undefined ? {} : { memory }),
    ...(width === undefined ? {} : { halfWidth: width }),
    budget,
    // What a run pretrains itself stands beside the time.
    notes: notesOf(request, expansion, {
      atOnce: concurrency,
      diskBytes,
      freeBytes,
      unequal: unequalIn(able(written, expansion), planner.cards),
    }),
    impossible: [...impossible],
    command: commandOf(whole, planner.cards),
    sweep: sweepFiles(whole),
  };
}

function isUnderway({ knownRun }: PlannedCell): boolean {
  return knownRun !== undefined && knownRun.state !== 'finished';
}

function matrixOf({ datasets, configurations, cells, impossible }: Expansion, seeds: number[]): Matrix {
  const drawn = cells.map((cell) => ({
    dataset: cell.config.dataset,
    model: cell.config.model,
    configuration: cell.configuration.key,
    seed: cell.config.seed,
    state: cell.knownRun === undefined ? ('planned' as const) : ('known' as const),
    masked: false,
    ...(cell.knownRun === undefined ? {} : { runId: cell.knownRun.id }),
    ...(isUnderway(cell) ? { reason: cell.knownRun?.state === 'queued' ? 'already queued' : 'already running' } : {}),
  }));
  const possible = new Set(cells.map((cell) => cell.configuration.key));
  return {
    datasets: datasets.map(({ summary }) => ({ id: summary.id, name: summary.name })),
    seeds,
    rows: configurations
      .filter((configuration) => possible.has(configuration.key) || !impossible.some((entry) => entry.model === configuration.card.id))
      .map(({ key, card, differences }) => ({
        configuration: key,
        model: card.id,
        title: card.title,
        differences: differencesText(differences),
        inferred: card.inferred,
      })),
    cells: drawn,
  };
}

type Note = Plan['notes'][number];

/** What nothing else in the plan says: the spread stands beside the seeds, pretraining beside its time. */
function notesOf(
  request: ParsedExperimentRequest,
  expansion: Expansion,
  facts: { readonly atOnce: number; readonly diskBytes: number; readonly freeBytes: number; readonly unequal: readonly Unequal[] },
): Note[] {
  const { cells, impossible } = expansion;
  // What runs nowhere is told with its reason, and nothing else is said about it.
  const able = new Set(cells.map((cell) => cell.configuration.key));
  const configurations = expansion.configurations.filter(({ key }) => able.has(key));
  const notes: Note[] = [];
  if (cells.length === 0)
    notes.push({
      level: 'blocking',
      text: impossible.length > 0 ? 'None of the chosen models can run on the chosen datasets.' : 'Nothing is chosen.',
    });
  if (facts.freeBytes > 0 && facts.diskBytes > facts.freeBytes)
    notes.push({ level: 'blocking', text: 'The disk has less free space than the runs will need.' });
  for (const reason of new Set(impossible.map((entry) => entry.reason))) notes.push({ level: 'note', text: `${reason}.` });
  const budget = commonBudgetOf(request, configurations);
  for (const { part, listed } of facts.unequal)
    notes.push({ level: 'unequal', text: `Not the same ${part} for all models: ${listed}; the budget is not equal.` });
  if (facts.unequal.length === 0 && configurations.length > 1) {
    const floor =
      budget.minEpochs > request.budget.minEpochs
        ? `, and misses count after epoch ${budget.minEpochs} for every model, because one of them needs it`
        : budget.minEpochs > 0
          ? `, and misses count after epoch ${budget.minEpochs}`
          : '';
    notes.push({ level: 'good', text: `One budget for all models: at most ${budget.epochs} epochs, patience ${budget.patience}${floor}.` });
  }
  if (request.evaluation.validation === 'nested')
    notes.push({
      level: 'note',
      text: 'Nested validation: a drawn half of its users chooses the epoch, the other half the configuration; curves are of the first, tables of the second.',
    });
  if (request.evaluation.candidates === 'cold-items')
    notes.push({
      level: 'note',
      text: 'Candidates are items without a train row alone, which a “cold items” split has: values are not comparable with those over all items.',
    });
  if (request.protocol === 'mmrec')
    notes.push({ level: 'note', text: 'MMRec protocol: values are compared rounded and test is scored every epoch; tables say so.' });
  notes.push(...unequalNotes(configurations), ...presetNotes(configurations));
  for (const words of expansion.supplies.words(facts.atOnce, ['before', 'shared', 'finished']))
    notes.push({ level: 'note', text: `${words}.` });
  const remark = threadsRemark(request.device, request.threads);
  if (remark !== undefined) notes.push({ level: 'note', text: remark });
  const inferred = [...new Set(configurations.filter(({ card }) => card.inferred).map(({ card }) => card.title))];
  if (inferred.length > 0)
    notes.push({ level: 'inferred', text: `${inferred.join(' and ')}: parts of the method are our reading of the paper.` });
  return notes;
}

/** The models of a request that run anywhere: nothing else is said about the others. */
function able(request: ParsedExperimentRequest, { cells }: Expansion): ParsedExperimentRequest {
  const running = new Set(cells.map(({ config }) => config.model));
  return { ...request, models: request.models.filter(({ model }) => running.has(model)) };
}

/** The budget that the experiment says; results brought along have their own. */
function commonBudgetOf(request: ParsedExperimentRequest, configurations: readonly Configuration[]): Budget {
  const brought = configurations.find(({ config }) => config.external?.kind === 'import');
  const cards = configurations.map(({ card }) => card);
  return brought === undefined ? commonBudget(request, cards) : brought.config.budget;
}

/** Where models do not train alike, because one was given a width or a learning rate of its own. */
function unequalNotes(configurations: readonly Configuration[]): Note[] {
  const parts = [
    ['learningRate', 'learning rate'],
    ['width', 'width'],
  ] as const;
  return parts.flatMap(([key, words]) => {
    const byValue = new Map<number, Set<string>>();
    for (const { card, config } of configurations)
      if (card.trained && config.external === undefined)
        byValue.set(config.budget[key], (byValue.get(config.budget[key]) ?? new Set()).add(card.title));
    // One model with several values is a sweep over them; it is seen in its rows.
    if (byValue.size < 2 || new Set([...byValue.values()].flatMap((titles) => [...titles])).size < 2) return [];
    const listed = [...byValue].map(([value, titles]) => `${value} (${[...titles].join(', ')})`).join(', ');
    const why = key === 'learningRate' ? 'tuned for each model' : 'the budget is not equal';
    return [{ level: 'note', text: `Not the same ${words} for all models: ${listed}; ${why}.` }];
  });
}

/** Published settings that were trained otherwise than this experiment trains: the budget is equal for all models, so the plan says it. */
function presetNotes(configurations: readonly Configuration[]): Note[] {
  const texts = configurations.flatMap(({ card, config }) => {
    const preset = card.presets.find(({ id }) => id === config.preset);
    const { learningRate, batchSize, epochs } = config.budget;
    const own = { learningRate, batchSize, epochs };
    const asked = [
      ['learningRate', 'learning rate'],
      ['batchSize', 'batch'],
      ['epochs', 'epochs at most'],
    ] as const;
    const differing = asked.flatMap(([key, words]) => {
      const published = preset?.training?.[key];
      return published === undefined || published === own[key] ? [] : [`${words} ${published} (here ${own[key]})`];
    });
    return differing.length === 0 ? [] : [`${card.title}, ${preset!.title ?? preset!.id}: published with ${differing.join(', ')}.`];
  });
  return [...new Set(texts)].map((text) => ({ level: 'note', text }));
}
