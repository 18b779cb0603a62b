/** Experiments: started whole in one transaction, shown as a matrix, frozen once. */
import type { ExperimentDetail, ExperimentSummary, Matrix, ParsedExperimentRequest } from '#contract/experiment.ts';
import type { Origin } from '#contract/lineage.ts';
import { ProblemError } from '#contract/problem.ts';
import { mainStage, type Estimate } from '#contract/run.ts';
import type { MatrixRow, StoredExperiment } from '#store/experiments.ts';
import type { Tile } from '#store/tiles.ts';
import { differencesText } from './configurations.ts';
import { totalOf } from './estimate.ts';
import { unequalIn, unequalWords } from './fairness.ts';
import { newId } from './identity.ts';
import { hasNothingToSelect, selectsNothing, settleMask } from './masking.ts';
import { isSearch } from './search/studies.ts';
import type { Bound } from './lanes.ts';
import { expand, type PlannedCell, type Planner } from './plan.ts';
import type { RunView } from './run-view.ts';
import { checksOf, selectionOf } from './selection.ts';

export interface Started {
  readonly experimentId: string;
  readonly runIds: string[];
  readonly known: number;
}

export interface Descent {
  readonly parentId?: string;
  readonly origin?: Origin;
  readonly archivedAt?: number;
}

/** How an experiment's configurations came about, and what of it has no result yet. */
interface Audited {
  readonly search?: string;
  readonly incomplete?: string;
  readonly choosesNothing?: boolean;
  /** Runs in the trash. */
  readonly trashed?: number;
}

/** Where the search of an experiment stands; undefined for a plain grid. */
export type SearchStates = (
  id: string,
  isFrozen: boolean,
) => { readonly search: NonNullable<ExperimentSummary['search']>; readonly done: number } | undefined;

/** How many runs of a device, bound or not, are at work at once. */
export type Places = (run: Bound) => number;

export class Experiments {
  readonly #planner: Planner;
  readonly #view: RunView;
  readonly #places: Places;
  readonly #searchState: SearchStates;

  constructor(planner: Planner, view: RunView, places: Places, searchState: SearchStates = () => undefined) {
    this.#searchState = searchState;
    this.#planner = planner;
    this.#view = view;
    this.#places = places;
  }

