import { createHash } from 'node:crypto';
import { expect, test } from 'vitest';
import type { Dataset } from '#data/dataset.ts';
import { protocolId } from '#training/provenance.ts';
import { drawnDataset } from '#test/fixtures/drawn-dataset.ts';
import { trainConfig } from '#test/fixtures/train-config.ts';

const config = trainConfig('lightgcn');
const whole: Pick<Dataset, 'modalities'> = { modalities: drawnDataset().modalities.map((own) => ({ ...own, missing: new Uint8Array(4) })) };
const lacking = (filledBy: 'mean' | 'zero'): Pick<Dataset, 'modalities'> => ({
  modalities: whole.modalities.map((own) => ({ ...own, filledBy, missing: Uint8Array.of(0, 1, 0, 0) })),
});

test('protocol_id is the SHA-256 of the sorted-key JSON of what defines the comparison', () => {
  const content =
    '{"candidates":"all","coldUsers":"dropped","cutOffs":[5,10,20,50],"masked":"train","missingFeatures":{},' +
    '"selection":"mean-validation","selectionMetric":"recall@20","task":"held-out","validation":"whole"}';
  expect(protocolId(config, whole)).toBe(createHash('sha256').update(content).digest('hex'));
});

test('it stays the same under another seed, setting, budget, batch, schedule or device', () => {
  const budget = { ...config.budget, epochs: 7, patience: 3, batchSize: 64, learningRate: 0.01 };
  const other = { ...config, seed: config.seed + 1, hyper: { any: 1 }, budget, device: 'cpu' as const, threads: 3 };
  expect(protocolId(other, whole)).toBe(protocolId(config, whole));
});

test('it changes with the preset, the candidate set, the use of validation, the rule for missing features and the task', () => {
  const ids = [
    protocolId(config, whole),
    protocolId({ ...config, protocol: 'mmrec' }, whole),
    protocolId({ ...config, evaluation: { candidates: 'cold-items', validation: 'whole' } }, whole),
    protocolId({ ...config, evaluation: { candidates: 'all', validation: 'nested' } }, whole),
    protocolId(config, lacking('mean')),
    protocolId(config, lacking('zero')),
    protocolId(config, whole, true),
  ];
  expect(new Set(ids).size).toBe(ids.length);
});
