/**
 * Logs of RecBole (utils/logger.py, quick_start.py and trainer.py say what is in them), with or without the colours of a terminal: settings
 * under "… Hyper Parameters:", a line or two an epoch, and at the end the best validation result and the test result of its model.
 */
import { basename } from 'node:path';
import type { LogFile, LogFormat, LogUnit, RawRun, RawValue } from '../log-format.ts';
import { EpochLines } from '../parts/epoch-lines.ts';
import { headOf, messagesOf, resultsIn, textOfLog, type Message } from '../parts/log-text.ts';
import { pythonValue } from '../parts/python-values.ts';

export const recbole: LogFormat = {
  tool: 'recbole',
  find: async (place) => {
    const units: LogUnit[] = [];
    for (const file of place.files) {
      const head = await headOf(file);
      if (head !== undefined && /^(?:General|Training|Evaluation|Dataset|Other) Hyper Parameters:/m.test(withoutTimes(head)))
        units.push({ label: file.relative, weight: file.bytes, read: async () => runOf(file, messagesOf(await textOfLog(file))) });
    }
    return { units };
  },
};

const withoutTimes = (text: string) => text.replace(/^.*?(?:DEBUG|INFO|WARNING|ERROR|CRITICAL) +/gm, '');

function runOf(file: LogFile, messages: readonly Message[]): RawRun {
  const epochs = new EpochLines();
  const settings: Record<string, RawValue> = {};
  const stated: Record<string, number> = {};
  let hasEnd = false;
  for (const message of messages) {
    if (epochs.take(message)) continue;
    const { text } = message;
    if (/Hyper Parameters:/.test(text)) Object.assign(settings, settingsIn(text));
    const [, part = '', values = ''] = /^(best valid|test result)\s*:\s*(.*)/s.exec(text) ?? [];
    if (part === '') continue;
    hasEnd ||= part === 'test result';
    for (const [name, value] of Object.entries(resultsIn(values))) stated[`${part === 'test result' ? 'test' : 'valid'}/${name}`] = value;
  }
  const times = messages.flatMap(({ at }) => (at === undefined ? [] : [at]));
  const name = basename(file.relative).replace(/\.\w+$/, '');
  // LightGCN-ml-100k-Nov-21-2026_10-11-12-1a2b3c.log
  const [, fileModel, fileDataset] = /^(.+?)-(.+)-[A-Z][a-z]{2}-\d{1,2}-\d{4}/.exec(name) ?? [];
  const model = printedModel(messages) ?? fileModel;
  const dataset = printedDataset(messages) ?? fileDataset;
  return {
    name,
    source: file.path,
    ...(model === undefined ? {} : { model }),
    ...(dataset === undefined ? {} : { dataset }),
    state: hasEnd ? 'finished' : 'stopped',
    ...(times.length === 0 ? {} : { startedAt: times[0]!, endedAt: times[times.length - 1]! }),
    settings,
    metrics: epochs.book.metrics,
    ...(epochs.best === undefined ? {} : { bestStep: epochs.best }),
    stated,
    remarks: hasEnd ? [] : ['The log ends before the test result was written'],
  };
}

function settingsIn(text: string): Record<string, RawValue> {
  const found: Record<string, RawValue> = {};
  for (const line of text.split('\n')) {
    const [, key = '', value = ''] = /^(\w[\w.-]*)\s*=\s*(.*)$/.exec(line) ?? [];
    if (key !== '' && value !== 'None') found[key] = pythonValue(value);
  }
  return found;
}

/** A model prints itself as its class with its parts in brackets. */
function printedModel(messages: readonly Message[]): string | undefined {
  for (const { text } of messages) {
    const name = /^([A-Za-z_]\w*)\(\n/.exec(text)?.[1];
    if (name !== undefined) return name;
  }
  return undefined;
}

/** A dataset prints its name above its numbers. */
function printedDataset(messages: readonly Message[]): string | undefined {
  for (const { text } of messages) {
    const name = /^([^\n]+)\nThe number of users/.exec(text)?.[1];
    if (name !== undefined) return name.trim();
  }
  return undefined;
}
