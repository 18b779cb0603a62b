/** Datasets: the folders found, their index in the store, the demo that makes itself, and work on them in worker processes. */
import { readFile, stat } from 'node:fs/promises';
import { extname, join, resolve } from 'node:path';
import * as v from 'valibot';
import type { BrokenDataset, DatasetDetail, DatasetSummary, ItemPage, ItemPageRequest } from '#contract/dataset.ts';
import {
  datasetComparisonSchema,
  foundPageSchema,
  type Coverage,
  type DatasetComparison,
  type FoundPage,
  type FoundRequest,
  type ListedDataset,
} from '#contract/dataset-findings.ts';
import {
  findingSchema,
  importEventSchema,
  type Finding,
  type ImportEvent,
  type ImportRequest,
  type SplitSource,
  type SplitWish,
} from '#contract/dataset-import.ts';
import type { Segments } from '#contract/segments.ts';
import type { SplitPreview } from '#contract/split-preview.ts';
import { ProblemError, toProblem } from '#contract/problem.ts';
import { listDatasets, readManifest, removeAbandoned, removeUnfinished } from '#data/dataset-folder.ts';
import { ItemTable } from '#data/item-table.ts';
import { detailOf, summaryOf } from '#data/manifest.ts';
import { changeRemarks, readRemarks } from '#data/remarks.ts';
import { inSegments } from '#data/segmented-detail.ts';
import { UserTable } from '#data/user-table.ts';
import type { Store } from '#store/store.ts';
import type { HomeFolders } from './home-folders.ts';
import { isWithin } from './host.ts';
import { sentBelow } from './openings/incoming.ts';
import { dataHash } from './identity.ts';
import type { Job, Jobs } from './jobs.ts';
import { findDataset } from './plan.ts';
import type { Spawn } from './spawn.ts';
import { DatasetTrash } from './dataset-trash.ts';
import { SplitDesk } from './split-desk.ts';
import { versionsOf } from './dataset-versions.ts';
import { taskStream } from './task-stream.ts';
import { startTask, type TaskRun } from './worker-task.ts';

export const demoId = 'demo';
/** The demo everybody has: one seed, so that numbers can be compared between machines. */
const demoSeed = 7;
const pictureTypes: Readonly<Record<string, string>> = {
  '.png': 'image/png',
  '.jpg': 'image/jpeg',
  '.jpeg': 'image/jpeg',
  '.webp': 'image/webp',
  '.svg': 'image/svg+xml',
};
const largestPicture = 20 * 1024 * 1024;

export class Library {
  readonly #store: Store;
  readonly #folders: HomeFolders;
  readonly #spawn: Spawn;
  readonly #jobs: Jobs;
  readonly #splits: SplitDesk;
  readonly trash: DatasetTrash;
  #broken: readonly BrokenDataset[] = [];
  #items: { readonly id: string; readonly table: Promise<ItemTable> } | undefined;
  #users: { readonly id: string; readonly table: Promise<UserTable> } | undefined;
  #demo: Promise<void> | undefined;
  #scanned: Promise<void> = Promise.resolve();
  readonly #running = new Set<TaskRun>();
  /** Tasks at work that write a dataset. */
  #writers = 0;
  #isClosed = false;

  constructor(store: Store, folders: HomeFolders, spawn: Spawn, jobs: Jobs) {
    this.#store = store;
    this.#folders = folders;
    this.#spawn = spawn;
    this.#jobs = jobs;
    this.#splits = new SplitDesk(spawn);
    this.trash = new DatasetTrash(folders.datasets);
  }

