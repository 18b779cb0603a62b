import { join } from 'node:path';
import * as v from 'valibot';
import { trainingEventSchema } from '#contract/task.ts';
import type { StageResult } from '#models/define-model.ts';
import type { EpochRecord } from './checkpoint.ts';
import { readSealed, writeSealed } from './sealed-file.ts';

/** A finished stage in the cache: its vectors at the best validation epoch, and how they came about. */
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
});

const fileOf = (folder: string): string => join(folder, 'result.bin');

export async function writeStage(folder: string, identity: string, stage: SavedStage): Promise<void> {
  const { result, history, bestEpoch, builtBy } = stage;
  const arrays = new Map([
    ['users', result.users],
    ['items', result.items],
  ]);
  for (const [name, values] of Object.entries(result.parts ?? {})) arrays.set(`part/${name}`, values);
  const head: v.InferInput<typeof headSchema> = { format: 1, identity, width: result.width, bestEpoch, builtBy, history: [...history] };
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
  const parts: Record<string, Float32Array> = {};
  for (const [name, values] of sealed.arrays) if (name.startsWith('part/')) parts[name.slice('part/'.length)] = values;
  const { width, bestEpoch, builtBy, history } = head.output;
  const epochs = history.filter((event): event is EpochRecord => event.type === 'epochFinished');
  return { result: { width, users, items, parts }, history: epochs, bestEpoch, builtBy };
}
