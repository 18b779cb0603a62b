import type { DatasetSummary } from '#contract/dataset.ts';
import type { Choice, Finding, LogPreview } from '#contract/dataset-import.ts';
import { ProblemError, toProblem, type Problem } from '#contract/problem.ts';
import { words } from '#renderer/locales/en-datasets.ts';
import { emptyLogDraft, folderRequest, logDraftFault, logRequest, type LogDraft } from './import-request.ts';
import { studio } from './studio.svelte.ts';

/** What is unpacked before it is looked at. */
const archive = /\.(?:zip|tar|tgz|tar\.gz)$/i;

export type ImportStep = 'choose' | 'inspecting' | 'ready' | 'importing';

export interface Progress {
  readonly phase: string;
  readonly fraction: number;
  readonly file?: string | undefined;
}

/** One import from choosing a place to the finished dataset: what was found, what was chosen, how far it is. */
export class ImportDialogState {
  path = $state('');
  name = $state('');
  choices = $state<Record<string, string>>({});
  log = $state<LogDraft>(emptyLogDraft());
  #step = $state<ImportStep>('choose');
  #findings = $state.raw<readonly Finding[]>([]);
  #progress = $state.raw<Progress | undefined>();
  #problem = $state.raw<Problem | undefined>();
  #work: AbortController | undefined;
  #inspected = $state('');

  get step(): ImportStep {
    return this.#step;
  }
  get findings(): readonly Finding[] {
    return this.#findings;
  }
  get progress(): Progress | undefined {
    return this.#progress;
  }
  /** Why the inspection or the import itself ended; what is wrong with the data is among the findings. */
  get problem(): Problem | undefined {
    return this.#problem;
  }

  /** The path that was looked at. */
  get inspected(): string {
    return this.#inspected;
  }

  readonly preview = $derived.by((): LogPreview | undefined => {
    for (const finding of this.#findings) if (finding.type === 'preview') return finding.preview;
    return undefined;
  });
  readonly finished = $derived(this.#findings.find((finding) => finding.type === 'finished'));
  readonly openChoices = $derived(this.#findings.flatMap((finding): Choice[] => (finding.type === 'choice' ? [finding.choice] : [])));
  /** Why the import button is not ready, in words; undefined when it is. */
  readonly fault = $derived.by((): string | undefined => {
    if (this.#step !== 'ready' || this.finished === undefined) return 'Inspect a folder or a file first';
    if (!this.finished.importable) return 'What was found prevents an import';
    if (this.path.trim() !== this.#inspected) return 'The path changed: inspect again';
    if (this.name.trim() === '') return 'Give the dataset a name';
    const refused = this.openChoices.find(
      (choice) => choice.options.find((option) => option.value === this.choices[choice.id])?.refuses === true,
    );
    if (refused !== undefined) return 'One of your choices is to leave the data as they are and not import';
    return this.preview === undefined ? undefined : logDraftFault(this.log);
  });

  async inspect(): Promise<void> {
    const work = this.#begin('inspecting');
    this.#findings = [];
    this.choices = {};
    try {
      if (archive.test(this.path.trim())) await this.#unpack(work.signal);
      if (work.signal.aborted) return;
      this.#inspected = this.path.trim();
      for await (const finding of studio.stream('datasets.inspect', { path: this.#inspected }, work.signal)) this.#take(finding);
      if (!work.signal.aborted) this.#step = 'ready';
    } catch (error) {
      this.#fail(error, work, 'choose');
    }
  }

  /** The studio unpacks an archive; what is looked at then is the dataset that lies in it. */
  async #unpack(signal: AbortSignal): Promise<void> {
    const path = this.path.trim();
    const { found } = await studio.call('files.recognise', { paths: [path] });
    if (signal.aborted) return;
    const dataset = found.find(({ kind }) => kind === 'dataset');
    if (dataset?.kind !== 'dataset')
      throw new ProblemError({
        kind: 'data',
        code: 'import.archive',
        message: 'The archive holds no dataset',
        where: path,
        fix: 'Choose one with an .inter file or a log in it. Other things are opened with “Open a file or folder” in the palette.',
      });
    this.path = dataset.path;
  }

  /**
   * Resolves with the dataset, or undefined where it failed or was cancelled; with 'lost' where the connection ended: the import goes on
   * without this page, and a second one is not to be begun beside it.
   */
  async run(): Promise<DatasetSummary | 'lost' | undefined> {
    const request =
      this.preview === undefined
        ? folderRequest(this.#inspected, this.name, this.choices)
        : logRequest(this.#inspected, this.name, this.choices, this.log);
    const work = this.#begin('importing');
    try {
      for await (const event of studio.stream('datasets.import', request, work.signal)) {
        if (event.type === 'done') return event.summary;
        this.#progress = event;
      }
      if (!work.signal.aborted) this.#step = 'ready';
    } catch (error) {
      if (toProblem(error).code === 'link.closed') return 'lost';
      this.#fail(error, work, 'ready');
    }
    return undefined;
  }

  /** Leaves the running work; the studio removes what it had written. Returns whether there was any. */
  cancel(): boolean {
    const wasRunning = this.#step === 'inspecting' || this.#step === 'importing';
    this.#work?.abort();
    if (wasRunning) this.#step = this.#step === 'importing' ? 'ready' : 'choose';
    this.#progress = undefined;
    return wasRunning;
  }

  #begin(step: ImportStep): AbortController {
    this.#work?.abort();
    this.#work = new AbortController();
    this.#problem = undefined;
    this.#progress = { phase: step === 'importing' ? 'Starting' : words.dialog.inspecting, fraction: 0 };
    this.#step = step;
    return this.#work;
  }

  #fail(error: unknown, work: AbortController, back: ImportStep): void {
    if (work.signal.aborted) return;
    this.#problem = toProblem(error);
    this.#step = back;
  }

  #take(finding: Finding): void {
    if (finding.type === 'progress') {
      this.#progress = finding;
      return;
    }
    this.#findings = [...this.#findings, finding];
    if (finding.type === 'choice') this.choices[finding.choice.id] = finding.choice.default;
    if (finding.type === 'finished') this.name = finding.suggestedName;
    if (finding.type === 'preview') this.log = emptyLogDraft(finding.preview);
  }
}