  /** Only for a new owner: nobody else writes here. */
  async clear(): Promise<void> {
    await removeAbandoned(this.#folders.datasets);
  }

  /** Brings the index in step with the folders. One look after the other: one that began before a dataset came or went must not have the last word. */
  scan(): Promise<void> {
    const scanned = this.#scanned.then(() => this.#look());
    this.#scanned = scanned.catch(() => undefined);
    return scanned;
  }

  async #look(): Promise<void> {
    const { manifests, broken } = await listDatasets(this.#folders.datasets);
    this.#broken = broken;
    const found = new Set<string>();
    for (const manifest of manifests) {
      const folder = join(this.#folders.datasets, manifest.id);
      const summary = summaryOf(manifest, await readRemarks(folder));
      found.add(summary.id);
      this.#store.datasets.put({ summary, folder, dataHash: dataHash(summary) });
    }
    for (const { summary } of this.#store.datasets.list()) if (!found.has(summary.id)) this.#store.datasets.forget(summary.id);
  }

  /** Makes the demo dataset where it is missing; whoever asks for "demo" meanwhile waits. */
  makeDemo(): Promise<void> {
    this.#demo ??= this.#makeDemo().catch((error: unknown) => {
      this.#demo = undefined;
      throw error;
    });
    return this.#demo;
  }

  async #makeDemo(): Promise<void> {
    if (this.#store.datasets.get(demoId) !== undefined || this.#broken.some(({ id }) => id === demoId)) return;
    const job = this.#jobs.begin('Drawing the demo dataset', undefined, 'dataset');
    try {
      const task = this.#start({ kind: 'demo', datasetsFolder: this.#folders.datasets, seed: demoSeed }, (value) => {
        const event = v.safeParse(importEventSchema, value);
        if (event.success && event.output.type === 'progress') job.progress(event.output.fraction);
      });
      await task.result;
      if (!this.#isClosed) await this.scan();
    } finally {
      job.end();
    }
  }

