/**
 * TensorBoard event files (tensorflow/core/util/event.proto, tensorboard/plugins/hparams): each folder with such files is a run. Read are
 * scalars in both forms, as a simple value and as a tensor, and the settings and the end that the hparams plugin keeps. Pictures,
 * histograms and texts are passed over and counted.
 */
import { basename, dirname, join } from 'node:path';
import { grouped } from '#contract/grouped.ts';
import type { LogFile, LogFormat, LogPlace, RawRun, RawValue } from '../log-format.ts';
import { damaged } from '../parts/damaged.ts';
import { SeriesBook } from '../parts/log-text.ts';
import { doubleOf, fieldsOf, floatOf, textOf } from '../parts/protobuf.ts';
import { copyAnew, readRecords } from '../parts/tfrecord.ts';
import { scalarOf } from '../parts/tensor-proto.ts';

const isEventFile = ({ relative }: LogFile) => basename(relative).includes('.tfevents.');

export const tensorboard: LogFormat = {
  tool: 'tensorboard',
  find: (place) => {
    const folders = grouped(place.files.filter(isEventFile), ({ relative }) => dirname(relative));
    const units = [...folders].map(([folder, files]) => ({
      label: folder === '.' ? place.root : folder,
      weight: files.reduce((sum, { bytes }) => sum + bytes, 0),
      read: () => readRun(place, folder, files),
    }));
    return Promise.resolve({ units });
  },
};

async function readRun(place: LogPlace, folder: string, files: readonly LogFile[]): Promise<RawRun> {
  const run = new Events();
  const remarks: string[] = [];
  // Names begin with the time of their start: a run that went on later wrote a further file.
  for (const file of [...files].sort((a, b) => (basename(a.relative) < basename(b.relative) ? -1 : 1))) {
    const cut = await readRecords(file.path, (record, at) => run.take(record, `${file.path}: byte ${at}`));
    if (cut !== undefined) remarks.push(`${basename(file.relative)} ends inside a record at byte ${cut}; all before it was read`);
  }
  if (run.passed > 0) remarks.push(`${run.passed} summaries that are no scalars were passed over`);
  return {
    name: folder === '.' ? basename(place.root) : folder,
    source: folder === '.' ? place.root : join(place.root, folder),
    ...run.ends(),
    settings: run.settings,
    metrics: run.book.metrics,
    remarks,
  };
}

/** What the events of a run say, taken one by one. */
class Events {
  readonly settings: Record<string, RawValue> = {};
  readonly book = new SeriesBook();
  passed = 0;
  /** By tag: a writer may name the plugin with the first value alone. */
  readonly #plugins = new Map<string, string>();
  #first: number | undefined;
  #last: number | undefined;
  #status: number | undefined;

  /** @throws ProblemError logs.damaged with the place */
  take(record: Uint8Array, place: string): void {
    try {
      this.#event(record);
    } catch (error) {
      if (!(error instanceof RangeError)) throw error;
      throw damaged(place, `The record is no event: ${error.message}`, copyAnew);
    }
  }

  /** Wall times are seconds. A status of 2 is a failure, of 3 or none a run that did not say how it ended. */
  ends(): Pick<RawRun, 'startedAt' | 'endedAt' | 'state'> {
    return {
      ...(this.#first === undefined ? {} : { startedAt: this.#first * 1000 }),
      ...(this.#last === undefined ? {} : { endedAt: this.#last * 1000 }),
      ...(this.#status === 2 ? { state: 'failed' as const } : {}),
    };
  }

  #event(record: Uint8Array): void {
    let step = 0;
    let time: number | undefined;
    const summaries: Uint8Array[] = [];
    for (const field of fieldsOf(record)) {
      if (field.number === 1 && field.wire === 1) time = doubleOf(field.bytes);
      else if (field.number === 2 && field.wire === 0) step = field.value;
      else if (field.number === 5 && field.wire === 2) summaries.push(field.bytes);
    }
    if (time !== undefined && Number.isFinite(time) && time > 0) {
      this.#first = Math.min(this.#first ?? time, time);
      this.#last = Math.max(this.#last ?? time, time);
    }
    for (const summary of summaries)
      for (const field of fieldsOf(summary)) if (field.number === 1 && field.wire === 2) this.#value(field.bytes, step);
  }

  #value(message: Uint8Array, step: number): void {
    let tag = '';
    let simple: number | undefined;
    let tensor: Uint8Array | undefined;
    let plugin: { readonly name: string; readonly content: Uint8Array } | undefined;
    for (const field of fieldsOf(message)) {
      if (field.number === 1 && field.wire === 2) tag = textOf(field.bytes);
      else if (field.number === 2 && field.wire === 5) simple = floatOf(field.bytes);
      else if (field.number === 8 && field.wire === 2) tensor = field.bytes;
      else if (field.number === 9 && field.wire === 2) plugin = pluginOf(field.bytes);
    }
    if (plugin !== undefined) this.#plugins.set(tag, plugin.name);
    const name = plugin?.name ?? this.#plugins.get(tag);
    if (name === 'hparams') return this.#hparams(plugin?.content ?? new Uint8Array(0));
    const isScalar = name === undefined || name === '' || name === 'scalars';
    const value = simple ?? (tensor === undefined || !isScalar ? undefined : scalarOf(tensor));
    if (value === undefined) this.passed += 1;
    else this.book.add(tag, step, value);
  }

  /** HParamsPluginData: what a session started with, and how it ended. */
  #hparams(content: Uint8Array): void {
    for (const field of fieldsOf(content)) {
      if (field.wire !== 2) continue;
      if (field.number === 3)
        for (const entry of fieldsOf(field.bytes)) if (entry.number === 1 && entry.wire === 2) this.#setting(entry.bytes);
      if (field.number === 4)
        for (const entry of fieldsOf(field.bytes)) if (entry.number === 1 && entry.wire === 0) this.#status = entry.value;
    }
  }

  /** A map entry of a name and a google.protobuf.Value: a number, a text, or true and false. */
  #setting(entry: Uint8Array): void {
    let key = '';
    let value: RawValue | undefined;
    for (const field of fieldsOf(entry)) {
      if (field.number === 1 && field.wire === 2) key = textOf(field.bytes);
      if (field.number !== 2 || field.wire !== 2) continue;
      for (const part of fieldsOf(field.bytes)) {
        if (part.number === 2 && part.wire === 1) value = doubleOf(part.bytes);
        else if (part.number === 3 && part.wire === 2) value = textOf(part.bytes);
        else if (part.number === 4 && part.wire === 0) value = part.value !== 0;
      }
    }
    if (key !== '' && value !== undefined) this.settings[key] = value;
  }
}

/** SummaryMetadata.plugin_data. */
function pluginOf(metadata: Uint8Array): { name: string; content: Uint8Array } | undefined {
  for (const field of fieldsOf(metadata)) {
    if (field.number !== 1 || field.wire !== 2) continue;
    let name = '';
    let content: Uint8Array = new Uint8Array(0);
    for (const part of fieldsOf(field.bytes)) {
      if (part.number === 1 && part.wire === 2) name = textOf(part.bytes);
      else if (part.number === 2 && part.wire === 2) content = part.bytes;
    }
    return { name, content };
  }
  return undefined;
}
