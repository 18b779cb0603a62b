/**
 * Models of the person's own: folders with card.ts and model.ts among the data folder's models. Each is compiled and tried in a worker
 * of its own when it is new or has changed, so that one that throws, hangs or crashes harms nothing. What comes out is one list of cards,
 * the studio's own and the person's. Nothing is ever fetched into these folders or taken from imports.
 */
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import * as v from 'valibot';
import type { ModelCard } from '#contract/model-card.ts';
import { ownCheckSchema, type BrokenModel, type OwnCheck, type OwnModels as OwnModelsView, type OwnSource } from '#contract/own-model.ts';
import { ProblemError, toProblem } from '#contract/problem.ts';
import { modelFolders, readSource } from '#data/own-source.ts';
import type { Jobs } from '../jobs.ts';
import type { Spawn } from '../spawn.ts';
import { startTask, type TaskRun } from '../worker-task.ts';
import { declarations } from './declarations.ts';
import { starterCard, starterModel, starterSettings } from './starter.ts';

export interface OwnModelsOptions {
  /** The data folder's folder of models. */
  readonly folder: string;
  readonly spawn: Spawn;
  readonly jobs: Jobs;
  readonly builtIn: readonly ModelCard[];
  /** Safe mode: nothing of the person's own is read. */
  readonly isOff?: boolean;
  /** A model was checked: its card is here, or what is wrong with it. */
  readonly onChecked?: () => void;
  /** After so long a check is ended: a loop without end is a broken model. */
  readonly mostMs?: number;
}

interface Known {
  readonly hash: string;
  readonly source: OwnSource;
  readonly card?: ModelCard;
  readonly problem?: BrokenModel['problem'];
}

export class OwnModels {
  /** The studio's models, then the person's. One list that grows and shrinks in place: everybody who holds it sees the same models. */
  readonly cards: ModelCard[];
  readonly #options: OwnModelsOptions;
  readonly #known = new Map<string, Known>();
  readonly #checking = new Map<string, { readonly hash: string; readonly done: Promise<void> }>();
  readonly #tasks = new Set<TaskRun>();
  #isClosed = false;

  constructor(options: OwnModelsOptions) {
    this.#options = options;
    this.cards = [...options.builtIn];
    this.#renewDeclarations();
  }

  get folder(): string {
    return this.#options.folder;
  }