  #start(task: Parameters<typeof startTask>[1], onProgress: (value: unknown) => void): TaskRun {
    const started = startTask(this.#spawn, task, onProgress);
    const writes = task.kind === 'import' || task.kind === 'demo';
    if (writes) this.#writers += 1;
    const run = writes ? { ...started, result: started.result.finally(() => this.#tidy()) } : started;
    this.#running.add(run);
    void run.result.catch(() => undefined).finally(() => this.#running.delete(run));
    return run;
  }

  /** A writer that was killed has not removed what it wrote; while another is at work its folder cannot be told from that of the dead one. */
  async #tidy(): Promise<void> {
    this.#writers -= 1;
    if (this.#writers === 0) await removeUnfinished(this.#folders.datasets).catch(() => undefined);
  }

  /** Waits for a demo under way where it is asked for, by id or name. */
  async settle(asked: readonly string[]): Promise<void> {
    if (asked.some((entry) => entry.toLowerCase() === demoId)) await this.#demo?.catch(() => undefined);
  }

  /** Cancels what runs and waits until nothing of it is left. */
  async close(): Promise<void> {
    this.#isClosed = true;
    const running = [...this.#running];
    for (const run of running) run.cancel();
    await Promise.allSettled([...running.map((run) => run.result), this.#splits.close()]);
    await this.#demo?.catch(() => undefined);
  }

  list(): { datasets: ListedDataset[]; broken: BrokenDataset[] } {
    const usage = this.#store.datasets.usage();
    const all = this.#store.datasets.list();
    const versions = versionsOf(all.map(({ summary }) => summary));
    return {
      datasets: all.map(({ summary, folder }) => ({
        ...summary,
        folder,
        usedByRuns: usage.get(summary.id) ?? 0,
        ...versions.get(summary.id),
      })),
      broken: [...this.#broken],
    };
  }

  async get(id: string): Promise<{ detail: DatasetDetail; usedByRuns: number }> {
    const { folder, summary } = findDataset(this.#store, id);
    const detail = await inSegments(detailOf(await readManifest(folder), folder, await readRemarks(folder)));
    return { detail: { ...detail, summary }, usedByRuns: this.#store.datasets.usage().get(id) ?? 0 };
  }

  async items(request: ItemPageRequest): Promise<ItemPage> {
    return (await this.itemTable(request.dataset)).page(request);
  }

  /** Items of a dataset. One dataset is looked at at a time; the table of the last one stays, for all who ask at once. */
  itemTable(id: string): Promise<ItemTable> {
    const { folder } = findDataset(this.#store, id);
    if (this.#items?.id === id) return this.#items.table;
    const table = ItemTable.open(folder);
    this.#items = { id, table };
    table.catch(() => (this.#items = undefined));
    return table;
  }

  /** Users of a dataset with what each has, kept in the same way. */
  userTable(id: string): Promise<UserTable> {
    const { folder } = findDataset(this.#store, id);
    if (this.#users?.id === id) return this.#users.table;
    const table = UserTable.open(folder);
    this.#users = { id, table };
    table.catch(() => (this.#users = undefined));
    return table;
  }

  /** Bytes of an item's picture; empty where there is none here. Addresses are never fetched: a person opens them. */
  async picture(dataset: string, item: number): Promise<{ type: string; bytes: Uint8Array<ArrayBuffer> }> {
    const { folder } = findDataset(this.#store, dataset);
    const picture = (await this.itemTable(dataset)).item(item)?.picture;
    const nothing = { type: '', bytes: new Uint8Array(0) };
    if (picture === undefined || picture.at === 'url') return nothing;
    const path = picture.at === 'dataset' ? resolve(folder, picture.location) : sentBelow(this.#folders.home, picture.location);
    const type = pictureTypes[extname(path).toLowerCase()];
    const isInside = picture.at !== 'dataset' || isWithin(folder, path);
    if (type === undefined || !isInside) return nothing;
    try {
      return { type, bytes: new Uint8Array(await readAtMost(path, largestPicture)) };
    } catch {
      return nothing;
    }
  }

  rename(id: string, name: string): void {
    const trimmed = name.trim();
    if (trimmed === '' || trimmed.length > 80)
      throw new ProblemError({ kind: 'config', code: 'dataset.name', message: 'A dataset name has 1 to 80 characters', values: { name } });
    findDataset(this.#store, id);
    this.#store.datasets.rename(id, trimmed);
  }

  /** Moves the folder to the trash. Refused while runs use it: their numbers would lose what they are about. */
  async remove(id: string): Promise<void> {
    const broken = this.#broken.find((entry) => entry.id === id);
    const folder = broken?.folder ?? findDataset(this.#store, id).folder;
    const used = this.#store.datasets.usage().get(id) ?? 0;
    if (used > 0) {
      throw new ProblemError({
        kind: 'data',
        code: 'dataset.in-use',
        message: `${used} ${used === 1 ? 'run uses' : 'runs use'} this dataset`,
        values: { id, used },
        fix: 'Datasets with runs are kept, those of the trash included, so that every number can be traced.',
      });
    }
    await this.trash.take(id, folder);
    this.#forget(id);
    await this.scan();
  }

  /** Back from the trash, under the id it had. */
  async restore(id: string): Promise<void> {
    await this.trash.giveBack(id);
    await this.scan();
  }

  /** Bounds of segments and words about the licence; what was computed from the old bounds is forgotten. */
  async remark(id: string, change: { readonly segments?: Segments | undefined; readonly licence?: string | undefined }): Promise<void> {
    await changeRemarks(findDataset(this.#store, id).folder, change);
    this.#forget(id);
  }

  async archive(id: string, isArchived: boolean): Promise<void> {
    await changeRemarks(findDataset(this.#store, id).folder, { archivedAt: isArchived ? Date.now() : null });
    await this.scan();
  }

  /** @throws ProblemError split.*, log.*, table.*, dataset.* */
  previewSplit(source: SplitSource, wish: SplitWish): Promise<SplitPreview> {
    return this.#splits.preview(source, wish, source.from === 'dataset' ? findDataset(this.#store, source.dataset).folder : undefined);
  }

  async found(request: FoundRequest): Promise<FoundPage> {
    const { folder } = findDataset(this.#store, request.dataset);
    const task = this.#start({ kind: 'found-rows', request, datasetFolder: folder }, () => undefined);
    return v.parse(foundPageSchema, await task.result);
  }

  async compare(first: string, second: string): Promise<DatasetComparison> {
    const [a, b] = [first, second].map((id) => findDataset(this.#store, id).folder) as [string, string];
    return v.parse(datasetComparisonSchema, await this.#start({ kind: 'compare-datasets', first: a, second: b }, () => undefined).result);
  }

  async coverage(id: string): Promise<Coverage> {
    const modalities = findDataset(this.#store, id).summary.modalities.map(({ name }) => name);
    return (await this.itemTable(id)).coverage(modalities);
  }

  #forget(id: string): void {
    if (this.#items?.id === id) this.#items = undefined;
    if (this.#users?.id === id) this.#users = undefined;
  }

  inspect(path: string, signal: AbortSignal): AsyncGenerator<Finding, void, void> {
    return this.#following({ kind: 'inspect', request: { path } }, findingSchema, signal);
  }

  /** `imported` is done once the dataset is listed, whether or not anybody still follows. */
  import(
    request: ImportRequest,
    signal: AbortSignal,
    imported: (made: DatasetSummary) => Promise<void>,
  ): AsyncGenerator<ImportEvent, void, void> {
    const task = { kind: 'import' as const, request, datasetsFolder: this.#folders.datasets };
    return this.#following(task, importEventSchema, signal, { jobText: `Importing ${request.name}`, imported });
  }

  /** Another split of the same rows may be used as the rows may. */
  async #passOnLicence({ id, parent }: DatasetSummary): Promise<void> {
    const origin = parent === undefined ? undefined : this.#store.datasets.get(parent);
    const made = this.#store.datasets.get(id);
    if (origin === undefined || made === undefined) return;
    const { licence } = await readRemarks(origin.folder);
    if (licence !== undefined) await changeRemarks(made.folder, { licence });
  }

  /** Progress values of a task as a stream; leaving it cancels the task and waits until nothing of it is left. An import outlives its window. */
  #following<T>(
    task: Parameters<typeof startTask>[1],
    schema: v.GenericSchema<unknown, T>,
    signal: AbortSignal,
    writing?: { readonly jobText: string; readonly imported: (made: DatasetSummary) => Promise<void> },
  ): AsyncGenerator<T, void, void> {
    let run: TaskRun | undefined;
    let job: Job | undefined;
    let made: DatasetSummary | undefined;
    return taskStream<T>({
      start: (report) => {
        job = writing === undefined ? undefined : this.#jobs.begin(writing.jobText, () => run?.cancel(), 'dataset');
        run = this.#start(task, (raw) => {
          const parsed = v.safeParse(schema, raw);
          if (!parsed.success) return;
          const event = parsed.output as { type?: string; fraction?: number; summary?: DatasetSummary };
          if (event.type === 'done') made = event.summary;
          if (event.type === 'progress' && typeof event.fraction === 'number') job?.progress(event.fraction);
          report(parsed.output);
        });
        return run;
      },
      signal,
      completed: async () => {
        if (writing === undefined || this.#isClosed) return;
        await this.scan();
        if (made === undefined) return;
        await this.#passOnLicence(made);
        await writing.imported(made);
      },
      ended: (untold) => {
        const problem = untold === undefined ? undefined : toProblem(untold);
        job?.end(problem?.kind === 'cancelled' ? undefined : problem);
      },
      outlivesWindow: writing !== undefined,
      // The index knows an imported dataset before its last event is seen.
      isLast: (value) => writing !== undefined && (value as { type?: string }).type === 'done',
    });
  }
}

async function readAtMost(path: string, limit: number): Promise<Buffer> {
  if ((await stat(path)).size > limit) throw new Error('larger than a picture');
  return readFile(path);
}
