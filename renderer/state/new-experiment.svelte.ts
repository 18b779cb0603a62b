import type { ExperimentRequest, Matrix, Plan } from '#contract/experiment.ts';
import type { HyperValue, ModelCard } from '#contract/model-card.ts';
import type { OwnModels } from '#contract/own-model.ts';
import { toProblem, type Problem } from '#contract/problem.ts';
import type { ParsedOutputOf } from '#contract/procedures.ts';
import type { Speeds } from '#contract/speed.ts';
import { fieldOf } from '#contract/training-fields.ts';
import { heard } from '#renderer/locales/language.svelte.ts';
import {
  emptyDraft,
  firstDraft,
  fromRequest,
  newModelDraft,
  ownCardOf,
  suggestedName,
  toRequest,
  withChanges,
  type ExperimentDraft,
  type ModelDraft,
} from './experiment-draft.ts';
import { HalfTyped } from './half-typed.svelte.ts';
import { keepForm, keptForm } from './kept-form.ts';
import { plannedMatrix, withSweepWords } from './planned-matrix.ts';
import { probedDevices, type Device } from './probed-devices.ts';
import { forgetQueue } from './queue.svelte.ts';
import { readTyped, withBetween, withPreset, withValue, withVariation } from './setting-rows.ts';
import { studio } from './studio.svelte.ts';
import { toasts } from './toasts.svelte.ts';

type Dataset = ParsedOutputOf<'datasets.list'>['datasets'][number];

const planAfterMs = 120;
/** While folders of the person's own models are being checked, the list is asked for again after so long. */
const lookAfterMs = 1000;

/** The one experiment being put together. It outlives the page, so that leaving the screen loses nothing. */
class NewExperiment {
  #draft = $state.raw<ExperimentDraft>(emptyDraft);
  #cards = $state.raw<readonly ModelCard[]>([]);
  #own = $state.raw<OwnModels>({ folder: '', broken: [], checking: [] });
  #looking: ReturnType<typeof setTimeout> | undefined;
  #datasets = $state.raw<readonly Dataset[]>([]);
  #devices = $state.raw<readonly Device[]>([]);
  #speeds = $state.raw<Speeds | undefined>();
  #plan = $state.raw<Plan | undefined>();
  #planProblem = $state.raw<Problem | undefined>();
  #problem = $state.raw<Problem | undefined>();
  #isLoaded = $state(false);
  #isPlanning = $state(false);
  #isStarting = $state(false);
  #clonedFrom = $state<string | undefined>();
  #turn = 0;
  /** The request that the plan answers, as text. */
  #planned: string | undefined;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #isTouched = false;
  /** There has been an experiment: the offer of a first one is over, and their list need not be read again. */
  #hasPast = false;

  /** What the address asks for and was put into the form, a dataset once it is there: what takes its place stays, until the page is left. */
  answered: string | undefined;
  readonly typed = new HalfTyped();
  /** Another number for every draft put into the form whole: what is half typed in a field belongs to the one it was typed for. */
  forms = $state(0);
  get draft(): ExperimentDraft {
    return this.#draft;
  }
  get cards(): readonly ModelCard[] {
    return this.#cards;
  }
  /** Where models of the person's own lie, and which of them cannot be used. */
  get own(): OwnModels {
    return this.#own;
  }
  get devices(): readonly Device[] {
    return this.#devices;
  }
  /** What was measured of the devices, and which one new experiments start with. */
  get speeds(): Speeds | undefined {
    return this.#speeds;
  }
  get plan(): Plan | undefined {
    return this.#plan;
  }
  get planProblem(): Problem | undefined {
    return this.#planProblem;
  }
  /** Why the screen itself cannot be shown. */
  get problem(): Problem | undefined {
    return this.#problem;
  }
  get isLoaded(): boolean {
    return this.#isLoaded;
  }
  get isPlanning(): boolean {
    return this.#isPlanning;
  }
  get isStarting(): boolean {
    return this.#isStarting;
  }
  get clonedFrom(): string | undefined {
    return this.#clonedFrom;
  }

