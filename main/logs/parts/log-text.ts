/** Logs of Python's logging module as MMRec and RecBole set it up: a time, a level and a message that may go on over further lines. */
import { readFile } from 'node:fs/promises';
import { basename } from 'node:path';
import { ProblemError } from '#contract/problem.ts';
import type { LogFile, RawMetric } from '../log-format.ts';
import { textHead } from './file-head.ts';

const headBytes = 256 * 1024;
const mostBytes = 256 * 1024 * 1024;
const textName = /(?:^[^.]+|\.(?:log|txt|out))$/i;

export interface Message {
  /** UTC milliseconds, read as local time; absent where the year is not written. */
  readonly at?: number;
  readonly text: string;
}

// Colours of a terminal, which are in what was saved from one.
const colours = /\u001b(?:[@-Z\\-_]|\[[0-?]*[ -/]*[@-~])/g;
const start =
  /^(?:[A-Z][a-z]{2} )?(\d{1,2}) ([A-Z][a-z]{2})(?: (\d{4}))? (\d{2}):(\d{2})(?::(\d{2}))?\s+(?:DEBUG|INFO|WARNING|ERROR|CRITICAL)\s+/;
const months = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'];

/** The beginning of a file that may be a log, without colours; undefined where its name or its bytes say that it is none. */
export async function headOf(file: LogFile): Promise<string | undefined> {
  if (!textName.test(basename(file.relative))) return undefined;
  return (await textHead(file, headBytes))?.replace(colours, '');
}

/** @throws ProblemError logs.too-large */
export async function textOfLog({ path, bytes }: LogFile): Promise<string> {
  if (bytes > mostBytes)
    throw new ProblemError({
      kind: 'data',
      code: 'logs.too-large',
      message: `The log has ${Math.round(bytes / 1e6)} MB; logs are read up to ${Math.round(mostBytes / 1e6)} MB`,
      where: path,
      fix: 'Cut it into one file for each run.',
    });
  return (await readFile(path, 'utf8')).replace(colours, '');
}

/** Lines before the first message belong to none. */
export function messagesOf(text: string): Message[] {
  const messages: { at?: number; text: string }[] = [];
  for (const line of text.split(/\r?\n/)) {
    const found = start.exec(line);
    const last = messages[messages.length - 1];
    if (found !== null) messages.push({ ...timeOf(found), text: line.slice(found[0].length) });
    else if (last !== undefined) last.text += `\n${line}`;
  }
  return messages;
}

function timeOf([, day, month = '', year, hour, minute, second]: RegExpExecArray): { at?: number } {
  const at = months.indexOf(month);
  if (year === undefined || at === -1) return {};
  return { at: new Date(Number(year), at, Number(day), Number(hour), Number(minute), Number(second ?? 0)).getTime() };
}

/** "recall@20: 0.0812    ndcg@20 : 0.0363" and "OrderedDict([('recall@20', 0.0812)])" as numbers by name. */
export function resultsIn(text: string): Record<string, number> {
  const found: Record<string, number> = {};
  const pair = /['"]?([A-Za-z_][\w.-]*(?:@\d+)?)['"]?\s*[:,]\s*(?:np\.\w+\()?(-?(?:\d+\.?\d*|\.\d+)(?:e[+-]?\d+)?|nan|-?inf)\b/gi;
  for (const [, name = '', value = ''] of text.matchAll(pair)) {
    const number = Number(value);
    if (Number.isFinite(number)) found[name] = number;
  }
  return found;
}

/** Series that grow as a log is read. */
export class SeriesBook {
  readonly #series = new Map<string, { steps: number[]; values: number[] }>();

  add(name: string, step: number, value: number): void {
    const series = this.#series.get(name);
    if (series === undefined) this.#series.set(name, { steps: [step], values: [value] });
    else {
      series.steps.push(step);
      series.values.push(value);
    }
  }

  get metrics(): RawMetric[] {
    return [...this.#series].map(([name, points]) => ({ name, ...points }));
  }
}
