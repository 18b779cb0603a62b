/**
 * What was dropped on the window or chosen in Open: sent to the studio where it lies elsewhere, recognised there, and handed to the screen it
 * is for. That screen shows it first; nothing is imported or started from here.
 */
import { untrack } from 'svelte';
import { pieceBytes, type Opened } from '#contract/opening.ts';
import { ProblemError, toProblem, type Problem } from '#contract/problem.ts';
import { lastPart } from './dropped-files.ts';
import { programPart } from './program-part.ts';
import { router } from './router.svelte.ts';
import type { Screen } from './route.ts';
import { studio } from './studio.svelte.ts';
import { toasts } from './toasts.svelte.ts';

/** A file of the machine of the page, with its path inside of what was dropped. */
export interface SentFile {
  readonly path: string;
  readonly file: File;
}

type Kind = Opened['kind'];
type Of<K extends Kind> = Extract<Opened, { kind: K }>;

const screenOf: Readonly<Record<Kind, Screen>> = {
  dataset: 'datasets',
  logs: 'runs',
  external: 'runs',
  reported: 'runs',
  bundle: 'export',
  experiment: 'new',
};

class Opening {
  path = $state('');
  #isShown = $state(false);
  #step = $state<'choose' | 'sending' | 'looking'>('choose');
  #fraction = $state<number | undefined>();
  #what = $state('');
  #problem = $state.raw<Problem | undefined>();
  #readings = $state.raw<readonly Opened[]>([]);
  #handed = $state.raw<Opened | undefined>();
  #work: AbortController | undefined;

  /** Whether the dialog is there. */
  get isShown(): boolean {
    return this.#isShown;
  }
  get step(): 'choose' | 'sending' | 'looking' {
    return this.#step;
  }
  get isBusy(): boolean {
    return this.#step !== 'choose';
  }
  /** Share of what is sent; undefined while nothing is. */
  get fraction(): number | undefined {
    return this.#fraction;
  }
  /** Name of what is looked at. */
  get what(): string {
    return this.#what;
  }
  get problem(): Problem | undefined {
    return this.#problem;
  }
  /** What it may be, where its layout fits several. */
  get readings(): readonly Opened[] {
    return this.#readings;
  }

  show(): void {
    this.path = '';
    [this.#problem, this.#readings, this.#step] = [undefined, [], 'choose'];
    this.#isShown = true;
  }

  /** Ends what is under way; files sent so far are removed. */
  close(): void {
    this.#work?.abort();
    this.#isShown = false;
    this.#step = 'choose';
  }

  /** Files and folders of the machine the studio runs on. */
  async open(paths: readonly string[]): Promise<void> {
    await this.#doing(lastPart(paths[0] ?? ''), (signal) => this.#recognise(paths, signal));
  }

  /** Files of the machine of the page, which may be another. */
  async send(files: readonly SentFile[]): Promise<void> {
    if (files.length === 0) return;
    await this.#doing(files[0]!.path.split('/')[0]!, async (signal) => this.#recognise([await this.#upload(files, signal)], signal));
  }

  /** Goes on with one of the readings. */
  async choose(opened: Opened): Promise<void> {
    if (opened.kind === 'experiment') {
      // The form is a part of the program that the studio starts without.
      const { newExperiment } = await programPart(() => import('./new-experiment.svelte.ts'));
      const back = newExperiment.fill(opened.request);
      toasts.say(`The experiment of ${lastPart(opened.path)} is in the form. Nothing was started`, back);
    } else this.#handed = opened;
    this.#isShown = false;
    this.#readings = [];
    router.go(screenOf[opened.kind], undefined, opened.kind === 'dataset' ? { import: 'open' } : {});
  }

  /** What waits for a screen, once: whoever takes it shows it. Tracked. */
  take<K extends Kind>(kind: K): Of<K> | undefined {
    const handed = this.#handed;
    if (handed?.kind !== kind) return undefined;
    this.#handed = undefined;
    return handed as Of<K>;
  }

  /** Whether something of a kind waits, without taking it. Tracked. */
  holds(kind: Kind): boolean {
    return this.#handed?.kind === kind;
  }

  /** What waits for a screen, for an effect of it: `use` is called once for each, and what it reads is not tracked. */
  receive<K extends Kind>(kind: K, use: (opened: Of<K>) => void): void {
    if (this.holds(kind)) untrack(() => use(this.take(kind)!));
  }

  async #doing(what: string, work: (signal: AbortSignal) => Promise<void>): Promise<void> {
    this.#work?.abort();
    const mine = new AbortController();
    this.#work = mine;
    [this.#what, this.#problem, this.#readings, this.#fraction] = [what, undefined, [], undefined];
    this.#isShown = true;
    try {
      await work(mine.signal);
    } catch (error) {
      if (mine.signal.aborted) return;
      this.#problem = toProblem(error);
    } finally {
      if (this.#work === mine) this.#step = 'choose';
    }
  }

  async #recognise(paths: readonly string[], signal: AbortSignal): Promise<void> {
    this.#step = 'looking';
    const { found } = await studio.call('files.recognise', { paths: [...paths] });
    if (signal.aborted) return;
    if (found.length === 1) await this.choose(found[0]!);
    else this.#readings = found;
  }

  async #upload(files: readonly SentFile[], signal: AbortSignal): Promise<string> {
    this.#step = 'sending';
    this.#fraction = 0;
    const all = files.reduce((sum, { file }) => sum + file.size, 0);
    const { id } = await studio.call('uploads.begin', { files: files.map(({ path, file }) => ({ path, bytes: file.size })) });
    let sent = 0;
    try {
      for (const { path, file } of files)
        for (let at = 0; at < file.size; at += pieceBytes) {
          const content = new Uint8Array(await this.#piece(file, at, path));
          if (signal.aborted) throw new DOMException('left', 'AbortError');
          await studio.call('uploads.piece', { id, path, content });
          sent += content.byteLength;
          this.#fraction = all === 0 ? 1 : sent / all;
        }
      return (await studio.call('uploads.end', { id })).path;
    } catch (error) {
      void studio.call('uploads.discard', { id }).catch(() => undefined);
      throw error;
    }
  }

  async #piece(file: File, at: number, path: string): Promise<ArrayBuffer> {
    try {
      return await file.slice(at, at + pieceBytes).arrayBuffer();
    } catch (error) {
      throw new ProblemError({
        kind: 'disk',
        code: 'upload.unreadable',
        message: 'The browser cannot read the file: it changed or went away while it was sent',
        where: path,
        fix: 'Drop it again.',
        detail: error instanceof Error ? error.message : String(error),
      });
    }
  }
}

export const opening = new Opening();
