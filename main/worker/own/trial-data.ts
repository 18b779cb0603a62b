import type { Dataset, Modality, Part } from '#data/dataset.ts';
import { knowledgeOf } from '#data/knowledge.ts';
import type { Random } from '#data/random.ts';
import type { StageResult } from '#models/define-model.ts';

export const trialSize = { users: 14, items: 11, rowsPerUser: 5, width: 8, batchSize: 24 };

/** A dataset so small that a slip in a shape shows: sizes that are no multiples of each other, modalities of different widths. */
export function trialDataset(random: Random, modalities: readonly string[], withKnowledge = false): Dataset {
  const { users, items, rowsPerUser } = trialSize;
  const train: [number, number][] = [];
  const validation: [number, number][] = [];
  const test: [number, number][] = [];
  for (let user = 0; user < users; user++) {
    const chosen = new Set<number>();
    while (chosen.size < rowsPerUser) chosen.add(random.integer(items));
    const [held, last, ...rest] = [...chosen];
    validation.push([user, held!]);
    test.push([user, last!]);
    for (const item of rest) train.push([user, item]);
  }
  const part = (rows: readonly [number, number][]): Part => ({
    users: Int32Array.from(rows, ([user]) => user),
    items: Int32Array.from(rows, ([, item]) => item),
  });
  return {
    id: 'trial',
    name: 'trial data',
    users,
    items,
    train: part(train),
    validation: part(validation),
    test: part(test),
    modalities: modalities.map((name, m) => modality(random, name, 6 + 3 * m)),
    graphs: [],
    ...(withKnowledge ? { knowledge: trialKnowledge() } : {}),
    fingerprint: { splitHash: 'trial', splitShape: 'trial', graphShape: 'trial' },
  };
}

/** Each item has one of three brands. */
function trialKnowledge() {
  const ids = Array.from({ length: trialSize.items }, (_, item) => item);
  return knowledgeOf(
    ids.map((item) => ({ head: item, relation: 'brand', tail: `brand ${item % 3}` })),
    trialSize.items,
    'file',
  )!;
}

function modality(random: Random, name: string, width: number): Modality {
  const values = Float32Array.from({ length: trialSize.items * width }, () => random.normal());
  return { name, width, values, sourceType: 'float32', hash: `trial ${name}`, missing: new Uint8Array(trialSize.items) };
}

/** What a pretraining stage would hand on. */
export function trialStage(random: Random): StageResult {
  const { users, items, width } = trialSize;
  const drawn = (rows: number) => Float32Array.from({ length: rows * width }, () => random.normal());
  return { width, users: drawn(users), items: drawn(items), parts: { 'items.behavior': drawn(items), 'items.side': drawn(items) } };
}
