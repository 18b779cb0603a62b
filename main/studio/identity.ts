/** Names for things: configurations by what they are, runs and experiments by chance. */
import { createHash, randomBytes } from 'node:crypto';
import type { DatasetSummary } from '#contract/dataset.ts';
import type { External } from '#contract/external.ts';
import type { RunConfig } from '#contract/run.ts';

/** JSON with sorted keys, so that equal values have equal text. */
export function canonical(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(canonical).join(',')}]`;
  if (typeof value === 'object' && value !== null) {
    const entries = Object.entries(value).filter(([, entry]) => entry !== undefined);
    return `{${entries
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([key, entry]) => `${JSON.stringify(key)}:${canonical(entry)}`)
      .join(',')}}`;
  }
  return JSON.stringify(value);
}

const hash = (value: unknown) => createHash('sha256').update(canonical(value)).digest('hex').slice(0, 16);

/** Names a configuration: what it computes, on whichever dataset, with whichever seed, device and threads. A preset is its values, a model of one's own its source. */
export function configurationHash({ model, source, hyper, budget, protocol, evaluation, itemGraph, external }: RunConfig): string {
  return hash({
    model,
    source,
    hyper,
    budget,
    protocol,
    evaluation,
    itemGraph,
    external: external === undefined ? undefined : externalIdentity(external),
  });
}

/** What of a model of one's own decides what it computes. Files are those of one seed, so they name a run and not its configuration. */
function externalIdentity(external: External): unknown {
  return external.kind === 'command'
    ? { kind: external.kind, command: external.command, folder: external.folder }
    : { kind: external.kind, form: external.form };
}

/** Equal where split, features and graphs are equal, so that a known run may stand in for a new one. */
export function dataHash(summary: DatasetSummary): string {
  const { fingerprint, modalities, graphs, knowledge } = summary;
  return hash({ split: fingerprint.splitHash, order: fingerprint.sequenceHash, modalities, graphs, knowledge });
}

// No vowels and no look-alikes: ids are read aloud and typed.
const letters = '23456789bcdfghjkmnpqrstvwxz';

/** "run-4k7xq2mb": eight signs of 27, drawn by chance. */
export function newId(prefix: 'run' | 'exp'): string {
  const bytes = randomBytes(10);
  let id = '';
  for (const byte of bytes) id += letters[byte % letters.length];
  return `${prefix}-${id.slice(0, 8)}`;
}