  /** Looks at the folders and starts checking what is new or changed; does not wait for it. */
  look(): void {
    if (this.#isClosed || this.#options.isOff === true) return;
    const names = modelFolders(this.folder);
    for (const id of this.#known.keys()) if (!names.includes(id)) this.#known.delete(id);
    for (const id of names) {
      try {
        const source = readSource(this.folder, id);
        if (this.#known.get(id)?.hash === source.hash || this.#checking.get(id)?.hash === source.hash) continue;
        const before = this.#checking.get(id)?.done;
        this.#checking.set(id, { hash: source.hash, done: this.#check(source, before) });
      } catch (error) {
        this.#know(id, { hash: '', source: { id, hash: '', files: [] }, problem: toProblem(error) });
      }
    }
    this.#list();
  }

  /** Looks, and waits until what the request names has been checked; without names, until everything has. */
  async settle(ids?: readonly string[]): Promise<void> {
    this.look();
    const awaited = [...this.#checking].filter(([id]) => ids === undefined || ids.includes(id));
    await Promise.all(awaited.map(([, { done }]) => done));
  }

  /**
   * Waits until the models that are about to be used have been checked.
   * @throws ProblemError the problem of one that cannot be used
   */
  async need(ids: readonly string[]): Promise<void> {
    const own = ids.filter((id) => !this.#options.builtIn.some((card) => card.id === id));
    if (own.length === 0) return;
    if (this.#options.isOff === true)
      throw new ProblemError({
        kind: 'config',
        code: 'own.safe-mode',
        message: 'Models of your own are left out in safe mode',
        fix: 'Leave safe mode in Settings, Privacy and diagnostics.',
      });
    await this.settle(own);
    for (const id of own) {
      const problem = this.#known.get(id)?.problem;
      if (problem !== undefined) throw new ProblemError({ ...problem, message: `your model ${id} cannot be used: ${problem.message}` });
    }
  }

  view(): OwnModelsView {
    const broken = [...this.#known]
      .filter(([, { problem }]) => problem !== undefined)
      .map(([id, { problem }]) => ({ id, folder: join(this.folder, id), problem: problem! }))
      // By name: which check ended first says nothing.
      .sort((a, b) => (a.id < b.id ? -1 : 1));
    return { folder: this.folder, broken, checking: [...this.#checking.keys()] };
  }

  /** The source with this hash, as it was checked. */
  source(id: string, hash: string): OwnSource {
    const known = this.#known.get(id);
    if (known?.hash === hash) return known.source;
    throw new ProblemError({
      kind: 'config',
      code: 'own.changed',
      message: `the source of ${id} has just changed`,
      values: { model: id },
      where: join(this.folder, id),
      fix: 'Start again: the plan then shows the model as it is now.',
    });
  }

  /** The check with slopes, of the folder as it is now. */
  async check(id: string): Promise<OwnCheck> {
    const known = modelFolders(this.folder);
    if (!known.includes(id))
      throw new ProblemError({
        kind: 'config',
        code: 'own.unknown',
        message: `there is no folder ${id} among your models`,
        values: { model: id },
        where: this.folder,
        fix: known.length === 0 ? 'Write one with: avocet model new NAME.' : `Your models: ${known.join(', ')}.`,
      });
    return this.#run(readSource(this.folder, id), true);
  }

  /** Writes a folder with a small model that works, and beside it what an editor needs. */
  create(id: string): { folder: string; files: string[] } {
    const root = this.folder;
    const refuse = (message: string, fix: string) =>
      new ProblemError({ kind: 'config', code: 'own.name', message, values: { model: id }, where: root, fix });
    if (!/^[a-z][a-z0-9-]{0,40}$/.test(id))
      throw refuse(`"${id}" is no name for a model`, 'Small letters, digits and dashes, a letter first: "my-model".');
    if (this.#options.builtIn.some((card) => card.id === id)) throw refuse(`there is a model ${id} already`, 'Choose another name.');
    if (modelFolders(root).includes(id)) throw refuse(`there is a folder ${id} already`, 'Choose another name, or remove the folder.');
    const folder = join(root, id);
    mkdirSync(folder, { recursive: true });
    const files = { 'card.ts': starterCard(id), 'model.ts': starterModel(id) };
    for (const [name, text] of Object.entries(files)) writeFileSync(join(folder, name), text);
    // The person's own settings of an editor stay.
    if (!existsSync(join(root, 'tsconfig.json'))) writeFileSync(join(root, 'tsconfig.json'), starterSettings);
    writeFileSync(join(root, 'avocet.d.ts'), declarations);
    this.look();
    return { folder, files: Object.keys(files) };
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    for (const task of this.#tasks) task.cancel();
    await Promise.allSettled([...this.#checking.values()].map(({ done }) => done));
  }

  async #check(source: OwnSource, before: Promise<void> | undefined): Promise<void> {
    await before;
    const job = this.#options.jobs.begin(`Checking your model ${source.id}`);
    try {
      const { card } = await this.#run(source, false);
      const own = { folder: join(this.folder, source.id), source: source.hash };
      this.#know(source.id, { hash: source.hash, source, card: { ...card, own } });
    } catch (error) {
      this.#know(source.id, { hash: source.hash, source, problem: toProblem(error) });
    } finally {
      job.end();
      if (this.#checking.get(source.id)?.hash === source.hash) this.#checking.delete(source.id);
      this.#list();
      this.#options.onChecked?.();
    }
  }

  /** One worker, ended where it takes too long. */
  async #run(source: OwnSource, slopes: boolean): Promise<OwnCheck> {
    const { spawn, mostMs = 60_000 } = this.#options;
    const task = startTask(spawn, { kind: 'check-model', own: source, slopes });
    this.#tasks.add(task);
    let isLate = false;
    const timer = setTimeout(() => {
      isLate = true;
      task.cancel();
    }, mostMs);
    try {
      return v.parse(ownCheckSchema, await task.result);
    } catch (error) {
      if (!isLate) throw error;
      throw new ProblemError({
        kind: 'config',
        code: 'own.endless',
        message: `the check did not end within ${Math.round(mostMs / 1000)} s`,
        values: { model: source.id },
        where: join(this.folder, source.id),
        fix: 'Look for a loop without end; the check has 14 users and 11 items.',
      });
    } finally {
      clearTimeout(timer);
      this.#tasks.delete(task);
    }
  }

  #know(id: string, known: Known): void {
    this.#known.set(id, known);
    this.#list();
  }

  #list(): void {
    const own = [...this.#known.keys()].sort().flatMap((id) => this.#known.get(id)!.card ?? []);
    this.cards.splice(this.#options.builtIn.length, this.cards.length, ...own);
  }

  /** An editor sees this version's surface, where somebody writes models. */
  #renewDeclarations(): void {
    const path = join(this.folder, 'avocet.d.ts');
    try {
      if (readFileSync(path, 'utf8') !== declarations) writeFileSync(path, declarations);
    } catch {
      // Nobody writes models here, or the folder is read-only: nothing depends on it.
    }
  }
}
