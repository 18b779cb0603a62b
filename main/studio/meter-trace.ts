/** What a run's devices were busy with over time, kept beside it in a file that never grows beyond some hundred points. */
import { existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import * as v from 'valibot';
import { meterNames, meterTraceSchema, type MeterName, type MeterTrace } from '#contract/meter.ts';

const fileName = 'meters.json';
/** When so many points are there, two neighbours become one, and from then on a point stands for twice the time. */
const mostPoints = 600;
const savedEvery = 30;

type Sample = Partial<Record<MeterName, number>>;

interface Point {
  readonly seconds: number;
  readonly sample: Sample;
}

/** Means over stretches of time. Pure but for its file. */
export class RunTrace {
  readonly #folder: string;
  #points: Point[] = [];
  /** Seconds that a point stands for, at least. */
  #stretch = 1;
  #open: Point[] = [];
  readonly #before: number;
  readonly #beganAt: number;
  #graphics: string | undefined;
  #unsaved = 0;

  /** A run that goes on continues its trace, the time in between left out. */
  constructor(folder: string, now: number) {
    this.#folder = folder;
    this.#beganAt = now;
    const former = readTrace(folder);
    this.#points = former.seconds.map((seconds, at) => ({ seconds, sample: sampleAt(former, at) }));
    this.#before = former.seconds[former.seconds.length - 1] ?? 0;
    this.#graphics = former.graphics;
    const [last, first] = [this.#points[this.#points.length - 1], this.#points[0]];
    if (last !== undefined && first !== undefined && this.#points.length > 1)
      this.#stretch = Math.max(1, (last.seconds - first.seconds) / (this.#points.length - 1));
  }

  add(sample: Sample, now: number, graphics?: string): void {
    this.#graphics = graphics ?? this.#graphics;
    const seconds = this.#before + Math.max(0, now - this.#beganAt) / 1000;
    const since = this.#open[0]?.seconds ?? seconds;
    this.#open.push({ seconds, sample });
    if (seconds - since < this.#stretch) return;
    this.#close();
    if (++this.#unsaved >= savedEvery) this.save();
  }

  #close(): void {
    if (this.#open.length === 0) return;
    this.#points.push(meanOf(this.#open));
    this.#open = [];
    if (this.#points.length < mostPoints) return;
    this.#points = paired(this.#points);
    this.#stretch *= 2;
  }

  /** Writes what is known; a full disk costs the trace and nothing else. */
  save(): void {
    this.#close();
    this.#unsaved = 0;
    if (this.#points.length === 0) return;
    try {
      mkdirSync(this.#folder, { recursive: true });
      const file = join(this.#folder, fileName);
      writeFileSync(`${file}.new`, JSON.stringify(this.trace));
      renameSync(`${file}.new`, file);
    } catch {
      return;
    }
  }

  get trace(): MeterTrace {
    const points = this.#open.length === 0 ? this.#points : [...this.#points, meanOf(this.#open)];
    const known = meterNames.filter((name) => points.some(({ sample }) => sample[name] !== undefined));
    return {
      seconds: points.map(({ seconds }) => rounded(seconds)),
      values: Object.fromEntries(
        known.map((name) => [name, points.map(({ sample: { [name]: value } }) => (value === undefined ? null : rounded(value)))]),
      ),
      ...(this.#graphics === undefined ? {} : { graphics: this.#graphics }),
    };
  }
}

/** Empty where nothing was kept, or nothing that can be read. */
export function readTrace(folder: string): MeterTrace {
  const nothing: MeterTrace = { seconds: [], values: {} };
  const file = join(folder, fileName);
  if (!existsSync(file)) return nothing;
  try {
    const trace = v.parse(meterTraceSchema, JSON.parse(readFileSync(file, 'utf8')));
    return Object.values(trace.values).every(({ length }) => length === trace.seconds.length) ? trace : nothing;
  } catch {
    return nothing;
  }
}

function sampleAt(trace: MeterTrace, at: number): Sample {
  const sample: Sample = {};
  for (const name of meterNames) {
    const value = trace.values[name]?.[at];
    if (typeof value === 'number') sample[name] = value;
  }
  return sample;
}

function paired(points: readonly Point[]): Point[] {
  const halves: Point[] = [];
  for (let at = 0; at < points.length; at += 2) halves.push(meanOf(points.slice(at, at + 2)));
  return halves;
}

/** Memory is its highest value, so that a peak stays; all else is a mean. */
function meanOf(points: readonly Point[]): Point {
  const sample: Sample = {};
  for (const name of meterNames) {
    const values = points.flatMap(({ sample: { [name]: value } }) => (value === undefined ? [] : [value]));
    if (values.length === 0) continue;
    const isPeak = name === 'memoryBytes' || name === 'usedBytes';
    sample[name] = isPeak ? Math.max(...values) : values.reduce((sum, value) => sum + value, 0) / values.length;
  }
  return { seconds: points[points.length - 1]!.seconds, sample };
}

const rounded = (value: number) => Math.round(value * 100) / 100;
