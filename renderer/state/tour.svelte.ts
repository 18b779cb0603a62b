import type { Plan } from '#contract/experiment.ts';
import type { Problem } from '#contract/problem.ts';
import type { Settings } from '#contract/view.ts';
import type { ParsedOutputOf } from '#contract/procedures.ts';
import { firstDraft, suggestedName, toRequest } from './experiment-draft.ts';
import { forgetQueue } from './queue.svelte.ts';
import { router } from './router.svelte.ts';
import { settings } from './settings.svelte.ts';
import { attempt, studio } from './studio.svelte.ts';

/** The way from an empty data folder to a table: look at the machine, run the demo, compare, take the table. */
export const tourSteps = ['machine', 'run', 'compare', 'table'] as const;
export type TourStep = (typeof tourSteps)[number];

type Doctor = ParsedOutputOf<'studio.doctor'>;

/** Asked again where the connection was lost meanwhile: the frame says that, and the answer comes when the studio is back. */
async function asked<T>(work: () => Promise<T>): ReturnType<typeof attempt<T>> {
  for (;;) {
    const answer = await attempt(work);
    if (answer.problem?.code !== 'link.closed') return answer;
  }
}

class Tour {
  #isShown = $state(false);
  #doctor = $state.raw<Doctor | undefined>();
  #plan = $state.raw<Plan | undefined>();
  #problem = $state.raw<Problem | undefined>();
  #isStarting = $state(false);
  /** The demo that was looked for: once is enough, however often the status of the studio comes. */
  #sought: string | undefined;
  #experiment = $state<string | undefined>();
  /** Runs of the demo that are not over. */
  #open = $state<number | undefined>();
  #request: ReturnType<typeof toRequest>;

  get isShown(): boolean {
    return this.#isShown;
  }

  get doctor(): Doctor | undefined {
    return this.#doctor;
  }

  /** What "Run the demo" would start; undefined while the demo dataset is being drawn. */
  get plan(): Plan | undefined {
    return this.#plan;
  }

  get problem(): Problem | undefined {
    return this.#problem;
  }

  get isStarting(): boolean {
    return this.#isStarting;
  }

  get experiment(): string | undefined {
    return this.#experiment;
  }

  get openRuns(): number | undefined {
    return this.#open;
  }

  readonly step: TourStep = $derived.by(() => {
    if (this.#doctor === undefined) return 'machine';
    if (this.#experiment === undefined || this.#open !== 0) return 'run';
    // The list of comparisons alone has shown nothing of it yet.
    const { screen, id } = router.route;
    return screen === 'export' || (screen === 'compare' && id === this.#experiment) ? 'table' : 'compare';
  });

  /**
   * Shown by itself until somebody leaves it: over the datasets of a folder without runs, and over every screen from when its demo was
   * begun, in whichever window.
   */
  offer({ firstSteps, firstStepsExperiment: begun }: Pick<Settings, 'firstSteps' | 'firstStepsExperiment'>, runs: number): void {
    if (firstSteps !== 'open' || this.#isShown || this.#experiment !== undefined) return;
    if (begun !== undefined) void this.#resume(begun);
    else if (runs === 0 && router.route.screen === 'datasets') void this.begin();
  }

  /** Goes on with the demo that was begun; where it is gone nothing is shown. */
  async #resume(id: string): Promise<void> {
    if (this.#sought === id) return;
    this.#sought = id;
    const { value } = await asked(() => studio.call('experiments.get', { id }));
    if (value !== undefined && !this.#isShown) await this.begin(id);
  }

  async begin(experiment?: string): Promise<void> {
    this.#isShown = true;
    this.#problem = undefined;
    this.#experiment = experiment;
    this.#open = undefined;
    // One after the other: each may take a second, and the first already says something.
    const { value, problem } = await asked(() => studio.call('studio.doctor', {}));
    this.#doctor = value;
    this.#problem = problem;
    await (experiment === undefined ? this.#prepare() : this.count());
  }

  /** From Help: the same way again. */
  async replay(): Promise<void> {
    router.go('datasets');
    await this.begin();
  }

  leave(): void {
    this.#isShown = false;
    void settings.set({ firstSteps: 'left' });
  }

  async #prepare(): Promise<void> {
    const found = await asked(async () => {
      const [models, datasets, speeds] = await Promise.all([
        studio.call('models.list', {}),
        studio.call('datasets.list', {}),
        studio.call('devices.speeds', {}),
      ]);
      const draft = firstDraft(datasets.datasets, models.models, speeds.device);
      this.#request = toRequest(draft, suggestedName(draft, models.models, datasets.datasets));
      return this.#request === undefined ? undefined : studio.call('experiments.plan', this.#request);
    });
    this.#plan = found.value;
    this.#problem = found.problem ?? this.#problem;
  }

  async run(): Promise<void> {
    const request = this.#request;
    if (request === undefined) return;
    this.#isStarting = true;
    const { value, problem } = await attempt(() => studio.call('experiments.start', request));
    this.#isStarting = false;
    this.#problem = problem;
    if (value === undefined) return;
    this.#experiment = value.experimentId;
    this.#open = value.runIds.length;
    void settings.set({ firstSteps: 'open', firstStepsExperiment: value.experimentId });
    forgetQueue();
    router.go('queue');
  }

  /** Counts what is left of the demo; asked whenever the queue says that something changed. */
  async count(): Promise<void> {
    const id = this.#experiment;
    if (id === undefined) return;
    const { value } = await attempt(() => studio.call('experiments.get', { id }));
    if (value === undefined) return;
    this.#open = value.runs.filter(({ state }) => ['queued', 'preparing', 'running', 'paused', 'lost'].includes(state)).length;
  }
}

export const tour = new Tour();
