import { join } from 'node:path';
import * as v from 'valibot';
import { trainingEventSchema } from '#contract/task.ts';
import type { StageResult } from '#models/define-model.ts';
import type { EpochRecord } from './checkpoint.ts';
import { readSealed, writeSealed } from './sealed-file.ts';

/** A finished stage in the cache: its vectors at the epoch that counts, and how they came about. */
export interface SavedStage {
  readonly result: StageResult;
  readonly history: readonly EpochRecord[];
  readonly bestEpoch: number;
  /** Run that trained it; for any other it is reused. */
  readonly builtBy: string;
}

const headSchema = v.object({
  format: v.literal(1),
  identity: v.string(),
  width: v.number(),
  bestEpoch: v.number(),
  builtBy: v.string(),
  history: v.array(trainingEventSchema),
  /** Of a stage that hands on its state. */
  streams: v.optional(v.record(v.string(), v.array(v.number()))),
});

const fileOf = (folder: string): string => join(folder, 'result.bin');

export async function writeStage(folder: string, identity: string, stage: SavedStage): Promise<void> {
  const { result, history, bestEpoch, builtBy } = stage;
  const arrays = new Map([
    ['users', result.users],
    ['items', result.items],
  ]);
  for (const [name, values] of Object.entries(result.parts ?? {})) arrays.set(`part/${name}`, values);
  for (const [name, values] of result.end?.parameters ?? []) arrays.set(`end/${name}`, values);
  const states = Object.entries(result.end?.streams ?? {}).map(([name, state]) => [name, [...state]]);
  const streams = result.end === undefined ? {} : { streams: Object.fromEntries(states) as Record<string, number[]> };
  const head: v.InferInput<typeof headSchema> = {
    format: 1,
    identity,
    width: result.width,
    bestEpoch,
    builtBy,
    history: [...history],
    ...streams,
  };
  await writeSealed(fileOf(folder), { head, arrays });
}

/** The stage in this folder; undefined where there is none, it is damaged or of another identity (it is then built again). */
export async function readStage(folder: string, identity: string): Promise<SavedStage | undefined> {
  const sealed = await readSealed(fileOf(folder));
  const head = v.safeParse(headSchema, sealed?.head);
  const users = sealed?.arrays.get('users');
  const items = sealed?.arrays.get('items');
  if (sealed === undefined || !head.success || head.output.identity !== identity || users === undefined || items === undefined)
    return undefined;
  const named = (prefix: string) =>
    [...sealed.arrays].filter(([name]) => name.startsWith(prefix)).map(([name, values]) => [name.slice(prefix.length), values] as const);
  const { width, bestEpoch, builtBy, history, streams } = head.output;
  const end = streams === undefined ? {} : { end: { parameters: new Map(named('end/')), streams } };
  const epochs = history.filter((event): event is EpochRecord => event.type === 'epochFinished');
  return { result: { width, users, items, parts: Object.fromEntries(named('part/')), ...end }, history: epochs, bestEpoch, builtBy };
}
