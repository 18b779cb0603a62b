import { cpus } from 'node:os';
import { version_core as coreVersion } from '@tensorflow/tfjs-core';
import { protocolContent } from '#contract/protocol.ts';
import type { Provenance, RunConfig } from '#contract/run.ts';
import type { Dataset } from '#data/dataset.ts';
import { plannedMode } from '#engine/ops/train-step.ts';
import type { Model } from '#models/define-model.ts';
import { hashOf } from './identity.ts';
import type { TrainOptions } from './session.ts';

function orderOf({ dataset, config, findModel }: TrainOptions): Pick<Provenance, 'sequenceHash'> {
  const { sequenceHash } = dataset.fingerprint;
  return sequenceHash === undefined || findModel(config.model).card.task !== 'next-item' ? {} : { sequenceHash };
}

/** Names what defines the comparison a run belongs to; equal for runs that may share a table. */
export function protocolId(config: RunConfig, { modalities }: Pick<Dataset, 'modalities'>, isNextItem = false): string {
  const lacking = modalities.filter(({ missing }) => missing.includes(1));
  return hashOf(
    protocolContent(config, { filled: Object.fromEntries(lacking.map(({ name, filledBy }) => [name, filledBy ?? 'kept'])), isNextItem }),
  );
}

/** What ran, as far as it is known when training starts. Kernels that fall back later, and steps that could not be compiled, are in the finished event. */
export function provenanceOf(options: TrainOptions, model: Model): Provenance {
  const { device, dataset, config, codeVersion, findModel } = options;
  return {
    codeVersion,
    libraries: { node: process.versions.node, v8: process.versions.v8, '@tensorflow/tfjs-core': coreVersion },
    device: `${device.id}: ${device.name}`,
    deviceVersion: device.version,
    threads: device.threads,
    platform: `${process.platform} ${process.arch}`,
    processor: cpus()[0]?.model.trim() ?? 'unknown',
    fallbacks: [...device.fallbacks()],
    compile: plannedMode(),
    splitHash: dataset.fingerprint.splitHash,
    ...orderOf(options),
    featureHashes: Object.fromEntries(dataset.modalities.map(({ name, hash }) => [name, hash])),
    protocolId: protocolId(config, dataset, findModel(config.model).card.task === 'next-item'),
    itemGraph: config.itemGraph,
    model: { ...model.record },
  };
}