  /** Stores the experiment and its runs; the queue starts them. `runIds` are all its runs in matrix order, known ones included. */
  start(request: ParsedExperimentRequest, now: number): Started {
    const { store } = this.#planner;
    const { cells, impossible } = expand(this.#planner, request, this.#places(request));
    if (cells.length === 0) {
      throw new ProblemError({
        kind: 'config',
        code: 'experiment.impossible',
        message: impossible.map(({ reason }) => reason).join('; '),
        fix: 'Choose other models, or a dataset with what they need.',
      });
    }
    const isOpen = hasNothingToSelect(cells.map((cell) => ({ dataset: cell.config.dataset, configuration: cell.configuration.key })));
    const planned = cells.filter((cell) => cell.knownRun === undefined);
    const estimated = totalOf(
      planned.map((cell) => cell.estimate),
      this.#places(request),
    );
    return store.transaction(() => {
      const id = this.create(request, cells, estimated?.seconds, now);
      return { experimentId: id, ...this.extend(id, cells, now, isOpen) };
    });
  }

  /** Stores an experiment that has no cells yet; `cells` are those that it will have, for its name. */
  create(request: ParsedExperimentRequest, cells: readonly PlannedCell[], estimatedSeconds: number | undefined, now: number): string {
    const id = newId('exp');
    this.#planner.store.experiments.insert({
      id,
      name: request.name === '' ? defaultName(cells) : request.name,
      question: request.question,
      note: request.note,
      createdAt: now,
      protocol: request.protocol,
      request,
      ...(estimatedSeconds === undefined ? {} : { estimatedSeconds }),
    });
    return id;
  }

  /** Queues more cells of an experiment; those that it has already are passed over. Call in a transaction. */
  extend(id: string, asked: readonly PlannedCell[], now: number, testShown = false): { readonly runIds: string[]; readonly known: number } {
    const { store } = this.#planner;
    const name = (dataset: string, configuration: string, seed: number) => `${dataset}\n${configuration}\n${seed}`;
    const present = new Set(store.experiments.cells(id).map((cell) => name(cell.dataset, cell.configuration, cell.seed)));
    const cells = asked.filter(({ config, configuration }) => !present.has(name(config.dataset, configuration.key, config.seed)));
    const cloned = store.experiments.get(id)?.request.parent;
    const runIds = cells.map((cell) => cell.knownRun?.id ?? this.insertRun(id, cell, { testShown, ...originOf(store, cloned, cell) }, now));
    this.#append(id, cells, runIds);
    const known = cells.flatMap((cell) => cell.knownRun?.id ?? []);
    for (const runId of known) settleMask(store, runId);
    return { runIds, known: known.length };
  }

  /** Queues one more run of an experiment as a cell of its matrix. Call in a transaction. */
  addCell(id: string, cell: PlannedCell, more: Descent & { readonly testShown: boolean }, now: number): string {
    const runId = this.insertRun(id, cell, more, now);
    this.#append(id, [{ ...cell, knownRun: undefined }], [runId]);
    return runId;
  }

  #append(id: string, cells: readonly PlannedCell[], runIds: readonly string[]): void {
    this.#planner.store.experiments.append(
      id,
      [...new Map(cells.map(({ configuration }) => [configuration.key, configuration])).values()].map(({ key, card, differences }) => ({
        configuration: key,
        model: card.id,
        title: card.title,
        differences: differencesText(differences),
        inferred: card.inferred,
      })),
      cells.map((cell, index) => ({
        dataset: cell.config.dataset,
        configuration: cell.configuration.key,
        model: cell.config.model,
        seed: cell.config.seed,
        runId: runIds[index]!,
        known: cell.knownRun !== undefined,
      })),
    );
  }

  /** Queues a run of an experiment, without a cell of its matrix. */
  insertRun(experimentId: string, cell: PlannedCell, more: Descent & { readonly testShown: boolean }, now: number): string {
    const id = newId('run');
    const { card, differences, key } = cell.configuration;
    // Before the run is stored: one without its source could not start.
    if (cell.config.source !== undefined) this.#planner.keepSource?.(id, card.id, cell.config.source);
    this.#planner.store.runs.insert({
      id,
      experimentId,
      datasetName: cell.dataset.summary.name,
      dataHash: cell.dataset.dataHash,
      modelTitle: card.title,
      inferred: card.inferred,
      configuration: key,
      config: cell.config,
      differences,
      createdAt: now,
      estimate: cell.estimate,
      ...(cell.pin === undefined ? {} : { pin: cell.pin }),
      ...more,
      stages: [...cell.stages, { id: mainStage, model: card.id, key: '' }],
    });
    return id;
  }

  /** @throws ProblemError experiment.unknown */
  find(id: string): StoredExperiment {
    const found = this.#planner.store.experiments.get(id);
    if (found !== undefined) return found;
    throw new ProblemError({
      kind: 'config',
      code: 'experiment.unknown',
      message: `There is no experiment ${id}`,
      values: { id },
      fix: 'The list of experiments has the ids: avocet experiments.',
    });
  }

  matrix(id: string): Matrix {
    const { tiles } = this.#planner.store;
    return matrixOf(tiles.of([id]).get(id)!, tiles.rows([id]).get(id)!);
  }

  summary(experiment: StoredExperiment): ExperimentSummary {
    return this.summaries([experiment])[0]!;
  }

  /** In the order given; asked together they cost a few statements, not a few each. */
  summaries(experiments: readonly StoredExperiment[]): ExperimentSummary[] {
    const ids = experiments.map(({ id }) => id);
    const { tiles } = this.#planner.store;
    const [runs, rows] = [tiles.of(ids), tiles.rows(ids)];
    return experiments.map((experiment) => this.#summary(experiment, runs.get(experiment.id)!, rows.get(experiment.id)!));
  }

  #timeOf(runs: readonly Tile[], atOnce: number): Estimate | undefined {
    return totalOf(this.#view.timesLeft(this.#planner.store.runs.open(runs.map((run) => run.id)), atOnce), atOnce);
  }

  #summary(experiment: StoredExperiment, runs: readonly Tile[], rows: readonly MatrixRow[]): ExperimentSummary {
    const own = runs.filter((run) => run.experimentId === experiment.id);
    const matrix = matrixOf(runs, rows);
    const count = (...states: Tile['state'][]) => runs.filter((run) => states.includes(run.state)).length;
    const open = runs.filter((run) => run.state === 'queued' || run.state === 'preparing' || run.state === 'running');
    const { request } = experiment;
    const timeLeft = open.length === 0 ? undefined : this.#timeOf(open, this.#places(request));
    const { id, name, question, note, createdAt, protocol, frozenAt, estimatedSeconds } = experiment;
    const unequal = unequalWords(unequalIn(request, this.#planner.cards));
    const state = request.search === undefined ? undefined : this.#searchState(id, frozenAt !== undefined);
    return {
      id,
      name,
      question,
      note,
      createdAt,
      protocol,
      runs: runs.length,
      finished: count('finished'),
      failed: count('failed'),
      running: count('preparing', 'running'),
      waiting: count('queued'),
      datasets: matrix.datasets.map((dataset) => dataset.id),
      models: [...new Set(matrix.rows.map((row) => row.model))],
      seeds: matrix.seeds.length,
      matrix,
      coverage:
        state === undefined
          ? {
              done: matrix.cells.filter((cell) => cell.state === 'finished' || cell.state === 'known').length,
              of: runs.length,
              unit: 'runs',
            }
          : { done: state.done, of: state.search.trials, unit: 'trials' },
      ...(state === undefined ? {} : { search: state.search }),
      ...(unequal === '' ? {} : { unequal }),
      ...(frozenAt === undefined ? {} : { frozenAt }),
      choosesNothing: (request.search === undefined || !isSearch(request.search)) && hasNothingToSelect(matrix.cells),
      ...(timeLeft === undefined ? {} : { timeLeft }),
      ...(estimatedSeconds === undefined ? {} : { estimatedSeconds }),
      elapsedSeconds: own.reduce((sum, run) => sum + run.elapsedSeconds, 0),
    };
  }

  /** How its configurations came about, and whether all of it has a result, for captions and the record of a selection. */
  audit(id: string): Audited {
    return auditOf(this.summary(this.find(id)));
  }

  list(): ExperimentSummary[] {
    return this.summaries(this.#planner.store.experiments.list());
  }

  /** With its selection; before it is frozen, what freezing would choose and what speaks against it. @throws ProblemError experiment.unknown */
  detail(id: string): ExperimentDetail {
    const experiment = this.find(id);
    const { store } = this.#planner;
    const runs = store.runs.ofExperiment(id);
    const rows = store.experiments.rows(id);
    const cells = store.experiments.cells(id);
    const isOpen = selectsNothing(store, id);
    const { selection } = experiment;
    const summary = this.summary(experiment);
    const audit = auditOf(summary);
    const gone = summary.matrix.cells.flatMap((cell) => (cell.trashed === true && cell.runId !== undefined ? [cell.runId] : []));
    const would =
      selection === undefined && !isOpen
        ? {
            selection: { ...selectionOf(rows, cells, runs, 0), ...audit },
            checks: checksOf(rows, cells, runs, {
              ...audit,
              gone: new Set(gone),
              seen: store.experiments.shownBefore(runs.map((run) => run.id)),
            }),
          }
        : undefined;
    return {
      summary,
      ...(selection === undefined ? {} : { selection }),
      ...(would === undefined ? {} : { wouldFreeze: would }),
      runs: this.#view.summaries(runs),
      trashed: gone,
    };
  }
}

function auditOf({ search, coverage, choosesNothing, matrix }: ExperimentSummary): Audited {
  const trashed = matrix.cells.filter((cell) => cell.trashed === true).length;
  return {
    ...(trashed === 0 ? {} : { trashed }),
    ...(choosesNothing ? { choosesNothing } : {}),
    ...(search === undefined ? {} : { search: search.words }),
    ...(coverage === undefined || coverage.done >= coverage.of ? {} : { incomplete: `${coverage.done}/${coverage.of} ${coverage.unit}` }),
  };
}

/** What a run comes from: nothing but its seed changed makes it another seed of its parent. */
function originOf(store: Planner['store'], parentId: string | undefined, cell: PlannedCell): Descent {
  const parent = parentId === undefined ? undefined : store.runs.stored(parentId);
  if (parent === undefined) return {};
  const isEqual = parent.configuration === cell.configuration.key && parent.dataset === cell.config.dataset;
  return { parentId: parent.id, origin: isEqual ? 'seed' : 'clone' };
}

function matrixOf(runs: readonly Tile[], rows: readonly MatrixRow[]): Matrix {
  const names = new Map(runs.map((run) => [run.dataset, run.datasetName]));
  return {
    datasets: [...names].map(([id, name]) => ({ id, name })),
    seeds: [...new Set(runs.map((run) => run.seed))],
    rows: [...rows],
    cells: runs.map((run) => {
      const progress = progressOf(run);
      return {
        dataset: run.dataset,
        configuration: run.configuration,
        model: run.model,
        seed: run.seed,
        runId: run.id,
        state: run.known && run.state === 'finished' ? ('known' as const) : run.state,
        masked: run.masked,
        ...(progress === undefined ? {} : { progress }),
        ...(run.reason === undefined ? {} : { reason: run.reason }),
        ...(run.halted === true ? { halted: true } : {}),
        ...(run.trashed === true ? { trashed: true } : {}),
      };
    }),
  };
}

function progressOf(run: Tile): number | undefined {
  if (run.progress === undefined) return undefined;
  const { stageIndex, stageCount, epoch, epochLimit, patience, misses, minEpochs } = run.progress;
  // As far as is known the stage ends when its patience does; that end moves away with every new best.
  const end = Math.min(epochLimit, Math.max(epoch, minEpochs) + Math.max(1, patience + 1 - misses));
  return (stageIndex + Math.min(1, epoch / Math.max(1, end))) / stageCount;
}

function defaultName(cells: readonly PlannedCell[]): string {
  const list = (names: readonly string[]) =>
    names.length < 3 ? names.join(' and ') : `${names.slice(0, -1).join(', ')} and ${names[names.length - 1]!}`;
  const models = [...new Set(cells.map((cell) => cell.configuration.card.title))];
  const datasets = [...new Set(cells.map((cell) => cell.dataset.summary.name))];
  return `${models.length > 4 ? `${models.length} models` : list(models)} on ${list(datasets)}`.slice(0, 120);
}
