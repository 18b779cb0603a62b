import type { ExperimentDetail } from '#contract/experiment.ts';
import type { Relative } from '#contract/lineage.ts';
import type { ModelCard } from '#contract/model-card.ts';
import { toProblem, type Problem } from '#contract/problem.ts';
import type { RunDetail, RunSummary, Series } from '#contract/run.ts';
import type { ConfigDiff } from '#contract/table.ts';
import { nearestGood } from './run-words.ts';
import { LiveRun } from './live-run.svelte.ts';
import { VerifyingState } from './verifying.svelte.ts';
import { studio } from './studio.svelte.ts';

/** Everything the page of one run shows: the live run, its record, its experiment, and the finished run nearest to it. */
export class RunDetailState {
  readonly live: LiveRun;
  readonly verifying: VerifyingState;
  #detail = $state.raw<RunDetail | undefined>();
  #experiment = $state.raw<ExperimentDetail | undefined>();
  #card = $state.raw<ModelCard | undefined>();
  #cards = $state.raw<readonly ModelCard[]>([]);
  #diff = $state.raw<ConfigDiff | undefined>();
  #parentDiff = $state.raw<ConfigDiff | undefined>();
  #nearest = $state.raw<RunSummary | undefined>();
  #nearestSeries = $state.raw<readonly Series[]>([]);
  #problem = $state.raw<Problem | undefined>();
  #turn = 0;

  constructor(id: string) {
    this.live = new LiveRun(id);
    this.verifying = new VerifyingState(id);
  }

  get id(): string {
    return this.live.id;
  }
  get detail(): RunDetail | undefined {
    return this.#detail;
  }
  get experiment(): ExperimentDetail | undefined {
    return this.#experiment;
  }
  get card(): ModelCard | undefined {
    return this.#card;
  }
  get cards(): readonly ModelCard[] {
    return this.#cards;
  }
  /** Settings of this run and the nearest finished one. */
  get diff(): ConfigDiff | undefined {
    return this.#diff;
  }
  /** Settings of this run and the run it was made from. */
  get parentDiff(): ConfigDiff | undefined {
    return this.#parentDiff;
  }
  get nearest(): RunSummary | undefined {
    return this.#nearest;
  }
  get nearestSeries(): readonly Series[] {
    return this.#nearestSeries;
  }
  get problem(): Problem | undefined {
    return this.#problem ?? (this.#detail === undefined ? this.live.problem : undefined);
  }
  /** The latest known summary: pushed while the run lives, else the record's. */
  readonly summary: RunSummary | undefined = $derived.by(() => this.live.summary ?? this.#detail?.summary);

  /** This run as its family has it: where it comes from, what was expected of it. */
  get self(): Relative | undefined {
    return this.#detail?.family?.find(({ id }) => id === this.id);
  }

  /** Reads the record; called again when the state of the run changes. */
  async load(): Promise<void> {
    const mine = ++this.#turn;
    try {
      const [detail, models] = await Promise.all([
        studio.call('runs.get', { id: this.id }),
        this.#cards.length > 0 ? { models: [...this.#cards] } : studio.call('models.list', {}),
      ]);
      if (mine !== this.#turn) return;
      this.#detail = detail;
      this.live.refresh(detail.summary);
      this.#cards = models.models;
      this.#card = models.models.find((card) => card.id === detail.summary.model);
      this.#problem = undefined;
      await this.#compareParent(detail, mine);
      const experiment = await studio.call('experiments.get', { id: detail.summary.experimentId });
      if (mine !== this.#turn) return;
      this.#experiment = experiment;
      await this.#compare(detail.summary, experiment.runs, mine);
    } catch (error) {
      if (mine !== this.#turn) return;
      // Without its record there is no page; without its experiment or a neighbour there is still the run.
      if (this.#detail === undefined) this.#problem = toProblem(error);
    }
  }

  close(): void {
    this.#turn++;
    this.live.close();
    this.verifying.close();
  }

  async #compareParent({ family, summary }: RunDetail, mine: number): Promise<void> {
    const parent = this.self?.parent;
    const isThere = parent !== undefined && family?.some(({ id, trashed }) => id === parent && trashed !== true) === true;
    if (!isThere || this.#parentDiff !== undefined) return;
    const diff = await studio.call('compare.configs', { runs: [summary.id, parent] });
    if (mine === this.#turn) this.#parentDiff = diff;
  }

  async #compare(run: RunSummary, others: readonly RunSummary[], mine: number): Promise<void> {
    const nearest = nearestGood(run, others);
    this.#nearest = nearest;
    if (nearest === undefined) return;
    const diff = await studio.call('compare.configs', { runs: [run.id, nearest.id] });
    if (mine === this.#turn) this.#diff = diff;
    if (run.state !== 'failed') return;
    const { series } = await studio.call('runs.series', { id: nearest.id, keys: ['loss', 'recall@20'], most: 8000 });
    if (mine === this.#turn) this.#nearestSeries = series;
  }
}
