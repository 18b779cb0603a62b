/** What the devices of a run were busy with, as line charts over time. Pure. */
import { meterNames, type MeterName, type MeterTrace } from '#contract/meter.ts';
import { bytes, duration } from '#renderer/locales/format.ts';
import type { ChartAxis, LineChartSpec } from './line.ts';
import { valueAxis } from './run-curves.ts';
import { niceTicks } from './ticks.ts';

export interface MeterCurve {
  readonly name: MeterName;
  readonly title: string;
  /** What the number is, for hover. */
  readonly definition: string;
  readonly highest: string;
  readonly spec: LineChartSpec;
}

interface MeterWords {
  readonly title: string;
  readonly definition: string;
  readonly format: (value: number) => string;
}

const words: Readonly<Record<MeterName, MeterWords>> = {
  cores: {
    title: 'Cores busy',
    definition: 'Processor cores that the training process kept busy',
    format: (value) => value.toFixed(1),
  },
  memoryBytes: { title: 'Memory of the process', definition: 'Main memory of the training process, program included', format: bytes },
  utilisation: {
    title: 'GPU utilisation',
    definition: 'Share of the time in which anything ran on the graphics processor, as its driver says',
    format: (value) => `${Math.round(value)} %`,
  },
  usedBytes: { title: 'GPU memory', definition: 'Memory of the graphics processor that all programs hold', format: bytes },
  celsius: { title: 'GPU temperature', definition: 'As the driver says', format: (value) => `${Math.round(value)} °C` },
  watts: { title: 'GPU power', definition: 'What the graphics processor draws', format: (value) => `${Math.round(value)} W` },
};

/** One chart for each quantity that was told; none where the trace is too short to be a line. */
export function meterCurves(trace: MeterTrace): MeterCurve[] {
  const last = trace.seconds[trace.seconds.length - 1] ?? 0;
  if (trace.seconds.length < 2 || last <= 0) return [];
  return meterNames.flatMap((name): MeterCurve[] => {
    const column = trace.values[name];
    if (column === undefined) return [];
    const { title, definition, format } = words[name];
    const told = trace.seconds.flatMap((x, at) => {
      const y = column[at];
      return typeof y === 'number' ? [{ x, y }] : [];
    });
    if (told.length < 2) return [];
    const points = { x: told.map(({ x }) => x), y: told.map(({ y }) => y) };
    const highest = format(Math.max(...points.y));
    return [
      {
        name,
        title,
        definition,
        highest,
        spec: {
          lines: [{ id: name, label: title, points, colour: 'accent' }],
          x: { min: 0, max: last, ticks: niceTicks(0, last, 3, true), format: duration },
          y: meterAxis(points.y, format),
          summary: `${title} over ${duration(last)}, at most ${highest}`,
        },
      },
    ];
  });
}

/** Lines at round numbers in as many decimals as tell them apart; where the unit rounds them to the same words, the first of each. */
function meterAxis(values: readonly number[], format: (value: number) => string): ChartAxis {
  const axis = valueAxis([values]);
  const ticks = axis.ticks ?? [];
  const said = ticks.map(format);
  // A count has no unit that rounds it.
  if (said.every((text) => Number.isFinite(Number(text)))) return axis;
  return { ...axis, ticks: ticks.filter((_, at) => said.indexOf(said[at]!) === at), format };
}

/** Rows of a table that reads at a glance. */
const mostRows = 60;

/** The same as a table: a row a moment, of many only some, and a column a quantity in its unit; empty where nothing was told. */
export function meterRows(curves: readonly MeterCurve[]): readonly (readonly string[])[] {
  const told = curves.map(({ spec }) => {
    const { x, y } = spec.lines[0]!.points;
    return new Map(Array.from(x, (at, place) => [at, y[place]!]));
  });
  const moments = [...new Set(told.flatMap((values) => [...values.keys()]))].sort((a, b) => a - b);
  const every = Math.max(1, Math.ceil(moments.length / mostRows));
  return moments
    .filter((_, at) => at % every === 0 || at === moments.length - 1)
    .map((moment) => [
      duration(moment),
      ...told.map((values, at) => (values.has(moment) ? words[curves[at]!.name].format(values.get(moment)!) : '')),
    ]);
}