  /** Cards of all models, those of the person's own in this experiment among them. */
  readonly allCards: readonly ModelCard[] = $derived([...this.#cards, ...this.#draft.models.flatMap((choice) => ownCardOf(choice) ?? [])]);
  /** Archived ones are no longer offered; one that is in the form, by a clone or a file, can be seen and put away. */
  readonly datasets: readonly Dataset[] = $derived(
    this.#datasets.filter(({ id, archivedAt }) => archivedAt === undefined || this.#draft.datasets.includes(id)),
  );
  readonly suggestedName = $derived(suggestedName(this.#draft, this.allCards, this.#datasets));
  readonly request: ExperimentRequest | undefined = $derived(toRequest(this.#draft, this.suggestedName));
  /** The studio's matrix; until it answers, the one expanded here. */
  readonly matrix: Matrix | undefined = $derived.by(() => {
    if (this.request === undefined) return undefined;
    // Which settings a search tries the studio says; until it has answered, what it said last.
    if (this.request.search !== undefined) return this.#plan?.matrix;
    const planned = plannedMatrix(this.request, this.allCards, this.#datasets);
    return this.#plan !== undefined && !this.#isPlanning ? withSweepWords(this.#plan.matrix, planned) : planned;
  });
  /** The first setting that holds no legal value, as it stands on the screen. */
  readonly wrongSetting: string | undefined = $derived.by(() => {
    const { first } = this.typed;
    const card = first === undefined ? undefined : this.cardOf(this.#draft.models[first.at]?.model ?? '');
    return card === undefined || first === undefined ? undefined : `${card.title}: ${heard(fieldOf(card, first.key)?.label) ?? first.key}`;
  });

  cardOf(model: string): ModelCard | undefined {
    return this.allCards.find((card) => card.id === model);
  }

  /** Reads cards, datasets and devices; at first start it puts the demo comparison together. `from` is a run to repeat. */
  async load(
    wish: {
      from?: string | undefined;
      dataset?: string | undefined;
      model?: string | undefined;
      set?: Readonly<Record<string, string | undefined>>;
    } = {},
  ): Promise<void> {
    try {
      const [models, datasets, speeds, past] = await Promise.all([
        studio.call('models.list', {}),
        studio.call('datasets.list', {}),
        studio.call('devices.speeds', {}),
        this.#isTouched || this.#hasPast ? undefined : studio.call('experiments.list', {}),
      ]);
      this.#hasPast ||= past !== undefined && past.experiments.length > 0;
      this.#takeModels(models);
      this.#datasets = datasets.datasets;
      this.#speeds = speeds;
      this.#restore(wish.from);
      // After Undo, Clear or a tick the address still asks for it, and the lists are read again when a job ends.
      const asked = [wish.from, wish.dataset, wish.model].join('/');
      const isNews = asked !== this.answered;
      const isThere = datasets.datasets.some(({ id }) => id === wish.dataset);
      if (isNews && wish.from !== undefined && wish.from !== this.#clonedFrom) {
        const request = await studio.call('experiments.fromRun', { id: wish.from });
        const isOver = this.#isTouched && this.#draft.models.length > 0;
        const back = this.#replace(withChanges(fromRequest(request), wish.set ?? {}), wish.from);
        if (isOver) toasts.say('The run is in the form, in place of what was there', back);
      } else if (isNews && isThere) this.#draft = { ...this.#draft, datasets: [wish.dataset!] };
      // The demo set is made by the studio in the background: as long as nobody touched the form, the offer follows it.
      if (!this.#isTouched && this.#draft.models.length === 0) {
        const first = firstDraft(this.datasets, models.models, speeds.device);
        const isFirst = !this.#hasPast && wish.dataset === undefined && wish.model === undefined;
        this.#draft = isFirst ? first : { ...first, models: [], datasets: wish.dataset === undefined ? first.datasets : [wish.dataset] };
      }
      // Measured meanwhile: the offer follows that too.
      if (!this.#isTouched) this.#draft = { ...this.#draft, device: speeds.device };
      const wished = wish.model === undefined ? undefined : this.cardOf(wish.model);
      if (isNews && wished !== undefined && !this.#draft.models.some((choice) => choice.model === wished.id)) {
        this.#draft = { ...this.#draft, models: [...this.#draft.models, newModelDraft(wished)] };
      }
      if (wish.dataset === undefined || isThere) this.answered = asked;
      this.#problem = undefined;
      this.#isLoaded = true;
      this.#replan(0);
    } catch (error) {
      this.#problem = toProblem(error);
      return;
    }
    // The form does not wait for it.
    this.#devices = (await probedDevices()) ?? this.#devices;
  }

  /** Puts back what stood in the form when the page was loaded again, as far as it can still be run; `from` is the run that the address asks for. */
  #restore(from: string | undefined): void {
    const kept = this.#isTouched ? undefined : keptForm();
    if (kept === undefined || (from !== undefined && from !== kept.from)) return;
    if (!kept.request.datasets.every((id) => this.#datasets.some((dataset) => dataset.id === id))) return;
    [this.#draft, this.#clonedFrom, this.#isTouched] = [fromRequest(kept.request), kept.from, true];
  }

  /** The list of models as it is now: their folders may have changed. */
  async lookAtModels(): Promise<void> {
    try {
      this.#takeModels(await studio.call('models.list', {}));
      this.#replan(planAfterMs);
    } catch {
      // The studio is away; the next look finds it.
    }
  }

  /** Writes a folder for a model of the person's own. */
  async createModel(id: string): Promise<{ folder: string; problem?: undefined } | { problem: Problem; folder?: undefined }> {
    try {
      const { folder } = await studio.call('models.create', { id });
      await this.lookAtModels();
      return { folder };
    } catch (error) {
      return { problem: toProblem(error) };
    }
  }

  #takeModels({ models, own }: ParsedOutputOf<'models.list'>): void {
    this.#cards = models;
    this.#own = own;
    clearTimeout(this.#looking);
    if (own.checking.length > 0) this.#looking = setTimeout(() => void this.lookAtModels(), lookAfterMs);
  }

  change(part: Partial<ExperimentDraft>): void {
    this.#isTouched = true;
    this.#draft = { ...this.#draft, ...part };
    this.#replan(planAfterMs);
  }

  toggleDataset(id: string): void {
    const chosen = this.#draft.datasets.includes(id) ? this.#draft.datasets.filter((other) => other !== id) : [...this.#draft.datasets, id];
    // Shown in the order of the list, whatever the order of the clicks.
    this.change({ datasets: this.#datasets.map((dataset) => dataset.id).filter((other) => chosen.includes(other)) });
  }

  toggleModel(id: string): void {
    const { models } = this.#draft;
    const card = this.cardOf(id);
    if (models.some((choice) => choice.model === id)) this.#order(models.filter((choice) => choice.model !== id));
    else if (card !== undefined) this.#order([...models, newModelDraft(card)]);
  }

  /** Adds a model of the person's own, or takes the place of the one at `at`. */
  putOwn(choice: ModelDraft, at?: number): void {
    const { models } = this.#draft;
    this.#order(at === undefined ? [...models, choice] : models.map((other, index) => (index === at ? choice : other)));
  }

  /** One more row of a model under another preset or ablation, or that row away again. */
  toggleVariant(model: string, preset: string): void {
    const { models } = this.#draft;
    const at = models.findIndex((choice) => choice.model === model && choice.preset === preset);
    if (at >= 0) return this.removeModel(at);
    const last = models.map((choice) => choice.model).lastIndexOf(model);
    this.#order([...models.slice(0, last + 1), { model, preset, values: {}, vary: {} }, ...models.slice(last + 1)]);
  }

  removeModel(at: number): void {
    this.#order(this.#draft.models.filter((_, index) => index !== at));
  }

  setPreset(at: number, preset: string | undefined): void {
    this.#order(this.#draft.models.map((choice, index) => (index === at ? withPreset(choice, preset) : choice)));
  }

  /** Takes what was typed: a legal value at once, anything else is kept with its fault until it is put right. */
  type(at: number, key: string, text: string): void {
    const choice = this.#draft.models[at];
    const card = choice === undefined ? undefined : this.cardOf(choice.model);
    const field = card === undefined ? undefined : fieldOf(card, key);
    if (card === undefined || field === undefined) return;
    const read = readTyped(field, text);
    if (read.fault !== undefined) return this.typed.put(at, key, { text, fault: read.fault });
    this.typed.forget(at, key);
    this.setValue(at, key, read.value);
  }

  setValue(at: number, key: string, value: HyperValue): void {
    this.#changeModel(at, (choice) => {
      const card = this.cardOf(choice.model);
      return card === undefined ? choice : withValue(card, choice, key, value, this.#draft.budget);
    });
  }

  vary(at: number, key: string, values: readonly HyperValue[]): void {
    this.typed.forget(at, key);
    this.#changeModel(at, (choice) => withVariation(choice, key, values));
  }

  varyAgain(at: number, key: string, first: readonly HyperValue[]): void {
    this.vary(at, key, this.typed.valuesPutAway(at, key) ?? first);
  }

  stopVarying(at: number, key: string): void {
    this.typed.putAway(at, key, this.#draft.models[at]?.vary[key] ?? []);
    this.vary(at, key, []);
  }

  /** Whether a varied field is drawn from its whole range. */
  drawBetween(at: number, key: string, draws: boolean): void {
    this.#changeModel(at, (choice) => withBetween(choice, key, draws));
  }

  /** Asks for the plan again where something beside the draft has changed. */
  planAgain(): void {
    this.#planned = undefined;
    this.#replan(0);
  }

  /** Puts the experiment of a file into the form; what it returns puts back what was there. */
  fill(request: ExperimentRequest): () => void {
    return this.#replace(fromRequest(request));
  }

  /** An empty form on the same datasets; what it returns puts back what was there. */
  reset(): () => void {
    return this.#replace({ ...emptyDraft, device: this.#draft.device, datasets: this.#draft.datasets });
  }

  /** Takes the place of the whole draft: what the new one does not say, a search or a pin, must not stay from the one before. */
  #replace(draft: ExperimentDraft, from?: string): () => void {
    const [before, clonedFrom] = [this.#draft, this.#clonedFrom];
    const show = (next: ExperimentDraft, parent: string | undefined) => {
      [this.#clonedFrom, this.#isTouched] = [parent, true];
      this.#draft = next;
      this.forms++;
      this.#replan(planAfterMs);
    };
    const back = this.typed.clear();
    show(draft, from);
    return () => {
      back();
      show(before, clonedFrom);
    };
  }

  /** Starts what the plan says; gives the experiment's id back, or a problem. */
  async start(): Promise<{ id: string; problem?: undefined } | { problem: Problem; id?: undefined }> {
    const request = this.request;
    if (request === undefined) throw new Error('start() without a dataset, a model and a seed');
    this.#isStarting = true;
    try {
      const parent = this.#clonedFrom;
      const { experimentId } = await studio.call('experiments.start', { ...request, ...(parent && { parent }) });
      forgetQueue();
      // The settings stay for the next experiment; its name and question are another's.
      this.#clonedFrom = undefined;
      this.#planned = undefined;
      this.change({ name: '', question: '', note: '', runKnown: false });
      return { id: experimentId };
    } catch (error) {
      return { problem: toProblem(error) };
    } finally {
      this.#isStarting = false;
    }
  }

  #changeModel(at: number, make: (choice: ModelDraft) => ModelDraft): void {
    this.change({ models: this.#draft.models.map((choice, index) => (index === at ? make(choice) : choice)) });
  }

  /** Models taken away, put in or put elsewhere: what is half typed goes with its model, and with one that another takes the place of. */
  #order(models: readonly ModelDraft[]): void {
    this.typed.follow(models.map((choice) => this.#draft.models.indexOf(choice)));
    this.change({ models });
  }

  #replan(afterMs: number): void {
    clearTimeout(this.#timer);
    const mine = ++this.#turn;
    const request = this.request;
    if (this.#isTouched) keepForm(toRequest(this.#draft, ''), this.#clonedFrom);
    this.#planProblem = undefined;
    if (request === undefined) {
      this.#plan = undefined;
      this.#isPlanning = false;
      return;
    }
    const asked = JSON.stringify(request);
    // Asked again without a change, the plan holds until the next answer: a button that went grey for a moment would lose its click.
    if (this.#plan === undefined || this.#planned !== asked) this.#isPlanning = true;
    this.#timer = setTimeout(() => {
      studio.call('experiments.plan', request).then(
        (plan) => {
          if (mine !== this.#turn) return;
          this.#plan = plan;
          this.#planned = asked;
          this.#isPlanning = false;
        },
        (error: unknown) => {
          if (mine !== this.#turn) return;
          this.#plan = undefined;
          this.#planProblem = toProblem(error);
          this.#isPlanning = false;
        },
      );
    }, afterMs);
  }
}

export const newExperiment = new NewExperiment();
