/**
 * Logs of MMRec (src/utils/logger.py, quick_start.py and trainer.py say what is in them): the configuration as name=value lines, then for
 * each point of its grid a line that names it, a line or two an epoch, and the best validation result with the test result of that epoch.
 * Each point is a run. Test values are those of MMRec's own evaluator, chosen at its best validation.
 */
import { basename } from 'node:path';
import { unitsOf, type LogFile, type LogFormat, type LogUnit, type RawRun, type RawValue } from '../log-format.ts';
import { EpochLines } from '../parts/epoch-lines.ts';
import { headOf, messagesOf, resultsIn, textOfLog, type Message } from '../parts/log-text.ts';
import { pythonItems, pythonValue } from '../parts/python-values.ts';
import { sharedReading } from '../parts/shared-reading.ts';

const point = /^=+(\d+)\/(\d+): Parameters:(\[.*?\])=(\(.*\))=+\s*$/s;

export const mmrec: LogFormat = {
  tool: 'mmrec',
  find: async (place) => {
    const units: LogUnit[] = [];
    for (const file of place.files) {
      const head = await headOf(file);
      if (head === undefined || !/\u2588\u2588(?:Server|Dir):|=+\d+\/\d+: Parameters:\[/.test(head)) continue;
      units.push(...(await unitsOf(file, () => pointsOf(file))));
    }
    return { units };
  },
};

/** @throws ProblemError logs.too-large */
async function pointsOf(file: LogFile): Promise<LogUnit[]> {
  const points = messagesOf(await textOfLog(file)).filter(({ text }) => point.test(text)).length;
  const messages = sharedReading(Math.max(1, points), async () => messagesOf(await textOfLog(file)));
  return Array.from({ length: Math.max(1, points) }, (_, at) => ({
    label: points > 1 ? `${file.relative}, ${at + 1} of ${points}` : file.relative,
    weight: file.bytes,
    read: async () => runOf(file, await messages(), at),
  }));
}

function runOf(file: LogFile, messages: readonly Message[], wanted: number): RawRun {
  const starts = messages.flatMap(({ text }, at) => (point.test(text) ? [at] : []));
  const from = starts[wanted] ?? 0;
  const own = messages.slice(from, starts[wanted + 1] ?? messages.length);
  const epochs = new EpochLines();
  let best: Record<string, number> | undefined;
  let test: Record<string, number> | undefined;
  for (const message of own) {
    if (epochs.take(message)) continue;
    const { text } = message;
    if (text.includes('Best validation results updated')) epochs.best = epochs.evaluated;
    else if (text.startsWith('best valid result:')) best ??= resultsIn(text.slice('best valid result:'.length));
    else if (text.startsWith('test result:') && best !== undefined) test ??= resultsIn(text.slice('test result:'.length));
  }
  const { model, dataset, ...settings } = settingsOf(messages, own[0]?.text ?? '');
  const name = basename(file.relative).replace(/\.\w+$/, '');
  const times = own.flatMap(({ at }) => (at === undefined ? [] : [at]));
  return {
    name: starts.length > 1 ? `${name} (${wanted + 1} of ${starts.length})` : name,
    source: file.path,
    ...(model === undefined ? {} : { model: String(model) }),
    ...(dataset === undefined ? {} : { dataset: String(dataset) }),
    state: best === undefined ? 'stopped' : 'finished',
    ...(times.length === 0 ? {} : { startedAt: times[0]!, endedAt: times[times.length - 1]! }),
    settings,
    metrics: epochs.book.metrics,
    ...(epochs.best === undefined ? {} : { bestStep: epochs.best }),
    stated: { ...named('valid', best), ...named('test', test) },
    remarks: best === undefined ? ['The log ends before the best result was written'] : [],
  };
}

const named = (part: string, values: Readonly<Record<string, number>> | undefined) =>
  Object.fromEntries(Object.entries(values ?? {}).map(([name, value]) => [`${part}/${name}`, value]));

/** The configuration, and over it what the point of the grid has chosen. */
function settingsOf(messages: readonly Message[], start: string): Record<string, RawValue> {
  const settings: Record<string, RawValue> = {};
  const printed = messages.find(({ text }) => /^\s*\n[\w.-]+=/.test(text) && /^model=/m.test(text));
  for (const line of printed?.text.split('\n') ?? []) {
    const [, key = '', value = ''] = /^([\w.-]+)=(.*)$/.exec(line) ?? [];
    if (key !== '' && value !== 'None' && key !== 'hyper_parameters') settings[key] = pythonValue(value);
  }
  const [, , , names = '', values = ''] = point.exec(start) ?? [];
  const chosen = pythonItems(values) ?? [];
  for (const [at, name] of (pythonItems(names) ?? []).entries()) {
    const value = chosen[at];
    if (value !== undefined && value !== 'None') settings[String(pythonValue(name))] = pythonValue(value);
  }
  return settings;
}
