import { mkdir, readdir, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { ProblemError } from '#contract/problem.ts';
import type { ResultFiles } from './result.ts';
import type { ExternalSession } from './external-run.ts';

/** The folders and the configuration that a command is given, below the folder of its run. */
export interface Workplace {
  readonly dataset: string;
  /** New in every attempt: what an earlier one left is not taken for this one's. */
  readonly output: string;
  /** Kept from one attempt to the next, for checkpoints of the command's own. */
  readonly work: string;
  readonly config: string;
  readonly pidFile: string;
}

/** Makes the folders and writes the configuration as JSON. */
export async function workplace(session: ExternalSession, dataset: string): Promise<Workplace> {
  const root = join(session.runFolder, 'command');
  const place: Workplace = {
    dataset,
    output: join(root, `output-${session.attempt}`),
    work: join(root, 'work'),
    config: join(root, 'config.json'),
    pidFile: join(root, 'process'),
  };
  await mkdir(root, { recursive: true });
  for (const name of await readdir(root)) if (name.startsWith('output-')) await rm(join(root, name), { recursive: true, force: true });
  if (!session.resume) await rm(place.work, { recursive: true, force: true });
  await mkdir(place.output);
  await mkdir(place.work, { recursive: true });
  await writeFile(place.config, `${JSON.stringify(configurationOf(session, place), null, 2)}\n`);
  return place;
}

/** The resolved configuration as the command reads it; names as on the command line. */
function configurationOf({ config, dataset, external, runId, attempt, resume, threads }: ExternalSession, place: Workplace): object {
  const { epochs, minEpochs, patience, batchSize, learningRate, learningRateDecay, width } = config.budget;
  return {
    run: runId,
    model: external.title,
    attempt,
    // True where an earlier attempt was interrupted: the work folder may hold a checkpoint of the command's own.
    resume,
    dataset: place.dataset,
    dataset_name: dataset.name,
    split: dataset.fingerprint.splitHash,
    users: dataset.users,
    items: dataset.items,
    output: place.output,
    work: place.work,
    seed: config.seed,
    threads,
    parameters: config.hyper,
    budget: {
      epochs,
      min_epochs: minEpochs,
      patience,
      batch_size: batchSize,
      lr: learningRate,
      lr_decay: learningRateDecay ?? 1,
      width,
    },
    protocol: config.protocol,
  };
}

/** The environment of a command: the person's own, without what Avocet's own processes are told, and what the command needs to know. */
export function environmentOf(session: ExternalSession, place: Workplace): Record<string, string> {
  const own = Object.entries(process.env).filter(
    (entry): entry is [string, string] => entry[1] !== undefined && !/^(AVOCET_|NODE_|ELECTRON_|VITEST)/.test(entry[0]),
  );
  return {
    ...Object.fromEntries(own),
    // Python holds back what it prints into a pipe.
    PYTHONUNBUFFERED: '1',
    AVOCET_CONFIG: place.config,
    AVOCET_DATASET: place.dataset,
    AVOCET_OUTPUT: place.output,
    AVOCET_WORK: place.work,
    AVOCET_SEED: String(session.config.seed),
    AVOCET_THREADS: String(session.threads),
  };
}

/** The files to score in a folder; undefined where there are none. Throws a data problem for half a result. */
export async function resultIn(folder: string): Promise<ResultFiles | undefined> {
  const has = async (name: string) =>
    await stat(join(folder, name)).then(
      (found) => found.isFile(),
      () => false,
    );
  const [users, items] = [await has('users.npy'), await has('items.npy')];
  if (users && items) return { users: join(folder, 'users.npy'), items: join(folder, 'items.npy') };
  for (const name of ['lists.tsv', 'lists.csv']) if (await has(name)) return { lists: join(folder, name) };
  if (!users && !items) return undefined;
  const missing = users ? 'items.npy' : 'users.npy';
  throw new ProblemError({
    kind: 'data',
    code: 'command.half-output',
    message: `The command left ${users ? 'users.npy' : 'items.npy'} but no ${missing}.`,
    where: folder,
    fix: `Write ${missing} too, before the epoch is reported or the command ends.`,
  });
}
