/** What the file store and the SQL stores of MLflow have in common: the words of a run's end, and steps that nobody wrote. */
import { ProblemError } from '#contract/problem.ts';
import type { RawMetric, RawRun, RawValue } from '../log-format.ts';
import { exactNumber } from './exact-number.ts';

export interface LoggedPoint {
  readonly step: number;
  readonly time: number;
  readonly value: number;
}

/** RunStatus of MLflow, as the file store numbers it and the SQL stores write it. */
const states: Readonly<Record<string, RawRun['state']>> = {
  1: 'stopped',
  2: 'stopped',
  3: 'finished',
  4: 'failed',
  5: 'stopped',
  RUNNING: 'stopped',
  SCHEDULED: 'stopped',
  FINISHED: 'finished',
  FAILED: 'failed',
  KILLED: 'stopped',
};

/** A run as either store holds it. */
export interface MlflowRun {
  readonly id: string;
  readonly name: string | undefined;
  readonly experiment: string | undefined;
  /** Where the run lies, as it is shown and as a problem names it. */
  readonly source: string;
  readonly where: string;
  readonly stage: unknown;
  readonly status: unknown;
  /** UTC milliseconds. */
  readonly start: unknown;
  readonly end: unknown;
  readonly params: ReadonlyMap<string, string>;
  readonly tags: ReadonlyMap<string, string>;
  readonly metrics: readonly RawMetric[];
}

/** @throws ProblemError logs.deleted for a run that was deleted in MLflow */
export function rawRun({ id, name, experiment, source, where, stage, status, start, end, params, tags, metrics }: MlflowRun): RawRun {
  const title = name || tags.get('mlflow.runName') || id;
  if (stage === 'deleted') throw deletedRun(title, where);
  const { state, remarks } = endOf(status);
  const note = tags.get('mlflow.note.content');
  return {
    name: experiment === undefined || experiment === '' || experiment === 'Default' ? title : `${experiment}/${title}`,
    source,
    state,
    remarks,
    ...timesOf(start, end),
    settings: Object.fromEntries([...params].map(([key, value]) => [key, parameterOf(value)])),
    metrics,
    tags: tagWords(tags),
    ...(note === undefined ? {} : { note }),
  };
}

function timesOf(start: unknown, end: unknown): Pick<RawRun, 'startedAt' | 'endedAt'> {
  const time = (value: unknown) => (typeof value === 'number' && value > 0 ? value : undefined);
  const [startedAt, endedAt] = [time(start), time(end)];
  return { ...(startedAt === undefined ? {} : { startedAt }), ...(endedAt === undefined ? {} : { endedAt }) };
}

function endOf(status: unknown): { readonly state: NonNullable<RawRun['state']>; readonly remarks: readonly string[] } {
  const state = states[String(status)] ?? 'stopped';
  return { state, remarks: state === 'finished' ? [] : [`MLflow says of its end: ${statusWords[String(status)] ?? String(status)}`] };
}

const statusWords: Readonly<Record<string, string>> = { 1: 'RUNNING', 2: 'SCHEDULED', 4: 'FAILED', 5: 'KILLED' };

/** Points in the order of their times. Where none was given a step (all are 0), they are counted. */
export function metricOf(name: string, points: readonly LoggedPoint[]): RawMetric {
  const sorted = [...points].sort((a, b) => a.step - b.step || a.time - b.time);
  const isCounted = sorted.length > 1 && sorted.every(({ step }) => step === 0);
  return {
    name,
    steps: sorted.map(({ step }, at) => (isCounted ? at + 1 : step)),
    values: sorted.map(({ value }) => value),
    ...(isCounted ? { hasNoSteps: true } : {}),
  };
}

/** A parameter is text to MLflow: numbers are numbers again. */
export function parameterOf(text: string): RawValue {
  const word = text.trim();
  if (word === 'True' || word === 'true') return true;
  if (word === 'False' || word === 'false') return false;
  return exactNumber(word) ?? text;
}

/** Tags that people gave; those of MLflow itself begin with its name. */
function tagWords(tags: ReadonlyMap<string, string>): string[] {
  return [...tags].flatMap(([key, value]) => (key.startsWith('mlflow.') ? [] : [`${key}: ${value}`.slice(0, 80)]));
}

function deletedRun(name: string, place: string): ProblemError {
  return new ProblemError({
    kind: 'data',
    code: 'logs.deleted',
    message: `The run ${name} was deleted in MLflow`,
    where: place,
    fix: 'Restore it there, if it shall be imported: mlflow runs restore.',
  });
}
